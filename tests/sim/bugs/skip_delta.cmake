# Now and then a delta goes out without what has changed.
set(source aggregator/feed.c)
set(sees "snapshot, then deltas")
plant([=[
	for (size_t i = 0; i < count; i++)
		(void)v->source->add(f, v, slots[i]);
]=] [=[
	for (size_t i = 0; i < count && v->seq % 10 != 9; i++)
		(void)v->source->add(f, v, slots[i]);
]=])

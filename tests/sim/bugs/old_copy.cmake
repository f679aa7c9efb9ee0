# An old copy of an outbox takes the aggregator's cursor for its own.
set(source collector/uplink.c)
set(sees "that was never written|no chain beyond the outbox|stored byte for byte")
plant([=[
	if (!agrees(u, w->committed, w->chain))
		return;
]=] [=[
	(void)agrees;
]=])

# An old copy of an outbox takes the aggregator's cursor for its own.
set(source collector/uplink.c)
set(sees "that was never written|no chain beyond the outbox")
plant([=[
	if (!agrees(u, w->committed, w->chain))
		return;
]=] [=[
	(void)agrees;
]=])

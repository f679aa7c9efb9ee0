# Every other transaction leaves the streams' cursors where they were.
set(source race/store.c)
set(program palmares-aggregator)
set(scenario kill-aggregator)
set(sees "not within|ended with|between the cursor and the last")
plant([=[
	rc = put_streams(s);
	if (rc == SQLITE_OK)
]=] [=[
	rc = s->log % 2 ? SQLITE_OK : put_streams(s);
	if (rc == SQLITE_OK)
]=])

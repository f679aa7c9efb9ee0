# A batch that was sent again is stored again.
set(source aggregator/intake.c)
set(sees "neither hole nor double")
plant([=[
	take(in, st, b, known, chain);
	acknowledge(in, st);
]=] [=[
	take(in, st, b, 0, chain);
	acknowledge(in, st);
]=])

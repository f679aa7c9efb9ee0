# A collector says that its clock is known four times as well as it is.
set(source collector/clockwork.c)
set(sees "right within its bound")
plant([=[
	out->bound_us = clockfit_bound(&e, stamp->boot_us);
]=] [=[
	out->bound_us = clockfit_bound(&e, stamp->boot_us) / 4 + 1;
]=])

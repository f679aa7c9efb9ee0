# Rankings take what the wall clock of a laptop said.
set(source race/rank/clocks.c)
set(sees "right within its bound|is the model's")
plant([=[
	if (s->own.bound_us > 0)
		return s->own;
	if (s->best.time_us != RACE_NO_TIME)
		return s->best;
]=] [=[
	if (s->own.bound_us > 0)
		return (struct clocks_moment){ s->raw_us, s->own.bound_us };
	if (s->best.time_us != RACE_NO_TIME)
		return (struct clocks_moment){ s->raw_us, s->best.bound_us };
]=])

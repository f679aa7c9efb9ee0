# Of two words about one bib the one that comes last holds, not the one that was
# said last.
set(source race/roster.c)
set(sees "is the model's|rows of the model|whatever the order")
plant([=[
	if (made_us != p->made_us)
		return made_us > p->made_us;
]=] [=[
	if (made_us != p->made_us)
		return true;
]=])

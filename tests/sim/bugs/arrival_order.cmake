# Of two words about one bib the one that comes last holds, not the one that was
# said last.
set(source race/roster.c)
set(sees "is the model's|rows of the model|whatever the order|another digest of")
plant([=[
	if (w->made_us != made_us)
		return w->made_us > made_us;
]=] [=[
	if (w->made_us != made_us)
		return true;
]=])

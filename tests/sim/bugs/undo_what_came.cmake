# An undo is good for what came before it, not for what was decided before it.
set(source race/rulings.c)
set(sees "is the model's|rows of the model|whatever the order")
plant([=[
		n += by->holds && rulings_before(it, by);
]=] [=[
		n += by->holds && by > it;
]=])

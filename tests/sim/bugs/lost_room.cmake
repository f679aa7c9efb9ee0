# What found no room counts as taken.
set(source aggregator/intake.c)
set(sees "neither hole nor double|commit before ack|nothing is lost")
plant([=[
			st->left = true;
			return;
		}
		st->cursor = b->first + i;
]=] [=[
			st->left = true;
		}
		st->cursor = b->first + i;
]=])

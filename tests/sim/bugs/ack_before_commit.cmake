# The acknowledgement goes out with the batch, not with the commit.
set(source aggregator/intake.c)
set(sees "commit before ack")
plant([=[
	if (uncommitted(st)) {
		st->ack_due = true;
]=] [=[
	st->committed = st->cursor;
	st->committed_chain = st->chain;
	if (uncommitted(st)) {
		st->ack_due = true;
]=])

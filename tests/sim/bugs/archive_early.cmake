# An outbox is put aside whatever waits in it.
set(source tests/sim/collector_node.c)
set(sees "ack before trim: collector . archives")
plant([=[
	if (box->acked_saved < box->durable) {
]=] [=[
	if (box->acked_saved > box->durable) {
]=])

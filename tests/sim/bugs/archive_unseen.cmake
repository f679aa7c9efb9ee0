# An outbox is put aside whatever waits in it, and nobody looks at that moment:
# what was never sent is missed at the end.
set(source tests/sim/collector_node.c)
set(sees "nothing is lost: stream")
plant([=[
	if (box->acked_saved < box->durable) {
]=] [=[
	if (box->acked_saved > box->durable) {
]=])
plant([=[
	SIM_HOLDS(box->durable <= stored(n, box),
]=] [=[
	SIM_HOLDS(box->durable > 0,
]=])

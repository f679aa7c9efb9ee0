# The uplink hears of events before they are on the disk.
set(source tests/sim/collector_node.c)
set(sees "fsync before send|no chain beyond the outbox")
plant([=[
	if (commit(n))
		uplink_turn(]=] [=[
	uplink_journaled(n->uplink, n->box->count);
	uplink_turn(n->uplink, c->now_us, boot_us(n));
	if (commit(n))
		uplink_turn(]=])

# What was sent counts as acknowledged, and may be forgotten.
set(source collector/uplink.c)
set(sees "ack before trim")
plant([=[
	if (last > u->sent)
		u->sent = last;
}
]=] [=[
	if (last > u->sent)
		u->sent = last;
	set_acked(u, last);
}
]=])

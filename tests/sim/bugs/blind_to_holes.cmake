# A display applies deltas that do not follow what it has, and believes what
# comes of it.
set(source race/replica.c)
set(sees "snapshot, then deltas")
plant([=[
	} else if (d->from > c->seq) {
		hole(r, now_us);
]=] [=[
	} else if (false) {
		hole(r, now_us);
]=])
plant([=[
	return mine == c->digest;
]=] [=[
	return mine != 0 || c->digest != 0 || true;
]=])

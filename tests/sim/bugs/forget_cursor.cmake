# The streams' cursors are stored by a transaction of their own, after that of
# the events: a crash between the two leaves them one commit behind.
set(source tests/sim/aggregator_node.c)
set(sees "ack before trim|stored twice|neither hole nor double")
plant([=[
static void
make_durable(struct sim_aggregator *n)
{
]=] [=[
static struct sim_stream before[SIM_STREAMS_MAX];

static void
make_durable(struct sim_aggregator *n)
{
	memcpy(before, n->saved.streams, sizeof before);
]=])
plant([=[
	roll_back(n);
	n->now.stream_count = n->saved.stream_count;
]=] [=[
	for (size_t i = 1; i < n->saved.stream_count; i++) {
		n->saved.streams[i].cursor = before[i].cursor;
		n->saved.streams[i].chain = before[i].chain;
	}
	roll_back(n);
	n->now.stream_count = n->saved.stream_count;
]=])

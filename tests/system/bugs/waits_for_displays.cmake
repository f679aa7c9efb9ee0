# An aggregator that waits until each display has room for what it is told.
set(source aggregator/hub_zmq.c)
set(program palmares-aggregator)
set(scenario slow-display)
set(sees "acks delayed|not within")
plant([=[
	int own = type == ZMQ_XPUB ? ZMQ_XPUB_VERBOSER : ZMQ_ROUTER_MANDATORY;

]=] [=[
	int own = type == ZMQ_XPUB ? ZMQ_XPUB_VERBOSER : ZMQ_ROUTER_MANDATORY;

	if (type == ZMQ_XPUB)
		zmq_setsockopt(socket, ZMQ_XPUB_NODROP, &one, sizeof one);
]=])
plant([=[
	if (zmq_send(socket, topic, strlen(topic), ZMQ_SNDMORE | ZMQ_DONTWAIT) <
	    0)
		return;
	zmq_send(socket, data, len, ZMQ_DONTWAIT);
]=] [=[
	if (zmq_send(socket, topic, strlen(topic), ZMQ_SNDMORE) < 0)
		return;
	zmq_send(socket, data, len, 0);
]=])

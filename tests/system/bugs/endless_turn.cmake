# A turn that takes whatever has come, as long as more comes.
set(source aggregator/engine.c)
set(program palmares-aggregator)
set(scenario flood)
set(sees "acks delayed|not within|goes first")
plant([=[
	     i < TURN_MESSAGES && events < TURN_EVENTS; i++) {
]=] [=[
	     i <= TURN_MESSAGES || events <= TURN_EVENTS || true; i++) {
]=])

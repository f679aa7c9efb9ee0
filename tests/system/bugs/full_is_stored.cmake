# What a full disk did not take is acknowledged all the same.
set(source aggregator/engine.c)
set(program palmares-aggregator)
set(scenario full-store)
set(sees "lost [1-9]")
plant([=[
	if (may_wait(rc))
		begin_trouble(e, rc, now_us);
]=] [=[
	if (may_wait(rc)) {
		begin_trouble(e, rc, now_us);
		intake_recovered(e->intake);
		return true;
	}
]=])

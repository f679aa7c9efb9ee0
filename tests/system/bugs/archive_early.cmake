# An outbox is put aside whatever waits in it.
set(source collector/outbox.c)
set(program palmares-collector)
set(scenario archive)
set(sees "lost [1-9][^\n]*archived with")
plant([=[
	if (o->acked < o->committed)
		return err_set(err, -EBUSY,
]=] [=[
	if (o->acked > o->committed)
		return err_set(err, -EBUSY,
]=])

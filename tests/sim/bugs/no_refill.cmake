# A collector never goes back behind what was once acknowledged, though the
# aggregator was restored from an older copy.
set(source collector/uplink.c)
set(sees "delivers within two minutes|nothing is lost")
plant([=[
	set_acked(u, w->committed);
	u->next = w->committed + 1;
]=] [=[
	if (w->committed > u->acked)
		set_acked(u, w->committed);
	u->next = u->acked + 1;
]=])

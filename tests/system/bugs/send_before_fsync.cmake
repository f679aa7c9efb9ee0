# An outbox that does not wait for the disk.
set(source collector/outbox.c)
set(program palmares-collector)
set(scenario power-collector)
set(sees "sent before it was on the disk|no such table|malformed")
plant("PRAGMA synchronous = FULL" "PRAGMA synchronous = OFF")
plant("|| level != 2)" "|| level == 2)")

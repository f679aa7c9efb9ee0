# As in the simulation.  Seen by whoever computes the times anew, from what the
# outbox holds.
include(${CMAKE_CURRENT_LIST_DIR}/../../sim/bugs/wall_clock.cmake)
set(program palmares-aggregator)
set(test clocks.py)
set(scenario Clocks.test_no_wrong_clock_changes_a_result)
set(sees "!= .* within 5e-06 delta")

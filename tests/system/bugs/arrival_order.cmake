# As in the simulation.
include(${CMAKE_CURRENT_LIST_DIR}/../../sim/bugs/arrival_order.cmake)
set(program palmares-aggregator)
set(test determinism.py)
set(scenario Orders.test_streams_may_come_in_any_order)
set(sees "other digests")

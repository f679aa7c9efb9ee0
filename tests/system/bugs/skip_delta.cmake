# As in the simulation.
include(${CMAKE_CURRENT_LIST_DIR}/../../sim/bugs/skip_delta.cmake)
set(program palmares-aggregator)
set(scenario calm)
set(sees "snapshots that nobody should have needed")

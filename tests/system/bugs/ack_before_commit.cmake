# As in the simulation.
include(${CMAKE_CURRENT_LIST_DIR}/../../sim/bugs/ack_before_commit.cmake)
set(program palmares-aggregator)
set(scenario power-aggregator)
set(sees "acknowledged too early")

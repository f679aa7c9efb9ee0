# As in the simulation.
include(${CMAKE_CURRENT_LIST_DIR}/../../sim/bugs/no_refill.cmake)
set(program palmares-collector)
set(scenario restored)
set(sees "not within|ended with")

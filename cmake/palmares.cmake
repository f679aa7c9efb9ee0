# One line per library, program and test.
#
#   palmares_library(NOUN LIBS other nouns ... FOREIGN imported targets ...)
#   palmares_program(NAME SOURCES a.c ... LIBS nouns ... FOREIGN ...)
#   palmares_test(NOUN LIBS nouns ... FOREIGN ...)      tests/unit/test_NOUN.c
#
# A library is one noun: NOUN.c beside the CMakeLists.txt.  It links what it
# names and nothing else, so a decider that includes a foreign header does not
# build.

add_library(palmares_flags INTERFACE)
target_include_directories(palmares_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_definitions(palmares_flags INTERFACE
  _GNU_SOURCE PALMARES_VERSION="${PROJECT_VERSION}")
target_compile_options(palmares_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow
  -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wformat=2
  -Wcast-qual -Wwrite-strings -Wpointer-arith -Wundef -Wvla
  -Wimplicit-fallthrough
  $<$<BOOL:${PALMARES_WERROR}>:-Werror>)

function(palmares_libs target)
  foreach(noun IN LISTS ARGN)
    target_link_libraries(${target} PUBLIC p_${noun})
  endforeach()
endfunction()

function(palmares_library noun)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS;FOREIGN" ${ARGN})
  if(NOT ARG_SOURCES)
    set(ARG_SOURCES ${noun}.c)
  endif()
  foreach(s IN LISTS ARG_SOURCES)
    if(NOT EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${s})
      message(STATUS "not yet: ${s}")
      return()
    endif()
  endforeach()
  add_library(p_${noun} STATIC ${ARG_SOURCES})
  target_link_libraries(p_${noun} PRIVATE palmares_flags)
  palmares_libs(p_${noun} ${ARG_LIBS})
  target_link_libraries(p_${noun} PUBLIC ${ARG_FOREIGN})
endfunction()

function(palmares_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS;FOREIGN" ${ARGN})
  foreach(s IN LISTS ARG_SOURCES)
    if(NOT EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${s})
      message(STATUS "not yet: ${s}")
      return()
    endif()
  endforeach()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE palmares_flags)
  foreach(noun IN LISTS ARG_LIBS)
    target_link_libraries(${name} PRIVATE p_${noun})
  endforeach()
  target_link_libraries(${name} PRIVATE ${ARG_FOREIGN})
  install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  install(FILES ${name}.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 OPTIONAL)
endfunction()

function(palmares_test noun)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS;FOREIGN" ${ARGN})
  if(NOT EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/test_${noun}.c)
    message(STATUS "not yet: test_${noun}.c")
    return()
  endif()
  add_executable(test_${noun} test_${noun}.c ${ARG_SOURCES})
  set_target_properties(test_${noun} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_include_directories(test_${noun} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(test_${noun} PRIVATE palmares_flags)
  foreach(lib IN LISTS ARG_LIBS)
    target_link_libraries(test_${noun} PRIVATE p_${lib})
  endforeach()
  target_link_libraries(test_${noun} PRIVATE ${ARG_FOREIGN} PkgConfig::CMOCKA)
  add_test(NAME ${noun} COMMAND test_${noun})
  set_tests_properties(${noun} PROPERTIES LABELS unit TIMEOUT 300)
endfunction()

# Writes a copy of a source with a bug planted in it:
#
#   cmake -DBUG=bugs/NAME.cmake -DROOT=... -DOUT=... -P plant.cmake
#
# A bug says which source it is about, what the simulation has to see, and which
# text is replaced by which.  Text that is not there any more is an error: a bug
# that was not planted proves nothing.
set(text "")

function(plant find replace)
  if(text STREQUAL "")
    file(READ "${ROOT}/${source}" text)
  endif()
  string(FIND "${text}" "${find}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "${BUG}: ${source} has changed and no longer holds "
      "this text: bring the bug up to date\n${find}")
  endif()
  string(REPLACE "${find}" "${replace}" text "${text}")
  set(text "${text}" PARENT_SCOPE)
endfunction()

include("${BUG}")
file(WRITE "${OUT}" "#line 1 \"${ROOT}/${source}\"\n${text}")

# moescope_version(OUT): the version of the sources around this file, such as 0.1.0, or 0.1.0+12.g1a2b3c4 twelve commits
# after it: of the last tag v0.1.0 where there is Git, else of the file VERSION.
#
# As a script (cmake -DOUT=version.cpp -P version.cmake) writes the source of programVersion(), if it is another one.
function(moescope_version out)
  get_filename_component(root ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../.. ABSOLUTE)
  file(STRINGS ${root}/VERSION version LIMIT_COUNT 1)
  if(EXISTS ${root}/.git)  # not that of a folder above, in which an archive may have been unpacked
    execute_process(COMMAND git -C ${root} describe --tags --match "v[0-9]*" OUTPUT_VARIABLE described ERROR_QUIET)
    if(described MATCHES "^v([0-9.]+)(-([0-9]+)-(g[0-9a-f]+))?")
      set(version ${CMAKE_MATCH_1})
      if(CMAKE_MATCH_2)
        string(APPEND version +${CMAKE_MATCH_3}.${CMAKE_MATCH_4})
      endif()
    endif()
  endif()
  set(${out} ${version} PARENT_SCOPE)
endfunction()

if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  moescope_version(version)
  file(CONFIGURE OUTPUT ${OUT} CONTENT [[#include "engine/base/version.h"

namespace moescope {

const char* programVersion() {
    return "@version@";
}

}  // namespace moescope
]] @ONLY)
endif()

# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
#
# Compiles assemblies of the current folder ahead of time, FILES by their names;
# MONO is the runtime.

foreach(file IN LISTS FILES)
  cmake_path(GET file FILENAME name)
  execute_process(
    COMMAND ${CMAKE_COMMAND} -E env MONO_PATH=. ${MONO} --aot=full ${name}
    OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "mono --aot=full ${name}: ${output}")
  endif()
endforeach()

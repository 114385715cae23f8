# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
#
# The target "generate" writes the names as constants, the typed options of the
# languages and the tables of two READMEs from the library's catalogue, and Rust's
# declarations of the C API, into the source tree.

set(python /usr/bin/python3)
if(CMAKE_CROSSCOMPILING)  # the library cannot be loaded
  return()
endif()
if(EXISTS ${python})
  add_custom_target(generate
    COMMAND ${python} ${PROJECT_SOURCE_DIR}/cmake/generate/generate.py
      $<TARGET_FILE:libopt>
    VERBATIM)
else()
  add_custom_target(generate
    COMMAND ${CMAKE_COMMAND} -E echo
      "${python} is missing: cmake/bootstrap tests installs it"
    COMMAND ${CMAKE_COMMAND} -E false
    VERBATIM)
endif()

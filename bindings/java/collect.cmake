# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
#
# Copies the native library, and the shared ones that it needs beside those of
# every system, to a folder under their SONAMEs, with a list of them:
# cmake -DMODULE=... -DOUT=... -P collect.cmake

file(GET_RUNTIME_DEPENDENCIES MODULES ${MODULE}
  RESOLVED_DEPENDENCIES_VAR found
  PRE_EXCLUDE_REGEXES "^lib(c|m|dl|rt|pthread|stdc\\+\\+|gcc_s)\\." "^ld-linux")
get_filename_component(module ${MODULE} NAME)
set(names ${module})
file(COPY ${MODULE} DESTINATION ${OUT})
foreach(library IN LISTS found)
  get_filename_component(name ${library} NAME)
  get_filename_component(real ${library} REALPATH)
  configure_file(${real} ${OUT}/${name} COPYONLY)
  list(APPEND names ${name})
endforeach()
list(JOIN names "\n" text)
file(WRITE ${OUT}/list "${text}\n")

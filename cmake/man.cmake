# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
#
# The manual pages, made from the public headers: libopt(3), a page for each
# header and a name for each function and type. They are installed as the
# component "documentation".

set(man_python /usr/bin/python3)
if(EXISTS ${man_python})
  set(has_python TRUE)
endif()
opt_require(has_python "${man_python}, which makes the manual pages," python3)
set(man ${PROJECT_BINARY_DIR}/man/man3)
set(man_source ${PROJECT_SOURCE_DIR}/cmake/docs)
file(GLOB man_headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/include/opt/*.h)
add_custom_command(
  OUTPUT ${man}/libopt.3
  COMMAND ${man_python} ${man_source}/man.py ${PROJECT_SOURCE_DIR}/include/opt
    ${PROJECT_VERSION} ${man}
  DEPENDS ${man_headers} ${man_source}/man.py ${man_source}/headers.py
  VERBATIM)
add_custom_target(libopt_man ALL DEPENDS ${man}/libopt.3)
if(OPT_INSTALL)
  install(DIRECTORY ${man} DESTINATION ${CMAKE_INSTALL_MANDIR}
    COMPONENT documentation)
endif()

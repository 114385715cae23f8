# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
#
# find_package(libopt) defines libopt::opt, the shared library, and
# libopt::opt_static. Only the static one needs the packages found here.

find_package(Threads QUIET)
find_package(ZLIB QUIET)
include(${CMAKE_CURRENT_LIST_DIR}/libopt-targets.cmake)

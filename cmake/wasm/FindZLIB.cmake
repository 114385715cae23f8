# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

set(ZLIB_FOUND ON)
include_guard(GLOBAL)
add_library(ZLIB::ZLIB INTERFACE IMPORTED)
target_include_directories(ZLIB::ZLIB INTERFACE ${CMAKE_CURRENT_LIST_DIR}/../zlib)

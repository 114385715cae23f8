# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

# The static library, since a DLL would have to be shipped with libopt's.
find_library(ZLIB_LIBRARY libz.a)
find_path(ZLIB_INCLUDE_DIR zlib.h)
if(ZLIB_LIBRARY AND ZLIB_INCLUDE_DIR)
  set(ZLIB_FOUND ON)
  include_guard(GLOBAL)
  add_library(ZLIB::ZLIB STATIC IMPORTED)
  set_target_properties(ZLIB::ZLIB PROPERTIES
    IMPORTED_LOCATION ${ZLIB_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${ZLIB_INCLUDE_DIR})
endif()

# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

set(HWY_FOUND ON)
include_guard(GLOBAL)
# The headers are those of the package for this machine; the folder holds a link
# to them alone, since the other headers there are not those of emscripten.
set(headers ${CMAKE_BINARY_DIR}/highway)
file(MAKE_DIRECTORY ${headers})
file(CREATE_LINK /usr/include/hwy ${headers}/hwy SYMBOLIC)
add_library(hwy::hwy INTERFACE IMPORTED)
target_include_directories(hwy::hwy INTERFACE ${headers})

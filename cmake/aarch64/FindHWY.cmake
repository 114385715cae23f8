# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

include_guard(GLOBAL)
add_library(hwy STATIC ${CMAKE_CURRENT_LIST_DIR}/highway.cc)
add_library(hwy::hwy INTERFACE IMPORTED)
target_link_libraries(hwy::hwy INTERFACE hwy)

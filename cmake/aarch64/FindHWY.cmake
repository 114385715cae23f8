# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

set(HWY_FOUND ON)
include_guard(GLOBAL)
add_library(hwy::hwy INTERFACE IMPORTED)

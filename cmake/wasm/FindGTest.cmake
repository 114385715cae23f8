# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

set(GTest_FOUND ON)
include_guard(GLOBAL)
add_subdirectory(/usr/src/googletest/googletest googletest EXCLUDE_FROM_ALL)

# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
#
# Cross-compiles for POWER, little-endian, as aarch64/toolchain.cmake does for
# aarch64. Highway 1.0 has no vectors of it: kernels are scalar.

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR ppc64le)
set(CMAKE_C_COMPILER powerpc64le-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER powerpc64le-linux-gnu-g++)
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)
set(CMAKE_MODULE_PATH ${CMAKE_CURRENT_LIST_DIR}/../aarch64)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-ppc64le-static)

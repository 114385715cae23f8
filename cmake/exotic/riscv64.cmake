# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
#
# Cross-compiles for RISC-V, as aarch64/toolchain.cmake does for aarch64. Neither
# g++ 12 nor Highway 1.0 has its vectors: kernels are scalar.

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR riscv64)
set(CMAKE_C_COMPILER riscv64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER riscv64-linux-gnu-g++)
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)
set(CMAKE_MODULE_PATH ${CMAKE_CURRENT_LIST_DIR}/../aarch64)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-riscv64-static)

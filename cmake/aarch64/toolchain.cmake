# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
#
# Cross-compiles for aarch64, to compare its results with x86-64's: programs
# are static, and qemu-aarch64-static runs them. This folder stands in for the
# packages of libraries, which Debian installs for one architecture at a time.

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)
set(CMAKE_MODULE_PATH ${CMAKE_CURRENT_LIST_DIR})
set(CMAKE_CROSSCOMPILING_EMULATOR
    qemu-aarch64-static -cpu max,pauth-impdef=on,sve-max-vq=2)

# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
#
# Cross-compiles for WebAssembly with Debian's emscripten; node runs the programs.
# This folder stands in for the packages that emscripten lacks.

set(EMSCRIPTEN_ROOT_PATH /usr/share/emscripten)
set(EMSCRIPTEN_SYSTEM_PROCESSOR wasm32)
include(${EMSCRIPTEN_ROOT_PATH}/cmake/Modules/Platform/Emscripten.cmake)
list(APPEND CMAKE_MODULE_PATH ${CMAKE_CURRENT_LIST_DIR})
# Emscripten's scripts find their modules there, even if node is not Debian's.
set_property(GLOBAL PROPERTY RULE_LAUNCH_LINK "env NODE_PATH=/usr/share/nodejs")
# Emscripten's loader would ask fetch for a path.
set(CMAKE_CROSSCOMPILING_EMULATOR node --no-experimental-fetch)

// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The header of Windows, without what it need not define.

#ifndef OPT_SRC_OS_WINDOWS_SYSTEM_H_
#define OPT_SRC_OS_WINDOWS_SYSTEM_H_

#define WIN32_LEAN_AND_MEAN
#ifndef NOMINMAX  // libstdc++ defines it
#define NOMINMAX
#endif
#include <windows.h>

#endif  // OPT_SRC_OS_WINDOWS_SYSTEM_H_

// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "hwy/highway.h"
#include "src/base/text.h"
#include "src/kernel/kernels.h"

#define OPT_STRING(x) #x
#define OPT_STRING_OF(x) OPT_STRING(x)
#define OPT_DOTTED(major, minor, patch) \
  OPT_STRING_OF(major) "." OPT_STRING_OF(minor) "." OPT_STRING_OF(patch)

namespace libopt {

const char* const kVersion =
    OPT_DOTTED(OPT_VERSION_MAJOR, OPT_VERSION_MINOR, OPT_VERSION_PATCH);

const char* BuildInfo() {
  static const Text info = [] {
#ifdef __clang__
    constexpr const char* kCompiler = "clang ";
    constexpr const char* kCompilerVersion = __clang_version__;
#else
    constexpr const char* kCompiler = "gcc ";
    constexpr const char* kCompilerVersion = __VERSION__;
#endif
    Text text("libopt ", kVersion, ", ", kCompiler, kCompilerVersion,
              ", Highway ", OPT_DOTTED(HWY_MAJOR, HWY_MINOR, HWY_PATCH),
              ", targets");
    for (int i = 0; i < TargetCount(); ++i) {
      text.Append(" ");
      text.Append(TargetName(i));
    }
    return text;
  }();
  return info.c_str();
}

}  // namespace libopt

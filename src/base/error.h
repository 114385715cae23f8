// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Failures inside the library: Error is thrown, and src/api turns it into a
// status and a message.

#ifndef OPT_SRC_BASE_ERROR_H_
#define OPT_SRC_BASE_ERROR_H_

#include "opt/opt_base.h"
#include "src/base/text.h"

namespace libopt {

struct Error {
  opt_status status;
  Text message;
};

// Throws an Error whose message is the concatenation of the parts. A message
// names the culprit, the bound and the remedy.
template <typename... Parts>
[[noreturn]] void Fail(opt_status status, const Parts&... parts) {
  throw Error{status, Text(parts...)};
}

// The library's own data for a thread: the message of its latest call.
struct ThreadState {
  char message[Text::kCapacity];
};
ThreadState& ThisThread();

}  // namespace libopt

#endif  // OPT_SRC_BASE_ERROR_H_

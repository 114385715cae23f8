// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The border between C and the core: no exception crosses it, and every call
// returns a status and leaves a message for its thread.

#ifndef OPT_SRC_API_GUARD_H_
#define OPT_SRC_API_GUARD_H_

#include <cstring>
#include <new>

#include "opt/opt.h"
#include "src/api/handle.h"
#include "src/base/error.h"
#include "src/base/memory.h"
#include "src/optimizer/optimizer.h"
#include "src/os/fp_env.h"

namespace libopt {

inline opt_status Finish(opt_status status, std::string_view message) noexcept {
  char* out = ThisThread().message;
  std::memcpy(out, message.data(), message.size());
  out[message.size()] = '\0';
  return status;
}

// Runs one call, under the default floating-point environment. Whatever it
// throws becomes a status.
template <typename Body>
opt_status Guard(const Body& body) noexcept {
  try {
    const os::DefaultFpEnv fp_env;
    body();
    ThisThread().message[0] = '\0';
    return OPT_OK;
  } catch (const Error& error) {
    return Finish(error.status, error.message.view());
  } catch (const OutOfMemory& error) {
    return Finish(OPT_ERR_MEMORY,
                  Text("out of memory: ", static_cast<int64_t>(error.size),
                       " bytes could not be allocated: the call has changed "
                       "nothing; free some memory and repeat it")
                      .view());
  } catch (const std::bad_alloc&) {
    return Finish(OPT_ERR_MEMORY,
                  "out of memory: the call has changed nothing; free some "
                  "memory and repeat it");
  } catch (const std::exception& error) {
    return Finish(
        OPT_ERR_INTERNAL,
        Text("a callback threw, or libopt is at fault: ", error.what()).view());
  } catch (...) {
    return Finish(OPT_ERR_INTERNAL,
                  "a callback threw something that is not a std::exception");
  }
}

inline uintptr_t Bits(const void* handle) {
  return reinterpret_cast<uintptr_t>(handle);
}

// Runs body(optimizer) with the optimizer locked for this thread, whether or
// not a step in slices is open.
template <typename Body>
opt_status WithOpenOptimizer(opt_optimizer handle, const Body& body) noexcept {
  return Guard([&] {
    const Locked<Optimizer> optimizer(HandleType::kOptimizer, Bits(handle));
    body(*optimizer);
  });
}

// The same for a call that would disturb an open step: it is refused.
template <typename Body>
opt_status WithOptimizer(opt_optimizer handle, const Body& body) noexcept {
  return WithOpenOptimizer(handle, [&](Optimizer& optimizer) {
    optimizer.sliced_step().CheckClosed();
    body(optimizer);
  });
}

// Throws OPT_ERR_ARGUMENT if a pointer argument is NULL.
inline void CheckPointer(const void* pointer, const char* function,
                         const char* argument) {
  if (pointer == nullptr) {
    Fail(OPT_ERR_ARGUMENT, function, ": the argument '", argument, "' is NULL");
  }
}

// Takes a reference to the context of a handle; NULL stands for the default
// context. Release it with Unref.
Context* RefContext(opt_context handle);

}  // namespace libopt

#endif  // OPT_SRC_API_GUARD_H_

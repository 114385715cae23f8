// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/os/wait.h"

#include "src/os/windows/system.h"

namespace libopt::os {

static_assert(sizeof(std::atomic<uint32_t>) == sizeof(uint32_t));

void WaitWhile(const std::atomic<uint32_t>& word, uint32_t value) {
  // The function reads the word alone, but takes a pointer to volatile.
  auto* address = const_cast<std::atomic<uint32_t>*>(&word);
  WaitOnAddress(address, &value, sizeof value, INFINITE);
}

void WakeOne(std::atomic<uint32_t>* word) { WakeByAddressSingle(word); }

}  // namespace libopt::os

// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Sleeping on a word of memory until another thread changes it.

#ifndef OPT_SRC_OS_WAIT_H_
#define OPT_SRC_OS_WAIT_H_

#include <atomic>
#include <cstdint>

namespace libopt::os {

// Sleeps while the word has this value, until WakeOne; returns at once if it
// has another. It may also return for no reason, so that the caller looks at
// the word again.
void WaitWhile(const std::atomic<uint32_t>& word, uint32_t value);

// Wakes a thread that sleeps on the word, if there is one. The word must have
// been changed before.
void WakeOne(std::atomic<uint32_t>* word);

}  // namespace libopt::os

#endif  // OPT_SRC_OS_WAIT_H_

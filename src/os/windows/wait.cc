// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The functions are looked up at load time: their import library is not among
// those that programs link anyway, and Windows before 8 lacks them.

#include "src/os/wait.h"

#include <cstring>

#include "src/os/windows/system.h"

namespace libopt::os {
namespace {

static_assert(sizeof(std::atomic<uint32_t>) == sizeof(uint32_t));

struct Functions {
  BOOL(WINAPI* wait_on_address)
  (volatile VOID* address, PVOID compared, SIZE_T size, DWORD milliseconds);
  VOID(WINAPI* wake_by_address_single)(PVOID address);
};

template <typename Function>
void LookUp(const char* name, Function* function) {
  // Every process has this library as long as it lives.
  const FARPROC found =
      GetProcAddress(GetModuleHandleW(L"kernelbase.dll"), name);
  static_assert(sizeof found == sizeof *function);
  std::memcpy(function, &found, sizeof found);
}

Functions Find() {
  Functions found;
  LookUp("WaitOnAddress", &found.wait_on_address);
  LookUp("WakeByAddressSingle", &found.wake_by_address_single);
  return found;
}

// A static variable of a function would be initialized in a step, by several
// threads at once, and the threads that wait for the first one allocate.
const Functions kSystem = Find();

}  // namespace

void WaitWhile(const std::atomic<uint32_t>& word, uint32_t value) {
  if (kSystem.wait_on_address == nullptr) {
    if (word.load() == value) Sleep(1);
    return;
  }
  // The function reads the word alone, but takes a pointer to volatile.
  auto* address = const_cast<std::atomic<uint32_t>*>(&word);
  kSystem.wait_on_address(address, &value, sizeof value, INFINITE);
}

void WakeOne(std::atomic<uint32_t>* word) {
  if (kSystem.wake_by_address_single == nullptr) return;
  kSystem.wake_by_address_single(word);
}

}  // namespace libopt::os

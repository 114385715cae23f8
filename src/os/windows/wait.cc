// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The functions are looked up at run time: their import library is not among
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

const Functions& System() {
  static const Functions functions = [] {
    Functions found;
    LookUp("WaitOnAddress", &found.wait_on_address);
    LookUp("WakeByAddressSingle", &found.wake_by_address_single);
    return found;
  }();
  return functions;
}

}  // namespace

void WaitWhile(const std::atomic<uint32_t>& word, uint32_t value) {
  if (System().wait_on_address == nullptr) {
    if (word.load() == value) Sleep(1);
    return;
  }
  // The function reads the word alone, but takes a pointer to volatile.
  auto* address = const_cast<std::atomic<uint32_t>*>(&word);
  System().wait_on_address(address, &value, sizeof value, INFINITE);
}

void WakeOne(std::atomic<uint32_t>* word) {
  if (System().wake_by_address_single == nullptr) return;
  System().wake_by_address_single(word);
}

}  // namespace libopt::os

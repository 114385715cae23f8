/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Loads a DLL and has one of its functions tell a number:
 *   load_module <DLL> <function>
 * The function takes nothing, or what it does not look at. */

#include <stdint.h>
#include <stdio.h>
#include <windows.h>

typedef int32_t number_function(void *, void *);

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  HMODULE module = LoadLibraryA(argv[1]);
  if (module == NULL) {
    printf("%s: error %lu\n", argv[1], GetLastError());
    return 1;
  }
  FARPROC found = GetProcAddress(module, argv[2]);
  if (found == NULL) {
    printf("%s has no %s\n", argv[1], argv[2]);
    return 1;
  }
  printf("%d\n", (int)((number_function *)(uintptr_t)found)(NULL, NULL));
  return FreeLibrary(module) ? 0 : 1;
}

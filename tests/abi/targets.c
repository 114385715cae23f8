/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Prints the SIMD targets that this CPU can run, best first.
 */
#include <opt/opt.h>
#include <stdio.h>

int main(void) {
  int32_t count = 0;
  if (opt_target_count(&count) != OPT_OK) return 1;
  for (int32_t i = 0; i < count; ++i) {
    opt_target_info target = OPT_TARGET_INFO_INIT;
    if (opt_target_at(i, &target) != OPT_OK) return 1;
    if (target.supported) puts(target.name);
  }
  return 0;
}

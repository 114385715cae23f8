/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Prints the library's own catalogue: update rules with their options, presets
 * and state slots, aliases, and SIMD targets.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "opt/opt.h"

static void print_lines(const char* indent, const char* text) {
  while (*text != '\0') {
    const int length = (int)strcspn(text, "\n");
    printf("%s%.*s\n", indent, length, text);
    text += length;
    if (*text == '\n') ++text;
  }
}

static void print_option(const opt_option_info* option) {
  char range[64] = "0 or 1";
  if (option->choices != NULL) {
    snprintf(range, sizeof(range), "%s", option->choices);
  } else if ((option->flags & OPT_OPTION_BOOL) == 0) {
    snprintf(range, sizeof(range), "%c%g, %g%c",
             (option->flags & OPT_OPTION_MIN_OPEN) != 0 ? '(' : '[',
             option->min, option->max,
             (option->flags & OPT_OPTION_MAX_OPEN) != 0 ? ')' : ']');
  }
  printf("    %-22s %-8g %-16s %s\n", option->name, option->default_value,
         range, option->doc);
}

static void print_rule(const opt_rule_info* rule) {
  printf("\n%s: %s\n", rule->name, rule->summary);
  print_lines("    ", rule->formula);
  printf("  reference: %s\n  options:\n", rule->reference);
  opt_option_info option = OPT_OPTION_INFO_INIT;
  for (int32_t i = 0; opt_option_at(rule->name, i, &option) == OPT_OK; ++i) {
    print_option(&option);
  }
  printf("  presets:\n");
  opt_preset_info preset = OPT_PRESET_INFO_INIT;
  for (int32_t i = 0; opt_preset_at(rule->name, i, &preset) == OPT_OK; ++i) {
    printf("    %-22s %s\n", preset.name, preset.doc);
  }
  printf("  state:\n");
  opt_slot_info slot = OPT_SLOT_INFO_INIT;
  for (int32_t i = 0; opt_slot_at(rule->name, i, &slot) == OPT_OK; ++i) {
    printf("    %-22s %s", slot.name, slot.doc);
    if (slot.when_option != NULL) printf(" (when %s is set)", slot.when_option);
    printf("\n");
  }
}

int main(void) {
  printf("%s\n", opt_build_info());
  opt_rule_info rule = OPT_RULE_INFO_INIT;
  for (int32_t i = 0; opt_rule_at(i, &rule) == OPT_OK; ++i) print_rule(&rule);
  printf("\naliases:\n");
  opt_alias_info alias = OPT_ALIAS_INFO_INIT;
  for (int32_t i = 0; opt_alias_at(i, &alias) == OPT_OK; ++i) {
    printf("    %-22s %s\n", alias.name, alias.doc);
  }
  printf("\nSIMD targets:\n");
  opt_target_info target = OPT_TARGET_INFO_INIT;
  for (int32_t i = 0; opt_target_at(i, &target) == OPT_OK; ++i) {
    printf("    %-22s %s\n", target.name,
           target.supported != 0 ? "this CPU can run it" : "not on this CPU");
  }
  if (fflush(stdout) == 0) return 0;
  fprintf(stderr, "describe: cannot write: %s\n", strerror(errno));
  return 1;
}

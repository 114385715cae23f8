/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * The same training in a plain program: cartpole <checkpoint>. The game's
 * checkpoint has the same bytes.
 */

#include <stdio.h>

#include "examples/godot/cartpole.h"

int main(int argc, char** argv) {
  static learner l;
  if (argc != 2) {
    fprintf(stderr, "usage: cartpole <checkpoint>\n");
    return 2;
  }
  opt_status status = learner_start(&l, NULL);
  while (learner_is_busy(&l)) learner_work(&l);
  if (status == OPT_OK) status = l.status;
  if (status == OPT_OK) status = learner_save(&l, argv[1]);
  if (status != OPT_OK) {
    fprintf(stderr, "cartpole: %s\n", opt_last_error());
    return 1;
  }
  printf("ticks an episode: %.1f at first, %.1f after %d updates\n",
         (double)l.first_score, (double)l.score, l.update);
  learner_end(&l);
  return 0;
}

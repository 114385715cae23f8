/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
#include "examples/train/interrupt.h"

#include <signal.h>
#include <string.h>

static volatile sig_atomic_t flag = 0;

static void on_interrupt(int signal_number) { flag = signal_number; }

void interrupt_install(void) {
  struct sigaction action;
  memset(&action, 0, sizeof(action));
  action.sa_handler = on_interrupt;
  action.sa_flags = SA_RESTART | (int)SA_RESETHAND;
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
}

int interrupted(void) { return flag; }

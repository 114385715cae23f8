# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
#
# The problems that the tests of states train. The builds for other systems
# include this file, too.

add_library(opt_state_training STATIC
  ${CMAKE_CURRENT_LIST_DIR}/edited.cc ${CMAKE_CURRENT_LIST_DIR}/training.cc
  ${CMAKE_CURRENT_LIST_DIR}/../c/snapshot.c)
opt_warnings(opt_state_training)
target_link_libraries(opt_state_training PUBLIC opt_numeric)

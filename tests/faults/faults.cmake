# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
#
# The program of these tests. The builds for other systems include this file, too.

# The functions of each system that hooks.cc stands in for.
set(opt_faults_hooks malloc calloc realloc free)
if(WIN32)
  list(APPEND opt_faults_hooks _aligned_malloc _aligned_free _beginthreadex)
  # A function that a header declares as a DLL's is called by a pointer.
  list(TRANSFORM opt_faults_hooks PREPEND __imp_ OUTPUT_VARIABLE pointers)
  list(APPEND opt_faults_hooks ${pointers})
else()
  list(APPEND opt_faults_hooks aligned_alloc pthread_create)
endif()
list(TRANSFORM opt_faults_hooks PREPEND -Wl,--wrap=)
set(opt_faults_folder ${CMAKE_CURRENT_LIST_DIR})

# opt_add_faults_test([LABELS <label>...])
function(opt_add_faults_test)
  set(sources allocation_test hooks scenario step_test)
  list(TRANSFORM sources REPLACE "(.+)" "${opt_faults_folder}/\\1.cc")
  opt_add_gtest(faults_test SOURCES
    ${sources} ${opt_faults_folder}/../c/snapshot.c ${ARGN})
  target_link_options(faults_test PRIVATE ${opt_faults_hooks})
endfunction()

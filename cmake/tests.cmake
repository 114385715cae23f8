# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
#
# How tests are declared. The cases of a test are counted from what it prints:
# GoogleTest's lines, or TAP ("ok 1 - name", "not ok 2 - name"). Tests with the
# label "threads" run under ThreadSanitizer as well, those with the label
# "compiler" with a second compiler; the target of the same name builds what the
# tests with a label need. A test that takes long has a COST, its seconds, so that
# ctest starts it first and no CPU waits for it at the end.

set(opt_labels_with_target compiler threads)
foreach(label IN LISTS opt_labels_with_target)
  add_custom_target(${label})
endforeach()

# A test spends its time in the library. Its own sources compile much
# faster without most of the optimizations.
function(opt_optimize_little target)
  set(level -O1)
  if(OPT_SANITIZE)
    set(level -O0)
  endif()
  target_compile_options(${target} PRIVATE
    $<$<CONFIG:RelWithDebInfo>:${level}>
    # With few optimizations GCC takes members of an empty optional for used.
    $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-maybe-uninitialized>)
endfunction()

# GoogleTest's header is most of what a small test compiles: it is compiled once
# for all of them.
file(CONFIGURE OUTPUT gtest_header.cc CONTENT "")
add_library(opt_gtest_header OBJECT ${CMAKE_CURRENT_BINARY_DIR}/gtest_header.cc)
opt_warnings(opt_gtest_header)
opt_optimize_little(opt_gtest_header)
target_link_libraries(opt_gtest_header PRIVATE GTest::gtest_main)
target_precompile_headers(opt_gtest_header PRIVATE <gtest/gtest.h>)

# opt_test_properties(<name> [LABELS <label>...] [TARGETS <target>...])
# TARGETS: the programs that the test runs.
function(opt_test_properties name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LABELS;TARGETS")
  set_tests_properties(${name} PROPERTIES
    LABELS "${arg_LABELS}" TIMEOUT 600
    ENVIRONMENT PYTHONPATH=${PROJECT_SOURCE_DIR}/tests)
  foreach(label IN LISTS arg_LABELS)
    if(label IN_LIST opt_labels_with_target AND arg_TARGETS)
      add_dependencies(${label} ${arg_TARGETS})
    endif()
  endforeach()
endfunction()

# opt_add_gtest(<name> SOURCES <file>... [LIBRARIES <target>...]
#               [LABELS <label>...] [LIBOPT <target>])
# A GoogleTest program; it links the static library, so that it can test the
# internals, or another LIBOPT. "src/..." and "opt/..." are on its include path.
function(opt_add_gtest name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LIBOPT" "SOURCES;LIBRARIES;LABELS")
  if(NOT arg_LIBOPT)
    set(arg_LIBOPT libopt::opt_static)
  endif()
  add_executable(${name} ${arg_SOURCES})
  opt_warnings(${name})
  opt_optimize_little(${name})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE
    ${arg_LIBOPT} GTest::gtest_main ${arg_LIBRARIES})
  target_precompile_headers(${name} REUSE_FROM opt_gtest_header)
  list(FILTER arg_SOURCES INCLUDE REGEX "\\.c$")
  set_source_files_properties(${arg_SOURCES} PROPERTIES
    SKIP_PRECOMPILE_HEADERS ON)
  add_test(NAME ${name} COMMAND ${name})
  opt_test_properties(${name} LABELS ${arg_LABELS} TARGETS ${name})
endfunction()

# opt_add_c_test(<name> SOURCES <file>... [LIBRARIES <target>...]
#                [LABELS <label>...])
# A C11 program that prints TAP and knows the shared library through its
# headers alone.
function(opt_add_c_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBRARIES;LABELS")
  add_executable(${name} ${arg_SOURCES})
  opt_warnings(${name})
  target_link_libraries(${name} PRIVATE libopt::opt ${arg_LIBRARIES})
  if(OPT_SANITIZE)  # what the library's C++ needs of the sanitizer's runtime
    set_target_properties(${name} PROPERTIES LINKER_LANGUAGE CXX)
  endif()
  add_test(NAME ${name} COMMAND ${name})
  opt_test_properties(${name} LABELS ${arg_LABELS} TARGETS ${name})
endfunction()

# opt_add_script_test(<name> COMMAND <command>... [LABELS <label>...])
# A script that prints TAP; it may run programs named by $<TARGET_FILE:...>.
function(opt_add_script_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "COMMAND;LABELS")
  add_test(NAME ${name} COMMAND ${arg_COMMAND})
  string(REGEX MATCHALL "TARGET_FILE:[^>]+" targets "${arg_COMMAND}")
  list(TRANSFORM targets REPLACE "TARGET_FILE:" "")
  opt_test_properties(${name} LABELS ${arg_LABELS} TARGETS ${targets})
endfunction()

# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
#
# How tests are declared. The cases of a test are counted from what it prints:
# GoogleTest's lines, or TAP ("ok 1 - name", "not ok 2 - name"). Tests with the
# label "threads" run under ThreadSanitizer as well; the target "threads"
# builds those alone. A test that takes long has a COST, its seconds, so that
# ctest starts it first and no CPU waits for it at the end.

add_custom_target(threads)

# GoogleTest's header is most of what a small test compiles: it is compiled once
# for all of them.
file(CONFIGURE OUTPUT gtest_header.cc CONTENT "")
add_library(opt_gtest_header OBJECT ${CMAKE_CURRENT_BINARY_DIR}/gtest_header.cc)
opt_warnings(opt_gtest_header)
target_link_libraries(opt_gtest_header PRIVATE GTest::gtest_main)
target_precompile_headers(opt_gtest_header PRIVATE <gtest/gtest.h>)

# opt_test_properties(<name> [LABELS <label>...] [TARGETS <target>...])
# TARGETS: the programs that the test runs.
function(opt_test_properties name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LABELS;TARGETS")
  set_tests_properties(${name} PROPERTIES
    LABELS "${arg_LABELS}" TIMEOUT 600
    ENVIRONMENT PYTHONPATH=${PROJECT_SOURCE_DIR}/tests)
  if("threads" IN_LIST arg_LABELS)
    add_dependencies(threads ${arg_TARGETS})
  endif()
endfunction()

# opt_add_gtest(<name> SOURCES <file>... [LIBRARIES <target>...]
#               [LABELS <label>...])
# A GoogleTest program; it links the static library, so that it can test the
# internals. "src/..." and "opt/..." are on its include path.
function(opt_add_gtest name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBRARIES;LABELS")
  add_executable(${name} ${arg_SOURCES})
  opt_warnings(${name})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE
    libopt::opt_static GTest::gtest_main ${arg_LIBRARIES})
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

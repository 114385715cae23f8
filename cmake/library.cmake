# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
#
# The library, compiled once and linked twice: libopt::opt is the shared one,
# libopt::opt_static the static one.

find_package(Threads REQUIRED)
find_package(HWY 1.0.3 QUIET)
opt_require(HWY_FOUND "Highway 1.0.3 or newer" libhwy-dev)
find_package(ZLIB QUIET)
opt_require(ZLIB_FOUND "zlib" zlib1g-dev)

if(WIN32)
  set(system windows)
elseif(EMSCRIPTEN)
  set(system wasm)
else()
  set(system posix)
endif()
file(GLOB sources CONFIGURE_DEPENDS
     src/api/*.cc src/state/*.cc src/state/sections/*.cc
     src/state/container/*.cc src/optimizer/*.cc src/schedules/*.cc
     src/parallel/*.cc src/kernel/*.cc src/rules/*.cc src/base/*.cc
     src/os/*.cc src/os/${system}/*.cc)
list(FILTER sources EXCLUDE REGEX "/src/(kernel|rules)/(rule|rule_table|registry|supported_targets_.*)\.cc$")
add_library(libopt_objects OBJECT ${sources})
opt_library_flags(libopt_objects)
# GCC makes vectors of the kernels' plain loops at -O3 alone.
set_source_files_properties(
  src/kernel/accumulate.cc src/kernel/measure.cc src/kernel/phases.cc
  src/kernel/step.cc PROPERTIES COMPILE_OPTIONS
    $<$<AND:$<CXX_COMPILER_ID:GNU>,$<NOT:$<CONFIG:Debug>>>:-O3>)
# The step of one tensor, and the work on its gradient, set several structures of
# some 100 bytes to zero, for which GCC takes an instruction that costs as much as
# all else in a short step.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND
   CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  set_source_files_properties(
    src/optimizer/accumulate.cc src/optimizer/gradients.cc
    src/optimizer/step.cc PROPERTIES COMPILE_OPTIONS "-mmemset-strategy=unrolled_loop:256:noalign,libcall:-1:noalign;-mmemcpy-strategy=unrolled_loop:512:noalign,libcall:-1:noalign")
endif()
set(OPT_OBJECTS $<TARGET_OBJECTS:libopt_objects>)

# opt_add_rules(<variable> <folder>)
# src/rules/rule.cc and src/kernel/rule.cc make one update rule and its kernels:
# they are compiled once for each line OPT_RULE(name, Class, kernel) of a folder's
# rules.inc, the kernels only if they are not those of another rule. Their objects
# are appended to the variable.
function(opt_add_rules variable folder)
  set(rules_inc ${PROJECT_SOURCE_DIR}/${folder}/rules.inc)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${rules_inc})
  file(STRINGS ${rules_inc} rules REGEX "^OPT_RULE\\(")
  foreach(rule IN LISTS rules)
    if(NOT rule MATCHES "^OPT_RULE\\(([a-z0-9_]+), ([A-Za-z0-9]+), ([a-z0-9_]+)\\)")
      message(FATAL_ERROR
        "${rules_inc}: '${rule}' is not of the form OPT_RULE(name, Class, kernel)")
    endif()
    set(name ${CMAKE_MATCH_1})
    set(class ${CMAKE_MATCH_2})
    add_library(libopt_rule_${name} OBJECT ${PROJECT_SOURCE_DIR}/src/rules/rule.cc)
    if(name STREQUAL CMAKE_MATCH_3)
      target_sources(libopt_rule_${name} PRIVATE
        ${PROJECT_SOURCE_DIR}/src/kernel/rule.cc)
    endif()
    opt_library_flags(libopt_rule_${name})
    target_compile_definitions(libopt_rule_${name} PRIVATE
      OPT_RULE_NAME=${name} OPT_RULE_CLASS=${class}
      OPT_RULE_HEADER="${folder}/${name}.h")
    list(APPEND ${variable} $<TARGET_OBJECTS:libopt_rule_${name}>)
  endforeach()
  set(${variable} ${${variable}} PARENT_SCOPE)
endfunction()
opt_add_rules(OPT_OBJECTS src/rules)

# The lists of the rules, apart from the rest: tests build a library with more
# rules, of which these two sources differ alone.
set(OPT_RULE_LISTS ${PROJECT_SOURCE_DIR}/src/rules/registry.cc
    ${PROJECT_SOURCE_DIR}/src/kernel/rule_table.cc)
add_library(libopt_rule_lists OBJECT ${OPT_RULE_LISTS})
opt_library_flags(libopt_rule_lists)

# Which targets a CPU supports, the shared library asks Highway's library; the
# static one knows by itself, so that its users need not link that one.
foreach(source highway cpu)
  add_library(libopt_supported_${source} OBJECT
    src/kernel/supported_targets_${source}.cc)
  opt_library_flags(libopt_supported_${source})
endforeach()

add_library(libopt_static STATIC
  ${OPT_OBJECTS} $<TARGET_OBJECTS:libopt_rule_lists>
  $<TARGET_OBJECTS:libopt_supported_cpu>)
add_library(libopt::opt_static ALIAS libopt_static)
set_target_properties(libopt_static PROPERTIES EXPORT_NAME opt_static)
set(OPT_LIBRARIES libopt_static)
if(EMSCRIPTEN)  # where no library is shared
  add_library(libopt::opt ALIAS libopt_static)
else()
  if(WIN32)  # where Highway is its headers alone
    set(supported cpu)
  else()
    set(supported highway)
  endif()
  add_library(libopt SHARED
    ${OPT_OBJECTS} $<TARGET_OBJECTS:libopt_rule_lists>
    $<TARGET_OBJECTS:libopt_supported_${supported}>)
  add_library(libopt::opt ALIAS libopt)
  set_target_properties(libopt PROPERTIES
    EXPORT_NAME opt VERSION ${PROJECT_VERSION} SOVERSION 0)
  target_link_libraries(libopt PRIVATE hwy::hwy)
  list(PREPEND OPT_LIBRARIES libopt)
endif()
foreach(library IN LISTS OPT_LIBRARIES)
  set_target_properties(${library} PROPERTIES
    OUTPUT_NAME opt LINKER_LANGUAGE CXX)
  target_include_directories(${library} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>)
  target_link_libraries(${library} PRIVATE ZLIB::ZLIB Threads::Threads)
endforeach()

# The libraries of C++, for programs that a C compiler links, and for those of a
# clang with libc++, which takes -lstdc++ for that unless it is meant for the
# linker alone. Where programs are static, CMake knows them by their files; on
# Windows gcc_s would be a DLL, and compilers add its static kin by themselves.
set(OPT_CXX_RUNTIME ${CMAKE_CXX_IMPLICIT_LINK_LIBRARIES})
list(REMOVE_ITEM OPT_CXX_RUNTIME ${CMAKE_C_IMPLICIT_LINK_LIBRARIES})
list(REMOVE_DUPLICATES OPT_CXX_RUNTIME)
if(WIN32)
  list(REMOVE_ITEM OPT_CXX_RUNTIME gcc_s)
endif()
list(TRANSFORM OPT_CXX_RUNTIME REPLACE "^[^/]+$" "-Wl,-l\\0")
if(NOT EMSCRIPTEN)  # whose compilers link them to every program
  target_link_libraries(libopt_static INTERFACE ${OPT_CXX_RUNTIME})
endif()

# Symbols: the version script exports the C API and hides all else, and
# -Bsymbolic-functions keeps the library's own calls inside it, whatever
# functions of the same names a host exports.
if(WIN32)
  include(cmake/windows/dll.cmake)
elseif(CMAKE_EXECUTABLE_FORMAT STREQUAL "ELF" AND TARGET libopt)
  set(version_script ${PROJECT_SOURCE_DIR}/cmake/libopt.map)
  set_property(TARGET libopt APPEND PROPERTY LINK_DEPENDS ${version_script})
  target_link_options(libopt PRIVATE
    -Wl,--version-script=${version_script} -Wl,-Bsymbolic-functions
    -Wl,--as-needed -Wl,-z,relro -Wl,-z,now)
  if(NOT OPT_SANITIZE)  # a sanitizer's functions come from the executable
    target_link_options(libopt PRIVATE -Wl,--no-undefined)
  endif()
endif()

# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
#
# opt.dll, which needs nothing but what Windows has, and opt.lib, with which
# MSVC and clang-cl link it. (MinGW links libopt.dll.a, or the DLL itself.)

enable_language(RC)
set(dll ${PROJECT_BINARY_DIR}/windows)
configure_file(${CMAKE_CURRENT_LIST_DIR}/version.rc.in ${dll}/version.rc @ONLY)
target_sources(libopt PRIVATE ${dll}/version.rc)
set_target_properties(libopt PROPERTIES PREFIX "" IMPORT_PREFIX lib)
target_compile_definitions(libopt_static INTERFACE OPT_STATIC)
if(MINGW)
  # The libraries of the compiler become part of the DLL and of the programs.
  add_link_options(-static)
  target_link_options(libopt PRIVATE -static)
endif()

# The functions of the version script, as Windows' linkers take them. The
# objects themselves export nothing, or else every program that holds the static
# library would export its functions.
file(GLOB exported CONFIGURE_DEPENDS src/api/*.cc)
set_property(SOURCE ${exported} APPEND PROPERTY COMPILE_DEFINITIONS OPT_STATIC)
set(map ${PROJECT_SOURCE_DIR}/cmake/libopt.map)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${map})
file(STRINGS ${map} functions REGEX "^ +opt_[a-z0-9_]+;")
list(TRANSFORM functions REPLACE "[ ;]" "")
string(REGEX REPLACE "[; ]+" "\n  " exports "${functions}")
file(CONFIGURE OUTPUT ${dll}/opt.def
  CONTENT "LIBRARY opt.dll\nEXPORTS\n  ${exports}\n" @ONLY)
target_sources(libopt PRIVATE ${dll}/opt.def)

# LLVM's tool writes the short form, which is that of MSVC itself.
find_program(OPT_DLLTOOL NAMES llvm-dlltool llvm-dlltool-14 ${CMAKE_DLLTOOL})
add_custom_command(OUTPUT ${PROJECT_BINARY_DIR}/opt.lib
  COMMAND ${OPT_DLLTOOL} -m i386:x86-64 -d ${dll}/opt.def
    -l ${PROJECT_BINARY_DIR}/opt.lib
  DEPENDS ${dll}/opt.def VERBATIM)
add_custom_target(libopt_msvc ALL DEPENDS ${PROJECT_BINARY_DIR}/opt.lib)

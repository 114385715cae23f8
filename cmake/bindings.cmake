# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
#
# The common ground of the native modules of the languages.

include_guard()

find_program(OPT_SWIG NAMES swig4.0 swig)
opt_require(OPT_SWIG "SWIG" swig)
find_library(OPT_STATIC_ZLIB libz.a)
opt_require(OPT_STATIC_ZLIB "The static zlib (libz.a)" zlib1g-dev)

set(OPT_OTHER_BUILDS "" CACHE STRING
    "Build directories of other platforms: packages carry their libraries, too")

# opt_link_inside(<module>)
# Puts libopt and zlib inside a language's native module: a package then needs
# no library but those of C and C++, and none of the same name can take their
# place.
function(opt_link_inside module)
  add_dependencies(${module} libopt_static)
  target_include_directories(${module} PRIVATE
    ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/include)
  target_link_libraries(${module} PRIVATE
    $<TARGET_FILE:libopt_static> ${OPT_STATIC_ZLIB} Threads::Threads)
  target_compile_definitions(${module} PRIVATE $<$<BOOL:${WIN32}>:OPT_STATIC>)
endfunction()

# opt_export_only(<module> <version script>)
# On Windows a module exports what SWIG marks, and nothing else.
function(opt_export_only module script)
  target_link_options(${module} PRIVATE -Wl,-s)  # packages are for users
  if(WIN32)
    set_target_properties(${module} PROPERTIES PREFIX "")
    return()
  endif()
  set_property(TARGET ${module} APPEND PROPERTY LINK_DEPENDS ${script})
  target_link_options(${module} PRIVATE
    -Wl,--version-script=${script} -Wl,--as-needed -Wl,-z,relro -Wl,-z,now)
endfunction()

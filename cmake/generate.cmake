# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
#
# The target "generate" writes opt_names.h, the typed options of other languages
# and README's tables from the rules' descriptors, into the source tree.

if(OPT_BUILD_TESTS)  # one of which is that they are up to date
  file(GLOB sources CONFIGURE_DEPENDS cmake/generate/*.cc)
  add_executable(opt_generate ${sources})
  opt_warnings(opt_generate)
  target_include_directories(opt_generate PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(opt_generate PRIVATE libopt::opt_static)
  set(crates ${PROJECT_SOURCE_DIR}/bindings/rust)
  add_custom_target(generate
    COMMAND opt_generate ${PROJECT_SOURCE_DIR}
    COMMAND ${crates}/generate > ${PROJECT_BINARY_DIR}/bindings.rs
    COMMAND ${CMAKE_COMMAND} -E copy_if_different
      ${PROJECT_BINARY_DIR}/bindings.rs ${crates}/libopt-sys/src/bindings.rs
    VERBATIM)
endif()

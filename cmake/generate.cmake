# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
#
    cmake/generate/catalog.cc cmake/generate/cpp.cc cmake/generate/java.cc
    cmake/generate/main.cc cmake/generate/names.cc cmake/generate/python.cc
    cmake/generate/readme.cc cmake/generate/rust.cc)
  opt_warnings(opt_generate)
  target_include_directories(opt_generate PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(opt_generate PRIVATE libopt::opt_static)
  add_custom_target(generate
    COMMAND opt_generate ${PROJECT_SOURCE_DIR} VERBATIM)
endif()

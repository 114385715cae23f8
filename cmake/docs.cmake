# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
#
# The target "docs" writes the references of C, C++ and the languages that are
# built to <build directory>/docs, whose index.html leads to each.

set(docs_source ${PROJECT_SOURCE_DIR}/cmake/docs)
set(docs ${PROJECT_BINARY_DIR}/docs)
set(docs_python /usr/bin/python3)

# opt_configure_doxygen(<folder> <language> <hidden> <is C> <pattern>...)
# Writes docs_<folder>.doxyfile for the headers of these patterns; the variables
# are those of Doxyfile.in.
function(opt_configure_doxygen folder doxygen_language doxygen_hidden
         doxygen_is_c)
  list(TRANSFORM ARGN PREPEND ${PROJECT_SOURCE_DIR}/include/opt/)
  file(GLOB doxygen_input CONFIGURE_DEPENDS ${ARGN})
  list(JOIN doxygen_input " " doxygen_input)
  list(GET ARGN 0 doxygen_pattern)
  get_filename_component(doxygen_pattern ${doxygen_pattern} NAME)
  set(doxygen_filter ${docs_source}/${folder}_filter.py)
  set(doxygen_output ${docs}/${folder})
  configure_file(${docs_source}/Doxyfile.in docs_${folder}.doxyfile @ONLY)
endfunction()
opt_configure_doxygen(c C "" YES *.h)
opt_configure_doxygen(cpp C++ opt::internal NO *.hpp hpp/*.hpp)

set(lacking "")
foreach(program doxygen sphinx-build mdoc cargo)
  find_program(OPT_DOCS_${program} ${program})
  mark_as_advanced(OPT_DOCS_${program})
  if(NOT OPT_DOCS_${program} AND (OPT_BUILD_BINDINGS OR
      program STREQUAL doxygen OR
      (program STREQUAL sphinx-build AND OPT_BUILD_PYTHON) OR
      (program STREQUAL mdoc AND OPT_BUILD_CSHARP)))
    list(APPEND lacking ${program})
  endif()
endforeach()
add_custom_target(docs)
if(lacking)
  list(JOIN lacking ", " lacking)
  add_custom_command(TARGET docs
    COMMAND ${CMAKE_COMMAND} -E echo
      "Missing: ${lacking}. cmake/bootstrap docs installs it; then configure again."
    COMMAND ${CMAKE_COMMAND} -E false
    VERBATIM)
  return()
endif()

# opt_add_docs(<folder> <title> <about> COMMAND <command>...)
# The target docs_<folder> makes <folder>/index.html among the references; the
# page that leads to them all gets a line about it.
function(opt_add_docs folder title about)
  add_custom_target(docs_${folder}
    COMMAND ${CMAKE_COMMAND} -E rm -rf ${docs}/${folder}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${docs}/${folder}
    ${ARGN} VERBATIM)
  add_dependencies(docs docs_${folder})
  string(APPEND docs_list "  <dt><a href=\"${folder}/index.html\">${title}</a>"
    "</dt>\n  <dd>${about}</dd>\n")
  set(docs_list ${docs_list} PARENT_SCOPE)
endfunction()

opt_add_docs(c "C" "The library's own interface, <code>opt/opt.h</code>."
  COMMAND ${OPT_DOCS_doxygen} ${PROJECT_BINARY_DIR}/docs_c.doxyfile)
opt_add_docs(cpp "C++" "The header-only wrapper, <code>opt/opt.hpp</code>."
  COMMAND ${OPT_DOCS_doxygen} ${PROJECT_BINARY_DIR}/docs_cpp.doxyfile)

if(TARGET opt_python)
  opt_add_docs(python "Python" "The package <code>libopt</code>, with drop-ins
    for <code>torch.optim</code>."
    COMMAND ${CMAKE_COMMAND} -E rm -rf ${PROJECT_BINARY_DIR}/docs_python
    COMMAND ${CMAKE_COMMAND} -E copy_directory ${docs_source}/python
      ${PROJECT_BINARY_DIR}/docs_python
    COMMAND ${CMAKE_COMMAND} -E env PYTHONPATH=${PROJECT_BINARY_DIR}/python
      ${docs_python} ${OPT_DOCS_sphinx-build} -q -W --keep-going -b html
      -d ${PROJECT_BINARY_DIR}/docs_python/doctrees
      ${PROJECT_BINARY_DIR}/docs_python ${docs}/python)
  add_dependencies(docs_python opt_python)
endif()

if(TARGET java_javadoc)
  opt_add_docs(java "Java" "The package <code>org.libopt</code>."
    COMMAND ${CMAKE_COMMAND} -E copy_directory
      ${PROJECT_BINARY_DIR}/bindings/java/javadoc ${docs}/java)
  add_dependencies(docs_java java_javadoc)
endif()

if(TARGET opt_csharp_mono)
  set(mono ${PROJECT_BINARY_DIR}/csharp/mono)
  opt_add_docs(csharp "C#" "The namespace <code>LibOpt</code>."
    COMMAND ${docs_python} ${docs_source}/csharp.py ${OPT_DOCS_mdoc}
      ${mono}/LibOpt.dll ${mono}/LibOpt.xml ${PROJECT_VERSION} ${docs}/csharp)
  add_dependencies(docs_csharp opt_csharp_mono)
endif()

if(OPT_BUILD_BINDINGS)
  # In a folder of its own, so that nothing but these crates is in it.
  set(cargo ${PROJECT_BINARY_DIR}/docs_cargo)
  opt_add_docs(rust "Rust" "The crates <code>libopt</code> and
    <code>libopt-sys</code>."
    COMMAND ${CMAKE_COMMAND} -E rm -rf ${cargo}/doc
    COMMAND ${CMAKE_COMMAND} -E env "RUSTDOCFLAGS=-D warnings"
      LIBOPT_LIB_DIR=$<TARGET_FILE_DIR:libopt_static> ${OPT_DOCS_cargo} doc
      --quiet --offline --no-deps --target-dir ${cargo}
      --manifest-path ${PROJECT_SOURCE_DIR}/bindings/rust/Cargo.toml
    COMMAND ${CMAKE_COMMAND} -E copy_directory ${cargo}/doc ${docs}/rust
    COMMAND ${CMAKE_COMMAND} -E copy ${docs_source}/rust.html
      ${docs}/rust/index.html)
  add_dependencies(docs_rust libopt_static)
endif()

configure_file(${docs_source}/index.html.in ${docs}/index.html @ONLY)

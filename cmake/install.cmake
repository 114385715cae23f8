# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
#
# cmake --install: headers, libraries, find_package(libopt), pkg-config.

include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/libopt)
set(pkgconfig_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

install(TARGETS ${OPT_LIBRARIES} EXPORT libopt-targets
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY include/opt DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  PATTERN *.md EXCLUDE)
install(EXPORT libopt-targets NAMESPACE libopt:: DESTINATION ${package_dir})

# Before 1.0 a minor version may change what a program relies on.
if(PROJECT_VERSION_MAJOR EQUAL 0)
  set(compatibility SameMinorVersion)
else()
  set(compatibility SameMajorVersion)
endif()
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/libopt-config-version.cmake
  COMPATIBILITY ${compatibility})
install(FILES cmake/libopt-config.cmake
  ${PROJECT_BINARY_DIR}/libopt-config-version.cmake
  DESTINATION ${package_dir})

# Relative to itself, so that an installation can be moved as a whole; folders
# that were given with their whole path are where they are.
foreach(folder LIBDIR INCLUDEDIR)
  set(pc_${folder} ${CMAKE_INSTALL_${folder}})
  if(NOT IS_ABSOLUTE ${pc_${folder}})
    set(pc_${folder} "\${prefix}/${pc_${folder}}")
  endif()
endforeach()
if(IS_ABSOLUTE ${pkgconfig_dir})
  set(pc_prefix ${CMAKE_INSTALL_PREFIX})
else()
  file(RELATIVE_PATH prefix_from_pc /${pkgconfig_dir} /)
  set(pc_prefix "\${pcfiledir}/${prefix_from_pc}")
endif()
list(JOIN OPT_CXX_RUNTIME " " pc_cxx_runtime)
set(pc_url)
if(OPT_HOMEPAGE)
  set(pc_url "\nURL: ${OPT_HOMEPAGE}")
endif()
configure_file(cmake/libopt.pc.in libopt.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/libopt.pc DESTINATION ${pkgconfig_dir})

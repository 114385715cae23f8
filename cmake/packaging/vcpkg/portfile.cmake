# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

vcpkg_extract_source_archive(SOURCE_PATH
  ARCHIVE "${CMAKE_CURRENT_LIST_DIR}/libopt-${VERSION}.tar.gz")


vcpkg_cmake_configure(SOURCE_PATH "${SOURCE_PATH}"
  OPTIONS
    -DOPT_BUILD_TESTS=OFF
    -DOPT_BUILD_BENCH=OFF
    -DOPT_BUILD_EXAMPLES=OFF)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(PACKAGE_NAME libopt CONFIG_PATH lib/cmake/libopt)
vcpkg_fixup_pkgconfig()

# A triplet has one kind of library; libopt installs both, and its CMake targets
# name both.
set(VCPKG_POLICY_DLLS_IN_STATIC_LIBRARY enabled)
file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/debug/include")
file(INSTALL "${CMAKE_CURRENT_LIST_DIR}/usage"
  DESTINATION "${CURRENT_PACKAGES_DIR}/share/${PORT}")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")

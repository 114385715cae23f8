# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
#
# Compiler flags: of everything that is built here, and of the library.

if(OPT_SANITIZE)
  set(sanitize -fsanitize=${OPT_SANITIZE} -fno-sanitize-recover=all)
  add_compile_options(${sanitize} -fno-omit-frame-pointer)
  add_link_options(${sanitize})
  # AddressSanitizer finds what lies beyond an object, and more surely.
  if(OPT_SANITIZE STREQUAL "address,undefined")
    add_compile_options(-fno-sanitize=object-size)
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    add_compile_options(
      -fsanitize-ignorelist=${PROJECT_SOURCE_DIR}/cmake/not_sanitized.txt)
  endif()
endif()

# WebAssembly has one target of SIMD instructions, and an engine without them
# refuses the whole module. Highway 1.0 has no vectors of doubles for it; the
# compiler makes such instructions of the target that emulates vectors.
set(exceptions -fexceptions)
if(EMSCRIPTEN)
  option(OPT_WASM_SIMD "Use WebAssembly's SIMD instructions" ON)
  set(exceptions -fwasm-exceptions)
  add_compile_options(${exceptions} $<$<BOOL:${OPT_WASM_SIMD}>:-msimd128>)
  add_link_options(${exceptions})
endif()

# Language standards and warnings of a target.
function(opt_warnings target)
  set_target_properties(${target} PROPERTIES
    C_STANDARD 11 C_STANDARD_REQUIRED ON C_EXTENSIONS OFF
    CXX_STANDARD 17 CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS OFF)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -pedantic $<$<BOOL:${OPT_WERROR}>:-Werror>)
endfunction()

# Flags of the library's own objects. Results are the same bits everywhere
# only as long as no compiler fuses a multiplication and an addition.
function(opt_library_flags target)
  opt_warnings(${target})
  set_target_properties(${target} PROPERTIES
    POSITION_INDEPENDENT_CODE $<NOT:$<BOOL:${EMSCRIPTEN}>>
    UNITY_BUILD OFF  # Highway compiles each source several times by itself
    CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON)
  if(WIN32 AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # The stack is aligned to 16 bytes there, and GCC keeps wider vectors in it
    # all the same: they must not be moved as if they were aligned.
    target_compile_options(${target} PRIVATE -Wa,-muse-unaligned-vector-move)
  endif()
  target_compile_options(${target} PRIVATE
    -ffp-contract=off -fno-math-errno
    ${exceptions} -frtti)  # although a host's own flags may say otherwise
  target_compile_definitions(${target} PRIVATE
    OPT_BUILD HWY_COMPILE_ALL_ATTAINABLE
    $<$<BOOL:${EMSCRIPTEN}>:HWY_DISABLED_TARGETS=HWY_WASM>)
  # The kernels are one text for all SIMD targets: two are enough for a sanitizer.
  # Those of the target without vectors take ten times as long as the others, to
  # compile and to run; SSSE3 stands in for it as the one that is always there.
  if(OPT_SANITIZE AND NOT OPT_SANITIZE_ALL_TARGETS AND
     CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    target_compile_options(${target} PRIVATE -mssse3)
    target_compile_definitions(${target} PRIVATE
      "HWY_DISABLED_TARGETS=(HWY_EMU128|HWY_SCALAR|HWY_SSE4|HWY_AVX3)")
  endif()
  target_include_directories(${target} PRIVATE
    ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/include)
  target_link_libraries(${target} PRIVATE
    hwy::hwy ZLIB::ZLIB Threads::Threads)
endfunction()

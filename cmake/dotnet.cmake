# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
#
# Programs of the .NET SDK that use the C# binding.

# opt_add_dotnet(<target> PROJECT <file.csproj> PROGRAM <variable>)
# Builds a project for the SDK's own framework, outside of the source tree;
# the variable receives the path of its assembly.
function(opt_add_dotnet target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "PROJECT;PROGRAM" "")
  cmake_path(GET arg_PROJECT STEM LAST_ONLY name)
  cmake_path(GET arg_PROJECT PARENT_PATH folder)
  file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.cs)
  set(place ${CMAKE_CURRENT_BINARY_DIR}/${target})
  set(program ${place}/bin/${name}/release/${name}.dll)
  add_custom_command(OUTPUT ${place}/built
    COMMAND ${OPT_DOTNET_COMMAND} build ${arg_PROJECT} -v quiet -c Release
      -p:Framework=${OPT_DOTNET_FRAMEWORK}
      -p:LibOptDll=${OPT_CSHARP_ASSEMBLY} -p:NativeFiles=${OPT_CSHARP_NATIVE}
      --artifacts-path ${place}
    COMMAND ${CMAKE_COMMAND} -E touch ${place}/built
    DEPENDS ${OPT_CSHARP_TARGET} ${OPT_CSHARP_PACKAGE} ${arg_PROJECT} ${sources}
    VERBATIM)
  add_custom_target(${target} ALL DEPENDS ${place}/built)
  set(${arg_PROGRAM} ${program} PARENT_SCOPE)
endfunction()

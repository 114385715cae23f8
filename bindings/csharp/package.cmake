# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
#
# The assembly by the .NET SDK, if there is one, and the NuGet package.

find_program(OPT_DOTNET dotnet)
if(NOT OPT_DOTNET)
  message(STATUS "No .NET SDK: the C# binding is built for Mono alone")
  return()
endif()

# Without telemetry, and without servers that outlive the build.
set(OPT_DOTNET_ENVIRONMENT ${CMAKE_COMMAND} -E env DOTNET_CLI_TELEMETRY_OPTOUT=1
  DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1 MSBUILDDISABLENODEREUSE=1
  UseSharedCompilation=false)
set(OPT_DOTNET_COMMAND ${OPT_DOTNET_ENVIRONMENT} ${OPT_DOTNET})
set(OPT_DOTNET_PROPERTIES
  -p:Version=${PROJECT_VERSION} -p:SwigFiles=${swig} -p:Runtimes=${csharp}/packed
  -p:Notices=${PROJECT_SOURCE_DIR}
  -p:Homepage=${OPT_HOMEPAGE})
set(dotnet ${csharp}/dotnet)
set(runtimes ${csharp}/runtimes)
foreach(build IN LISTS OPT_OTHER_BUILDS)
  list(APPEND runtimes ${build}/csharp/runtimes)
endforeach()
add_custom_command(
  OUTPUT ${dotnet}/LibOpt.${PROJECT_VERSION}.nupkg
  COMMAND ${CMAKE_COMMAND} -E rm -rf ${csharp}/packed
  COMMAND ${CMAKE_COMMAND} -E copy_directory ${runtimes} ${csharp}/packed
  COMMAND ${OPT_DOTNET_COMMAND} pack ${here}/LibOpt/LibOpt.csproj -v quiet
    -c Release --artifacts-path ${dotnet}/artifacts
    -p:PackageOutputPath=${dotnet}
    ${OPT_DOTNET_PROPERTIES}
  DEPENDS opt_csharp_native ${wrapper} ${sources}
    ${here}/LibOpt/LibOpt.csproj ${here}/LibOpt/README.md ${notices}
  VERBATIM)
add_custom_target(opt_csharp_dotnet ALL
  DEPENDS ${dotnet}/LibOpt.${PROJECT_VERSION}.nupkg)
set(OPT_DOTNET_ENVIRONMENT ${OPT_DOTNET_ENVIRONMENT} PARENT_SCOPE)
set(OPT_DOTNET_COMMAND ${OPT_DOTNET_COMMAND} PARENT_SCOPE)
execute_process(COMMAND ${OPT_DOTNET} --version
  OUTPUT_VARIABLE sdk OUTPUT_STRIP_TRAILING_WHITESPACE)
string(REGEX MATCH "^[0-9]+" framework ${sdk})
set(OPT_DOTNET_FRAMEWORK net${framework}.0 PARENT_SCOPE)
set(OPT_CSHARP_PACKAGE ${dotnet}/LibOpt.${PROJECT_VERSION}.nupkg PARENT_SCOPE)
set(OPT_CSHARP_ASSEMBLY ${dotnet}/artifacts/bin/LibOpt/release/LibOpt.dll
  PARENT_SCOPE)
set(OPT_CSHARP_BUILT ${dotnet}/LibOpt.${PROJECT_VERSION}.nupkg PARENT_SCOPE)
set(OPT_CSHARP_TARGET opt_csharp_dotnet PARENT_SCOPE)

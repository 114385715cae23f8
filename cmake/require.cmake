# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
#
# A missing tool is named with its package and the command that installs it.

# opt_require(<variable> <what> <package>)
# Ends the configuration if <variable> is false, as it is where a find_program,
# find_package(... QUIET) or the like found nothing. <package> is Debian's.
function(opt_require variable what package)
  if(NOT ${variable})
    message(FATAL_ERROR
      "${what} was not found. Debian's package is ${package}: cmake/bootstrap "
      "tests installs it, and whatever else the presets need. README.md lists "
      "the options that leave out what needs it.")
  endif()
endfunction()

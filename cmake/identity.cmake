# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
#
# Facts that packages tell about the project; no other place has them.
# Both are empty until the project has a public home: artifacts then leave the
# field out, and recipes that cannot do without it refuse and name it here.

set(OPT_HOMEPAGE "" CACHE STRING "Public address of the project, https://...")
set(OPT_CONTACT "" CACHE STRING "Who answers for packages: Name <address>")

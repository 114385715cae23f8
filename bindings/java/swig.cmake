# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
#
# Runs SWIG: cmake -DSWIG=... -DROOT=... -DOUT=... -P swig.cmake. The Java files
# go to OUT/org/libopt, the native side is OUT/wrap.cc.

set(java ${OUT}/org/libopt)
file(REMOVE_RECURSE ${java})
file(MAKE_DIRECTORY ${java})
execute_process(
  COMMAND ${SWIG} -c++ -java -Wall -Werror -package org.libopt -module Native
          -I${ROOT}/include -I${ROOT} -I${ROOT}/bindings/java
          -outdir ${java} -o ${OUT}/wrap.cc ${ROOT}/bindings/opt.i
  COMMAND_ERROR_IS_FATAL ANY)

# SWIG makes the interface of constants public, whatever it is told.
file(READ ${java}/NativeConstants.java text)
string(REPLACE "public interface" "interface" text "${text}")
file(WRITE ${java}/NativeConstants.java "${text}")

# The files, as javac takes them.
file(GLOB files ${java}/*.java)
list(JOIN files "\n" text)
file(WRITE ${OUT}/list "${text}\n")

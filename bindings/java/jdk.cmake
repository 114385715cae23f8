# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
#
# Finds the JDK: the folder JAVA_HOME, given to CMake or in the environment,
# else the JDK whose javac comes first on the path. CMake's own modules search
# the folders of some distributions, and know only the JDKs of their time.

if(NOT JAVA_HOME)
  find_program(javac javac HINTS ENV JAVA_HOME PATH_SUFFIXES bin NO_CACHE)
  opt_require(javac "A JDK, 11 or later (javac)," default-jdk-headless)
  # The path may lead to a link or to a version manager's script; the compiler
  # itself knows where it lies.
  execute_process(COMMAND ${javac} -J-XshowSettings:properties -version
    OUTPUT_VARIABLE said ERROR_VARIABLE said)
  if(NOT said MATCHES "java\\.home = ([^\n]+)")
    message(FATAL_ERROR "${javac} does not tell its JDK (java.home), but:\n"
      "${said}\nSet JAVA_HOME to the folder of a JDK.")
  endif()
  set(JAVA_HOME ${CMAKE_MATCH_1} CACHE PATH
      "The JDK that builds and tests the Java binding")
endif()

set(lacking "")
foreach(file bin/java bin/javac bin/jar bin/javadoc include/jni.h)
  if(NOT EXISTS ${JAVA_HOME}/${file})
    list(APPEND lacking ${file})
  endif()
endforeach()
if(lacking)
  list(JOIN lacking ", " lacking)
  message(FATAL_ERROR
    "${JAVA_HOME} is not a complete JDK: it lacks ${lacking}. Set JAVA_HOME to "
    "the folder of a JDK, 11 or later (Debian's package is "
    "default-jdk-headless), or put its javac first on the path, and configure "
    "again with cmake --fresh.")
endif()

find_package(Java 11 REQUIRED COMPONENTS Development)
if(WIN32 AND CMAKE_CROSSCOMPILING)  # the JDK is not that of the other system
  set(JNI_INCLUDE_DIRS
    ${CMAKE_CURRENT_LIST_DIR}/windows ${JAVA_HOME}/include)
else()
  find_package(JNI REQUIRED COMPONENTS JVM)
endif()

# How the tests start a JVM; from 24 on it warns of native code without this.
set(OPT_JAVA_COMMAND ${Java_JAVA_EXECUTABLE})
if(Java_VERSION VERSION_GREATER_EQUAL 24)
  list(APPEND OPT_JAVA_COMMAND --enable-native-access=ALL-UNNAMED)
endif()
set_property(GLOBAL PROPERTY OPT_JAVA_COMMAND ${OPT_JAVA_COMMAND})

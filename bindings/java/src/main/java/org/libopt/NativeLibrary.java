// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Finds and loads the native library, once. */
final class NativeLibrary {
  /** Property: the native library's file or its directory; then nowhere else is looked. */
  static final String PATH = "org.libopt.native.path";

  private static final String NAME = System.mapLibraryName("opt_java");

  private NativeLibrary() {}

  /** Throws UnsatisfiedLinkError, which lists where it looked. */
  static void load() {
    List<String> tried = new ArrayList<>();
    String path = System.getProperty(PATH);
    boolean loaded =
        path != null
            ? loadFile(tried, path)
            : loadUnpacked(tried, platform()) || loadInstalled(tried);
    if (!loaded) {
      throw new UnsatisfiedLinkError(
          "libopt: the native library " + NAME + " could not be loaded. Looked at:\n  "
              + String.join("\n  ", tried) + "\nGive its path with -D" + PATH
              + "=<file or directory>; the jar's copy is unpacked to the directory that"
              + " -Djava.io.tmpdir=<directory> names, which must allow execution.");
    }
  }

  /** The folder of a platform's library in the jar: "linux-x86_64". */
  static String platform() {
    String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT).replaceAll(" .*", "");
    String arch = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
    return os + "-" + (arch.equals("amd64") ? "x86_64" : arch);
  }

  private static boolean loadFile(List<String> tried, String path) {
    Path file = Path.of(path).toAbsolutePath();
    if (Files.isDirectory(file)) {
      file = file.resolve(NAME);
    }
    return load(tried, file, file + " (property " + PATH + ")");
  }

  private static boolean loadUnpacked(List<String> tried, String platform) {
    String name = "native/" + platform + "/" + NAME;
    String what = "the jar's org/libopt/" + name;
    try (InputStream library = NativeLibrary.class.getResourceAsStream(name)) {
      if (library == null) {
        tried.add(what + ": not there");
        return false;
      }
      Path directory = Files.createTempDirectory("libopt-");
      Path file = directory.resolve(NAME);
      try {
        Files.copy(library, file);
        return load(tried, file, what + ", unpacked to " + directory);
      } finally {
        remove(directory, file);
      }
    } catch (IOException e) {
      tried.add(what + ": " + e);
      return false;
    }
  }

  private static boolean loadInstalled(List<String> tried) {
    String what = "java.library.path " + System.getProperty("java.library.path");
    try {
      System.loadLibrary("opt_java");
      return true;
    } catch (UnsatisfiedLinkError e) {
      tried.add(what + ": " + e.getMessage());
      return false;
    }
  }

  private static boolean load(List<String> tried, Path file, String what) {
    try {
      System.load(file.toString());
      return true;
    } catch (UnsatisfiedLinkError e) {
      tried.add(what + ": " + e.getMessage());
      return false;
    }
  }

  /** At once, where a loaded file can be removed, else when the JVM exits. */
  private static void remove(Path directory, Path file) {
    try {
      Files.deleteIfExists(file);
      Files.delete(directory);
    } catch (IOException e) {
      directory.toFile().deleteOnExit();
      file.toFile().deleteOnExit(); // the last comes first
    }
  }
}

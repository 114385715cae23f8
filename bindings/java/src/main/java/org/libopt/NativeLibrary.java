// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
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

  /** The folder of a platform's libraries in the jar: "linux-x86_64". */
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

  /** Unpacks the jar's libraries, which find each other beside them by their SONAMEs. */
  private static boolean loadUnpacked(List<String> tried, String platform) {
    String folder = "native/" + platform + "/";
    String what = "the jar's org/libopt/" + folder + NAME;
    List<Path> unpacked = new ArrayList<>();
    try (InputStream list = NativeLibrary.class.getResourceAsStream(folder + "list")) {
      if (list == null) {
        tried.add(what + ": not there");
        return false;
      }
      Path directory = Files.createTempDirectory("libopt-");
      unpacked.add(directory);
      BufferedReader names =
          new BufferedReader(new InputStreamReader(list, StandardCharsets.UTF_8));
      for (String name = names.readLine(); name != null; name = names.readLine()) {
        unpacked.add(directory.resolve(name));
        try (InputStream library = NativeLibrary.class.getResourceAsStream(folder + name)) {
          if (library == null) {
            throw new IOException(name + " is not there");
          }
          Files.copy(library, directory.resolve(name));
        }
      }
      return load(tried, directory.resolve(NAME), what + ", unpacked to " + directory);
    } catch (IOException e) {
      tried.add(what + ": " + e);
      return false;
    } finally {
      remove(unpacked);
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
  private static void remove(List<Path> unpacked) {
    for (int i = unpacked.size(); i-- > 0; ) {
      try {
        Files.deleteIfExists(unpacked.get(i));
      } catch (IOException e) {
        continue; // what is left is deleted at exit
      }
    }
    for (Path path : unpacked) {
      if (Files.exists(path)) {
        path.toFile().deleteOnExit(); // which deletes the last first, the directory at the end
      }
    }
  }
}

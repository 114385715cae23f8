// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

//! Finds libopt, and what it needs, and tells the linker.
//!
//! With LIBOPT_LIB_DIR in the environment, libopt is taken from that folder:
//! libopt.a, or if there is none the shared library. Without, it is built with
//! CMake from the sources in this package; CMAKE_TOOLCHAIN_FILE names the file
//! with which to build for another system.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if env::var_os("DOCS_RS").is_some() {
        return; // documentation links nothing
    }
    for name in ["LIBOPT_LIB_DIR", "CMAKE_GENERATOR", "CMAKE_TOOLCHAIN_FILE"] {
        println!("cargo:rerun-if-env-changed={name}");
    }
    match env::var_os("LIBOPT_LIB_DIR") {
        Some(folder) => link(Path::new(&folder)),
        None => link(&build()),
    }
}

/// Builds the static library and returns its folder.
fn build() -> PathBuf {
    let package = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap());
    let source = package.join("source");
    // In libopt's tree these are links.
    for part in ["CMakeLists.txt", "cmake", "include", "src"] {
        let path = source.join(part).canonicalize();
        let path = path.unwrap_or_else(|error| panic!("source/{part}: {error}"));
        println!("cargo:rerun-if-changed={}", path.display());
    }
    // Packages that compile C against this one see DEP_OPT_INCLUDE.
    println!("cargo:include={}", source.join("include").display());
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap()).join("build");
    run(Command::new("cmake")
        .args(generator(&out))
        .arg("-S")
        .arg(&source)
        .arg("-B")
        .arg(&out)
        .arg("-DCMAKE_BUILD_TYPE=Release")
        .args(
            ["TESTS", "BENCH", "EXAMPLES", "BINDINGS"]
                .map(|part| format!("-DOPT_BUILD_{part}=OFF")),
        ));
    run(Command::new("cmake")
        .arg("--build")
        .arg(&out)
        .args(["--target", "libopt_static", "--parallel"])
        .arg(env::var("NUM_JOBS").unwrap_or_else(|_| "1".into())));
    out
}

/// Ninja where it is, unless CMAKE_GENERATOR or an earlier build says what CMake
/// shall write for: its own choice is make, which need not be there.
fn generator(out: &Path) -> &'static [&'static str] {
    let chosen = env::var_os("CMAKE_GENERATOR").is_some() || out.join("CMakeCache.txt").exists();
    if !chosen && Command::new("ninja").arg("--version").output().is_ok() {
        &["-G", "Ninja"]
    } else {
        &[]
    }
}

fn run(command: &mut Command) {
    let status =
        command.status().unwrap_or_else(|error| panic!("{command:?}: {error}; install cmake"));
    assert!(status.success(), "{command:?}: {status}");
}

fn link(folder: &Path) {
    println!("cargo:rustc-link-search=native={}", folder.display());
    println!("cargo:rerun-if-changed={}", folder.join("libopt.a").display());
    if !folder.join("libopt.a").exists() {
        println!("cargo:rustc-link-lib=dylib=opt");
        return;
    }
    println!("cargo:rustc-link-lib=static=opt");
    link_statically_if_possible("z");
    if env::var_os("CARGO_CFG_WINDOWS").is_some() {
        // Windows has neither of them.
        link_statically_if_possible("stdc++");
        link_statically_if_possible("winpthread");
    } else {
        println!("cargo:rustc-link-lib=dylib=stdc++");
    }
}

/// A static library, so that a program needs nothing at run time, where the C
/// compiler knows one.
fn link_statically_if_possible(library: &str) {
    let windows = env::var_os("CARGO_CFG_WINDOWS").is_some();
    let usual = if windows { "x86_64-w64-mingw32-gcc" } else { "cc" };
    let compiler = env::var_os("CC").unwrap_or_else(|| usual.into());
    let name = format!("lib{library}.a");
    let output = Command::new(compiler).arg(format!("-print-file-name={name}")).output();
    let found = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_string());
    match found.map(PathBuf::from) {
        Ok(path) if path.is_absolute() => {
            let folder = path.parent().unwrap();
            println!("cargo:rustc-link-search=native={}", folder.display());
            println!("cargo:rustc-link-lib=static={library}");
        }
        _ => println!("cargo:rustc-link-lib=dylib={library}"),
    }
}

//! Rebuilds the crate when the console was built. It creates nothing: without a console the server says how to get one.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a build script looks at the source folder and talks to cargo"
)]

use std::path::Path;

fn main() {
    let built = "../../console/dist";
    // A path that is not there counts as changed in every build, so until there is a console its surroundings are watched.
    let watched = if Path::new(built).is_dir() {
        built
    } else {
        "../../console"
    };
    println!("cargo:rerun-if-changed={watched}");
    println!("cargo:rerun-if-changed=build.rs");
}

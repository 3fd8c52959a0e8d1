//! Has this crate built again when a file below `content/` comes, goes or changes: the macro that embeds them sees
//! changes only in files that were there before.

#![allow(clippy::print_stdout, reason = "this is how a build script talks to cargo")]

fn main() {
    println!("cargo::rerun-if-changed=../../content");
}

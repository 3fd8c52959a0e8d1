//! The console: its packages, its build and its checks, all by npm in `console/`.

use std::path::PathBuf;
use std::process::Command;

use crate::workspace::{output, read, root, run, succeeds};
use crate::{Failure, no_arguments};

pub(crate) const ABOUT: &str = "build the console, which the next build of the program embeds";

pub(crate) fn run_chore(arguments: &[String]) -> Result<(), Failure> {
    no_arguments("console", arguments)?;
    prepare()?;
    build()
}

/// What the console's tools are tried with; older ones do not start.
const OLDEST_NODE: u32 = 20;

/// Installs the console's packages, unless those of the lock file are there.
pub(crate) fn prepare() -> Result<(), Failure> {
    check_node()?;
    let wanted = read(&folder().join("package-lock.json"))?;
    // npm keeps no record of which lock file it installed from.
    let installed = folder().join("node_modules/.installed-from");
    if std::fs::read_to_string(&installed).is_ok_and(|lock| lock == wanted) {
        println!("the console's packages are there already");
        return Ok(());
    }
    println!("installing the console's packages into console/node_modules (npm ci)");
    run(&mut npm(&[
        "ci",
        "--prefer-offline",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
    ]))?;
    std::fs::write(&installed, wanted).map_err(|error| format!("cannot write {}: {error}", installed.display()))
}

/// Builds `console/dist`, which the server embeds.
pub(crate) fn build() -> Result<(), Failure> {
    run(&mut npm(&["run", "--silent", "build"]))
}

/// Runs the console's own checks: types, lints, unit tests.
pub(crate) fn check() -> Result<(), Failure> {
    run(&mut npm(&["run", "--silent", "check"]))
}

/// Returns npm with `arguments`, run in the console's folder.
pub(crate) fn npm(arguments: &[&str]) -> Command {
    let mut command = Command::new("npm");
    command.args(arguments).current_dir(folder());
    command.env("CI", "true").env("NO_UPDATE_NOTIFIER", "1");
    command
}

pub(crate) fn folder() -> PathBuf {
    root().join("console")
}

fn check_node() -> Result<(), Failure> {
    let advice = format!(
        "the console is built by Node.js {OLDEST_NODE} or newer with npm: install it from https://nodejs.org or your distribution"
    );
    if !succeeds(Command::new("npm").arg("--version")) {
        return Err(advice);
    }
    let version = output(Command::new("node").arg("--version")).map_err(|_| advice.clone())?;
    match major(&version) {
        Some(major) if major >= OLDEST_NODE => Ok(()),
        _ => Err(format!("this is Node.js {}; {advice}", version.trim())),
    }
}

/// `v20.20.2`
fn major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn the_version_of_node_is_read() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert_eq!(major("v9.1.0"), Some(9));
        assert_eq!(major("unknown"), None);
    }
}

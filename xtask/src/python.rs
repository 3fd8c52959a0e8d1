//! A Python with DuckDB, for the test that another program opens the store.

use std::path::PathBuf;
use std::process::Command;

use crate::Failure;
use crate::workspace::{run, succeeds, target_dir};

/// Names the Python of the store's tests, here and in the tests themselves.
pub(crate) const VARIABLE: &str = "SEKISHO_TEST_PYTHON";

/// One version together: an extension loads only into the DuckDB it was built for.
const PINS: [&str; 3] = [
    "duckdb==1.5.5",
    "duckdb-extension-ducklake==1.5.5",
    "duckdb-extension-sqlite-scanner==1.5.5",
];

/// Returns a Python that has DuckDB, made once per target directory.
pub(crate) fn prepare() -> Result<PathBuf, Failure> {
    if let Some(own) = std::env::var_os(VARIABLE) {
        println!("using the Python that {VARIABLE} names");
        return Ok(own.into());
    }
    let directory = target_dir().join("test-python");
    let python = directory.join("bin/python");
    let made_of = directory.join("made-of.txt");
    let wanted = PINS.join("\n");
    if std::fs::read_to_string(&made_of).is_ok_and(|found| found == wanted) && imports(&python) {
        println!("DuckDB for the store's tests is there already");
        return Ok(python);
    }
    println!(
        "installing {} for the store's tests, in the build directory",
        PINS.join(", ")
    );
    make_environment(&directory)?;
    let pip = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-input",
    ];
    run(Command::new(&python).args(pip).args(PINS))?;
    if !imports(&python) {
        return Err("DuckDB was installed but does not start".to_owned());
    }
    std::fs::write(&made_of, wanted).map_err(|error| format!("cannot write {}: {error}", made_of.display()))?;
    Ok(python)
}

fn make_environment(directory: &PathBuf) -> Result<(), Failure> {
    let venv = || {
        let mut command = Command::new("python3");
        command.args(["-m", "venv", "--clear"]).arg(directory);
        command
    };
    if !succeeds(Command::new("python3").arg("--version")) {
        return Err("python3 is needed for the store's tests; install Python 3.10 or newer".to_owned());
    }
    if succeeds(&mut venv()) {
        return Ok(());
    }
    // Debian keeps `venv` in a package of its own. Only where we may: a container, or CI.
    if succeeds(Command::new("sh").args(["-c", "test \"$(id -u)\" = 0 && command -v apt-get"])) {
        println!("installing the Debian package python3-venv");
        run(Command::new("apt-get").args(["update", "--quiet"]))?;
        run(Command::new("apt-get").args(["install", "--quiet", "--yes", "python3-venv"]))?;
    }
    run(&mut venv()).map_err(|failure| format!("{failure}; on Debian and Ubuntu install python3-venv"))
}

fn imports(python: &PathBuf) -> bool {
    succeeds(Command::new(python).args([
        "-c",
        "import duckdb, duckdb_extension_ducklake, duckdb_extension_sqlite_scanner",
    ]))
}

//! The release archive: program, manual pages, completions and documents.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::workspace::{cargo, output, root, run as run_command, target_dir};
use crate::{Failure, console, no_arguments};

pub(crate) const ABOUT: &str = "build the release archive";

const SHELLS: [&str; 3] = ["bash", "zsh", "fish"];
const DOCUMENTS: [&str; 6] = [
    "README.md",
    "README.ja.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "LICENSE",
    "console/NOTICE",
];

pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    no_arguments("package", arguments)?;
    // Before the program, which embeds it.
    console::prepare()?;
    console::build()?;
    println!("building the release; the first time takes many minutes");
    run_command(&mut cargo(&["build", "--release", "--package", "sekisho", "--locked"]))?;
    let program = target_dir().join("release").join("sekisho");
    let name = format!("sekisho-{}-{}", env!("CARGO_PKG_VERSION"), host()?);
    let folder = target_dir().join("package").join(&name);
    fill(&folder, &program)?;
    let archive = pack(&folder, &name)?;
    println!("{archive}");
    Ok(())
}

fn fill(folder: &Path, program: &Path) -> Result<(), Failure> {
    let man = folder.join("share/man/man1");
    let completions = folder.join("share/completions");
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(|error| format!("cannot empty {}: {error}", folder.display()))?;
    }
    for directory in [&folder.join("bin"), &man, &completions] {
        fs::create_dir_all(directory).map_err(|error| format!("cannot make {}: {error}", directory.display()))?;
    }
    copy(program, &folder.join("bin/sekisho"))?;
    for document in DOCUMENTS {
        let document = Path::new(document);
        copy(
            &root().join(document),
            &folder.join(document.file_name().unwrap_or_default()),
        )?;
    }
    run_command(Command::new(program).arg("man").arg(&man))?;
    for shell in SHELLS {
        let script = output(Command::new(program).args(["completions", shell]))?;
        let path = completions.join(format!("sekisho.{shell}"));
        fs::write(&path, script).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    }
    Ok(())
}

/// Packs so that the same commit gives the same bytes: sorted, no owner, the commit's time.
fn pack(folder: &Path, name: &str) -> Result<String, Failure> {
    let commit_time = output(
        Command::new("git")
            .args(["log", "-1", "--format=%ct"])
            .current_dir(root()),
    )?;
    let beside = folder.parent().ok_or("the package has no folder")?;
    let archive = format!("{name}.tar.gz");
    run_command(
        Command::new("tar")
            .args(["--sort=name", "--owner=0", "--group=0", "--numeric-owner"])
            .arg(format!("--mtime=@{}", commit_time.trim()))
            .args([
                "--use-compress-program=gzip --no-name",
                "--create",
                "--file",
                &archive,
                name,
            ])
            .current_dir(beside),
    )?;
    let sum = output(Command::new("sha256sum").arg(&archive).current_dir(beside))?;
    let path = beside.join(format!("{archive}.sha256"));
    fs::write(&path, sum).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    Ok(beside.join(archive).display().to_string())
}

fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    fs::copy(from, to)
        .map(drop)
        .map_err(|error| format!("cannot copy {} to {}: {error}", from.display(), to.display()))
}

fn host() -> Result<String, Failure> {
    let said = output(Command::new("rustc").arg("-vV"))?;
    said.lines()
        .find_map(|line| line.strip_prefix("host: "))
        .map(str::to_owned)
        .ok_or_else(|| "rustc names no host".to_owned())
}

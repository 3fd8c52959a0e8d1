//! Holds the crates to the rooms of ARCHITECTURE.md: who may use whom, and who may touch the machine.

use std::path::Path;

use crate::workspace::{files_below, read, root, short};
use crate::{Failure, no_arguments};

pub(crate) const ABOUT: &str = "check that crates use only what ARCHITECTURE.md allows";

/// A crate, and what it may use of the others outside its tests. From the ground up, so that an
/// arrow to a later row is refused whatever the row says.
struct Room {
    name: &'static str,
    may_use: &'static [&'static str],
    /// Whether it may reach disk, environment, clock and sockets.
    touches_machine: bool,
}

const ROOMS: &[Room] = &[
    pure("event", &[]),
    at_the_machine("io", &[]),
    pure("decode", &["event"]),
    pure("predicate", &["event"]),
    pure("sigma", &["event", "predicate"]),
    pure("hunt", &["event", "predicate"]),
    pure("verdict", &["event", "hunt"]),
    pure("session", &["event"]),
    pure("search", &["event"]),
    pure("content", &[]),
    pure("demo", &["event"]),
    pure("index", &[]),
    at_the_machine("store", &["event", "io", "index"]),
    pure(
        "operation",
        &[
            "event",
            "io",
            "decode",
            "predicate",
            "sigma",
            "hunt",
            "verdict",
            "session",
            "search",
            "content",
            "demo",
            "store",
        ],
    ),
    at_the_machine("server", &["event", "operation"]),
    at_the_machine("cli", &["event", "operation", "server"]),
];

const fn pure(name: &'static str, may_use: &'static [&'static str]) -> Room {
    Room {
        name,
        may_use,
        touches_machine: false,
    }
}

const fn at_the_machine(name: &'static str, may_use: &'static [&'static str]) -> Room {
    Room {
        name,
        may_use,
        touches_machine: true,
    }
}

/// Heavy or outward-facing crates and the only rooms that may use them: the rule crates must build
/// in seconds, and one place alone opens what could leak.
const KEPT: &[(&str, &[&str])] = &[
    ("datafusion", &["store", "operation"]),
    ("datafusion-ducklake", &["store"]),
    ("parquet", &["store"]),
    ("rusqlite", &["store"]),
    ("sqlx", &["store"]),
    ("tokio", &["store", "operation", "server", "cli"]),
    ("axum", &["server"]),
    ("hyper", &["server"]),
    ("tempfile", &["io", "store"]),
    ("clap", &["cli"]),
];

/// Words that reach for the machine. Clippy refuses the calls; this also sees code that clippy's
/// build of one platform leaves out.
const MACHINE: &[&str] = &[
    "fs::",
    "File::",
    "OpenOptions",
    "env::",
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "ToSocketAddrs",
    "process::",
    "SystemTime::now",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
];

pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    no_arguments("check-layers", arguments)?;
    check()
}

/// Returns an error that lists every arrow and word that is out of place.
pub(crate) fn check() -> Result<(), Failure> {
    let mut wrong = check_rooms_are_documented()?;
    for (layer, room) in ROOMS.iter().enumerate() {
        let folder = root().join("crates").join(room.name);
        let manifest = folder.join("Cargo.toml");
        for dependency in dependencies(&read(&manifest)?) {
            if let Some(problem) = refuse_dependency(layer, &dependency) {
                wrong.push(format!("{}: {problem}", short(&manifest)));
            }
        }
        if !room.touches_machine {
            wrong.extend(reaching_out(&folder.join("src"))?);
        }
    }
    if wrong.is_empty() {
        println!("{} crates keep to their rooms", ROOMS.len());
        return Ok(());
    }
    Err(format!(
        "{} things are out of place:\n  {}",
        wrong.len(),
        wrong.join("\n  ")
    ))
}

/// Every crate is a room here and a row of ARCHITECTURE.md, and the other way round.
fn check_rooms_are_documented() -> Result<Vec<String>, Failure> {
    let mut wrong = Vec::new();
    let rows = documented_rooms(&read(&root().join("ARCHITECTURE.md"))?);
    let crates = root().join("crates");
    let listing = std::fs::read_dir(&crates).map_err(|error| format!("cannot list {}: {error}", crates.display()))?;
    let folders: Vec<String> = listing
        .flatten()
        .filter(|entry| entry.path().join("Cargo.toml").is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    for name in folders.iter().chain(&rows) {
        if !ROOMS.iter().any(|room| room.name == name) {
            wrong.push(format!("crate `{name}` has no row in xtask/src/layers.rs"));
        }
    }
    for room in ROOMS {
        if !rows.iter().any(|row| row == room.name) {
            wrong.push(format!("crate `{}` has no row in ARCHITECTURE.md", room.name));
        }
        if !folders.iter().any(|folder| folder == room.name) {
            wrong.push(format!("there is no crate `{}`", room.name));
        }
    }
    wrong.dedup();
    Ok(wrong)
}

/// The first cells of the table under "Rooms".
fn documented_rooms(architecture: &str) -> Vec<String> {
    architecture
        .lines()
        .skip_while(|line| !line.starts_with("## Rooms"))
        .skip(1)
        .take_while(|line| !line.starts_with("## "))
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next().map(str::to_owned))
        .collect()
}

fn refuse_dependency(layer: usize, dependency: &str) -> Option<String> {
    let room = &ROOMS[layer];
    if let Some((_, owners)) = KEPT.iter().find(|(kept, _)| *kept == dependency) {
        let refused = !owners.contains(&room.name);
        return refused.then(|| format!("`{dependency}` is for {} only", owners.join(", ")));
    }
    let other = if dependency == "sekisho" {
        "cli"
    } else {
        dependency.strip_prefix("sekisho-")?
    };
    let Some(other_layer) = ROOMS.iter().position(|room| room.name == other) else {
        return Some(format!("`{other}` is no room"));
    };
    if other_layer >= layer {
        return Some(format!("the arrow from `{}` to `{other}` points upwards", room.name));
    }
    (!room.may_use.contains(&other)).then(|| format!("`{}` may not know `{other}`", room.name))
}

/// The names under `[dependencies]`, `[build-dependencies]` and their `[target.'..'.dependencies]`;
/// tests may use what they like.
fn dependencies(manifest: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut counts = false;
    for line in manifest.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[') {
            let section = section.trim_end_matches(']');
            counts =
                section == "dependencies" || section == "build-dependencies" || section.ends_with("'.dependencies");
            if let Some(name) = section.strip_prefix("dependencies.") {
                found.push(name.to_owned());
            }
        } else if counts && !line.starts_with('#') && line.contains('=') {
            found.extend(line.split(['.', ' ', '=']).next().map(str::to_owned));
        }
    }
    found
}

fn reaching_out(sources: &Path) -> Result<Vec<String>, Failure> {
    let mut wrong = Vec::new();
    for file in files_below(sources, "rs")? {
        for (number, word) in machine_words(&read(&file)?) {
            wrong.push(format!(
                "{}:{number}: `{word}` is for io, store and cli only",
                short(&file)
            ));
        }
    }
    Ok(wrong)
}

/// Machine words with their lines, up to the tests at the bottom of the file.
fn machine_words(source: &str) -> Vec<(usize, &'static str)> {
    let mut found = Vec::new();
    for (index, line) in source.lines().enumerate() {
        let line = line.trim_start();
        if line.starts_with("#[cfg(test)]") {
            break;
        }
        if line.starts_with("//") {
            continue;
        }
        found.extend(
            MACHINE
                .iter()
                .filter(|word| contains_word(line, word))
                .map(|word| (index + 1, *word)),
        );
    }
    found
}

/// Whether `word` stands in `line` and is not the end of a longer name.
fn contains_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|character| character.is_alphanumeric() || character == '_')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer_of(name: &str) -> usize {
        ROOMS.iter().position(|room| room.name == name).unwrap()
    }

    #[test]
    fn rooms_only_look_down() {
        for (layer, room) in ROOMS.iter().enumerate() {
            for used in room.may_use {
                assert!(layer_of(used) < layer, "{} to {used}", room.name);
            }
        }
    }

    #[test]
    fn a_new_arrow_is_refused() {
        assert!(
            refuse_dependency(layer_of("event"), "sekisho-decode")
                .unwrap()
                .contains("upwards")
        );
        assert!(
            refuse_dependency(layer_of("hunt"), "sekisho-io")
                .unwrap()
                .contains("may not know")
        );
        assert!(
            refuse_dependency(layer_of("sigma"), "datafusion")
                .unwrap()
                .contains("only")
        );
        assert_eq!(refuse_dependency(layer_of("sigma"), "sekisho-predicate"), None);
        assert_eq!(refuse_dependency(layer_of("sigma"), "regex"), None);
    }

    #[test]
    fn dependencies_are_read_without_those_of_tests() {
        let manifest = "[package]\nname = \"x\"\n[dependencies]\n# why\na.workspace = true\nb = \"1\"\n\
                        [target.'cfg(unix)'.dependencies]\nc = \"1\"\n[dev-dependencies]\nd = \"1\"\n[dependencies.e]\nversion = \"1\"\n";
        assert_eq!(dependencies(manifest), ["a", "b", "c", "e"]);
    }

    #[test]
    fn machine_words_are_seen_but_not_in_comments_names_and_tests() {
        let source = "// std::fs::read\nlet a = std::fs::read(p);\nlet b = offs::x;\nlet c = env!(\"X\");\nlet d = Instant::now();\n#[cfg(test)]\nmod tests { use std::fs; fs::read(p); }";
        assert_eq!(machine_words(source), [(2, "fs::"), (5, "Instant::now")]);
    }

    #[test]
    fn rooms_are_read_from_the_table() {
        let page = "| `not` | x |\n## Rooms\n\n| crate | what |\n|---|---|\n| `event` | x | y |\n| `cli` (binary) | x |\n## Next\n| `no` | x |";
        assert_eq!(documented_rooms(page), ["event", "cli"]);
    }
}

//! Holds the documents to the program: every command they show exists, every file they name is there.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use crate::workspace::{cargo, output, read, root, run as run_command, target_dir};
use crate::{CHORES, Failure, no_arguments};

pub(crate) const ABOUT: &str = "check the commands and links in the documents";

const DOCUMENTS: &[&str] = &[
    "README.md",
    "README.ja.md",
    "CONTRIBUTING.md",
    "STYLE.md",
    "SECURITY.md",
    "CHANGELOG.md",
    "ARCHITECTURE.md",
];

pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    no_arguments("check-docs", arguments)?;
    run_command(&mut cargo(&["build", "--workspace", "--bins", "--tests", "--locked"]))?;
    check()
}

/// Returns an error that lists every command and link that leads nowhere. The program must be built.
pub(crate) fn check() -> Result<(), Failure> {
    let mut wrong = Vec::new();
    let mut helps = Helps::default();
    let mut commands = 0;
    for name in DOCUMENTS {
        let text = read(&root().join(name))?;
        for link in links(&text) {
            if !root().join(link).exists() {
                wrong.push(format!("{name}: there is no {link}"));
            }
        }
        for (line, call) in calls(&text) {
            commands += 1;
            if let Err(problem) = helps.check(&call) {
                wrong.push(format!("{name}:{line}: {problem}"));
            }
        }
    }
    if wrong.is_empty() {
        println!("{commands} commands in {} documents exist", DOCUMENTS.len());
        return Ok(());
    }
    Err(format!(
        "{} things lead nowhere:\n  {}",
        wrong.len(),
        wrong.join("\n  ")
    ))
}

/// A command that a document shows.
#[derive(Debug, PartialEq, Eq)]
struct Call {
    /// `sekisho` or `cargo xtask`.
    program: Program,
    words: Vec<String>,
    options: Vec<String>,
}

#[derive(Debug, PartialEq, Eq, Clone, Copy)]
enum Program {
    Sekisho,
    Xtask,
}

/// The commands in fenced `sh` and `console` blocks, with their lines.
fn calls(text: &str) -> Vec<(usize, Call)> {
    let mut found = Vec::new();
    let mut in_shell = false;
    let mut in_fence = false;
    for (index, line) in text.lines().enumerate() {
        if let Some(language) = line.trim_start().strip_prefix("```") {
            in_fence = !in_fence;
            in_shell = in_fence && matches!(language.trim(), "sh" | "console");
        } else if in_shell {
            found.extend(call(line).map(|call| (index + 1, call)));
        }
    }
    found
}

fn call(line: &str) -> Option<Call> {
    let line = line.trim().trim_start_matches("$ ");
    let (program, rest) = if let Some(rest) = line.strip_prefix("cargo xtask ") {
        (Program::Xtask, rest)
    } else {
        let (program, rest) = line.split_once(' ')?;
        (program.rsplit('/').next()? == "sekisho").then_some((Program::Sekisho, rest))?
    };
    let own = rest.split(" #").next()?.split([';', '|', '>']).next()?;
    let mut words = Vec::new();
    let mut options = Vec::new();
    for part in own.split_whitespace() {
        if part.starts_with("--") && part.len() > 2 {
            options.push(part.split('=').next()?.to_owned());
        } else if options.is_empty()
            && words.len() < 2
            && part.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-')
        {
            words.push(part.to_owned());
        }
    }
    (!words.is_empty()).then_some(Call {
        program,
        words,
        options,
    })
}

/// The program's help texts, asked for once each.
#[derive(Default)]
struct Helps {
    known: BTreeMap<Vec<String>, Option<String>>,
}

impl Helps {
    fn check(&mut self, call: &Call) -> Result<(), Failure> {
        if call.program == Program::Xtask {
            let known = CHORES.iter().any(|chore| chore.name == call.words[0]);
            return if known {
                Ok(())
            } else {
                Err(format!("there is no `cargo xtask {}`", call.words[0]))
            };
        }
        // The second word is a subcommand (`sigma match`) or an argument (`query sql`): the longest that has help.
        let help = (1..=call.words.len())
            .rev()
            .find_map(|count| self.help(&call.words[..count]));
        let help = help.ok_or_else(|| format!("there is no `sekisho {}`", call.words.join(" ")))?;
        match call.options.iter().find(|option| !mentions(&help, option)) {
            None => Ok(()),
            Some(option) => Err(format!("`sekisho {}` has no {option}", call.words.join(" "))),
        }
    }

    fn help(&mut self, words: &[String]) -> Option<String> {
        let ask = || {
            let program = target_dir().join("debug/sekisho");
            output(
                Command::new(program)
                    .args(words)
                    .arg("--help")
                    .env("SEKISHO_LANG", "en"),
            )
            .ok()
        };
        self.known.entry(words.to_vec()).or_insert_with(ask).clone()
    }
}

fn mentions(help: &str, option: &str) -> bool {
    help.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '-'))
        .any(|word| word == option)
}

/// The targets of links to files of the tree.
fn links(text: &str) -> Vec<&str> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .map(|link| link.split('#').next().unwrap_or(link))
        .filter(|link| !link.is_empty() && !link.contains("://") && !Path::new(link).is_absolute())
        .filter(|link| !link.contains(char::is_whitespace))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_found_in_shell_blocks_only() {
        let page = "run sekisho foo\n```sh\n$ ./target/release/sekisho sigma match --rules r.yml x.ndjson # why\ncargo xtask test\n```\n```json\nsekisho bar\n```\n";
        let found = calls(page);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].0, 3);
        assert_eq!(found[0].1.words, ["sigma", "match"]);
        assert_eq!(found[0].1.options, ["--rules"]);
        assert_eq!(found[1].1.program, Program::Xtask);
    }

    #[test]
    fn options_are_whole_words() {
        assert!(mentions("  --rules <PATH>  Rules", "--rules"));
        assert!(!mentions("  --rules-dir <PATH>", "--rules"));
    }

    #[test]
    fn links_to_the_tree_are_found() {
        assert_eq!(
            links("[a](STYLE.md#x) [b](https://example.com/) [c](#here)"),
            ["STYLE.md"]
        );
    }
}

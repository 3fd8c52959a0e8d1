//! Traces of CI jobs, one file a job.

use crate::DemoFile;
use crate::chronicle::Chronicle;
use crate::clock::{END, MINUTE, Ms, SECOND, START, iso};
use crate::random::Random;

use super::HOST;

/// The traces made so far; a few hundred kilobytes at the demo's own size.
#[derive(Debug, Default)]
pub(crate) struct Traces {
    files: Vec<DemoFile>,
}

/// Most traces that are kept, whatever the scale.
const MAX_TRACES: usize = 400;

const START_LINE: &str = "\u{1b}[0KRunning with gitlab-runner 17.5.3 (12030cf4)\u{1b}[0;m";

impl Traces {
    /// Adds the trace of a job like any other, with the time before each line.
    pub(super) fn ordinary(
        &mut self,
        random: &mut Random,
        start: Ms,
        job: i64,
        project: &str,
        chronicle: &mut Chronicle,
    ) {
        let is_known = self.files.iter().any(|file| file.path == path_of(job));
        let is_inside = (START..END - 2 * MINUTE).contains(&start);
        if is_known || !is_inside || self.files.len() >= MAX_TRACES {
            return;
        }
        let mut lines = vec![START_LINE.to_owned()];
        lines.extend(section(
            start,
            "prepare_script",
            &["Running on runner-kaede-01 via build-host-1..."],
        ));
        let fetch = format!("Fetching changes for {project}...");
        lines.extend(section(start, "get_sources", &[&fetch, "Checking out main..."]));
        lines.push("$ npm ci --no-audit".to_owned());
        lines.push(format!(
            "added {} packages in {}s",
            random.between(180, 900),
            random.between(4, 40)
        ));
        lines.push("$ npm test".to_owned());
        for suite in 0..random.between(4, 16) {
            lines.push(format!("  ok suite {suite} ({} assertions)", random.between(3, 90)));
        }
        lines.push("$ deploy --region ap-northeast-1 --token [MASKED]".to_owned());
        lines.push("\u{1b}[32;1mJob succeeded\u{1b}[0;m".to_owned());
        let mut text = String::new();
        let mut at = start;
        for line in &lines {
            at += random.between(20, 2_400);
            let time = iso(at);
            // Runners write microseconds.
            text.push_str(time.trim_end_matches('Z'));
            text.push_str("000Z 01O ");
            text.push_str(line);
            text.push('\n');
        }
        self.add(job, text, &lines, chronicle);
    }

    /// Adds the trace of an old runner, which masks nothing: a debug option prints the request with the token in it.
    pub(crate) fn leak(&mut self, start: Ms, job: i64, token: &str, act: usize, chronicle: &mut Chronicle) {
        let mut lines = vec!["\u{1b}[0KRunning with gitlab-runner 13.12.0 (7a6612da)\u{1b}[0;m".to_owned()];
        lines.push("\u{1b}[0;m  on legacy-shell-01 Kq9rTzXy".to_owned());
        lines.extend(section(
            start,
            "get_sources",
            &["Fetching changes...", "Checking out 8f3c21d as main..."],
        ));
        lines.push("\u{1b}[32;1m$ set -x\u{1b}[0;m".to_owned());
        lines.push("\u{1b}[32;1m$ ./scripts/publish-release.sh\u{1b}[0;m".to_owned());
        lines.push("+ VERSION=2.14.0".to_owned());
        let first = lines.len() + 1;
        lines.push(format!(
            "+ curl --fail --header 'PRIVATE-TOKEN: {token}' https://{HOST}/api/v4/projects/7/releases"
        ));
        lines.push(format!("> PRIVATE-TOKEN: {token}"));
        let last = lines.len();
        lines.push("< HTTP/2 201".to_owned());
        lines.push("\u{1b}[32;1mJob succeeded\u{1b}[0;m".to_owned());
        let mut text = lines.join("\n");
        text.push('\n');
        for line in first..=last {
            chronicle.note_time(act, start + 40 * SECOND);
            chronicle.note_line(act, &path_of(job), line as u64);
        }
        self.add(job, text, &lines, chronicle);
    }

    pub(crate) fn into_files(self) -> Vec<DemoFile> {
        self.files
    }

    fn add(&mut self, job: i64, text: String, lines: &[String], chronicle: &mut Chronicle) {
        // Marks of sections are lines, and no events.
        chronicle.events += lines.iter().filter(|line| !line.starts_with("section_")).count() as u64;
        self.files.push(DemoFile {
            org: HOST,
            path: path_of(job),
            bytes: text.into_bytes(),
        });
    }
}

fn path_of(job: i64) -> String {
    format!("{HOST}/traces/job-{job}.log")
}

fn section(at: Ms, name: &str, inside: &[&str]) -> Vec<String> {
    let seconds = at / SECOND;
    let mut lines = vec![format!("section_start:{seconds}:{name}\r\u{1b}[0K")];
    lines.extend(inside.iter().map(|line| (*line).to_owned()));
    lines.push(format!("section_end:{}:{name}\r\u{1b}[0K", seconds + 1));
    lines
}

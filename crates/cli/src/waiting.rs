//! Telling for whom a command waits.

use std::sync::Arc;

use sekisho_event::text::Lang;
use sekisho_event::time::to_rfc3339;
use sekisho_operation::progress::{WaitLimit, Waiting};
use sekisho_operation::{Work, Writer};

use crate::commands::remark;
use crate::lang::say;

/// Returns how a command waits for another one that writes the store: as long as it takes, saying for whom, or not at all.
pub(crate) fn waiting(lang: Lang, no_wait: bool) -> Waiting {
    Waiting {
        limit: if no_wait { WaitLimit::None } else { WaitLimit::Open },
        told: Some(Arc::new(move |writer| remark(&message(lang, writer)))),
    }
}

fn message(lang: Lang, writer: Option<Writer>) -> String {
    let Some(writer) = writer else {
        return say(
            lang,
            "waiting for another process to finish with the store",
            "ほかのプロセスの書き込みが終わるのを待っています。",
        )
        .to_owned();
    };
    let (process, since) = (writer.process, since(writer.since_us));
    match lang {
        Lang::En => {
            let work = match writer.work {
                Work::Load => "loading",
                Work::Maintain => "maintaining it",
                Work::Retain => "changing what is kept",
                Work::Other => "busy with it",
            };
            format!(
                "waiting for another process to finish with the store (process {process}, {work} since {since} UTC)"
            )
        }
        Lang::Ja => {
            let work = match writer.work {
                Work::Load => "取り込み中",
                Work::Maintain => "整理中",
                Work::Retain => "保持設定を処理中",
                Work::Other => "書き込み中",
            };
            format!("ほかのプロセスの書き込みが終わるのを待っています(プロセス {process}、{since} UTC から{work})。")
        }
    }
}

/// Returns the hour and minute of a time.
fn since(time_us: i64) -> String {
    let time = to_rfc3339(time_us);
    time.split_once('T')
        .and_then(|(_, clock)| clock.get(..5))
        .unwrap_or(&time)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_told_for_whom_they_wait() {
        let writer = Writer {
            process: 42,
            work: Work::Load,
            since_us: (10 * 60 + 32) * 60_000_000,
        };
        let english = message(Lang::En, Some(writer));
        assert!(english.contains("process 42, loading since 10:32 UTC"), "{english}");
        let japanese = message(Lang::Ja, Some(writer));
        assert!(japanese.contains("プロセス 42、10:32 UTC から取り込み中"), "{japanese}");
        assert!(!message(Lang::En, None).contains("process 0"));
    }
}

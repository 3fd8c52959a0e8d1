//! Ctrl-C and the request to end, as long work takes them: the first one stops it at the next whole step, a second one
//! ends the program at once. Nothing is torn by that either, only what was not saved yet has to be done again.

use sekisho_event::text::Lang;
use sekisho_operation::progress::Stop;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::commands::remark;
use crate::lang::say;

/// What a shell shows of a program that a signal ended: 128 and the signal's number.
const ENDED_BY: i32 = 128;

/// Tells `stop` when the program is interrupted or asked to end. Where signals cannot be had, they end the program at
/// once, as they would without this.
pub(crate) fn watch(stop: &Stop, lang: Lang) {
    let stop = stop.clone();
    // The thread lives as long as the program: it has nothing to give back.
    let _ = std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        if let Ok(runtime) = runtime {
            let _ = runtime.block_on(take_two(&stop, lang));
        }
    });
}

async fn take_two(stop: &Stop, lang: Lang) -> std::io::Result<()> {
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    next(&mut interrupted, &mut terminated).await;
    stop.ask();
    remark(say(
        lang,
        "stopping: what was read is being saved; a second Ctrl-C ends at once",
        "停止しています。読み込んだ分を保存しています。もう一度 Ctrl-C を押すと直ちに終了します。",
    ));
    let kind = next(&mut interrupted, &mut terminated).await;
    #[expect(
        clippy::exit,
        reason = "the work is on another thread and has been told to stop already"
    )]
    std::process::exit(ENDED_BY + kind.as_raw_value())
}

async fn next(interrupted: &mut Signal, terminated: &mut Signal) -> SignalKind {
    tokio::select! {
        _ = interrupted.recv() => SignalKind::interrupt(),
        _ = terminated.recv() => SignalKind::terminate(),
    }
}

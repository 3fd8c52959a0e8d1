//! `sekisho serve`.

use std::net::SocketAddr;
use std::path::Path;

use clap::ArgMatches;
use sekisho_event::text::Lang;
use sekisho_operation::board::{Board, BoardOptions};
use sekisho_server::{ServeOptions, check_listen, log_to_stderr, serve};

use super::{Failure, remark, skipped_rules, watch_of};
use crate::exit::Exit;
use crate::lang::say;
use crate::settings::Settings;
use crate::times;

/// Where the server listens unless told otherwise: this machine alone.
const USUAL_ADDRESS: &str = "127.0.0.1:7474";

/// Names what is logged, such as `info`.
const LOG_VARIABLE: &str = "SEKISHO_LOG";

pub(super) fn run(matches: &ArgMatches, settings: &Settings) -> Result<Exit, Failure> {
    let watch = watch_of(matches)?;
    skipped_rules(settings.lang, &watch.skipped_rules());
    let options = BoardOptions {
        watch,
        range: settings.range,
        truth: None,
        clock: Box::new(times::now_us),
    };
    let about = Board::new(&settings.data_dir, options);
    board(matches, settings, about, &settings.data_dir)
}

/// Serves a store until the program is told to stop.
pub(super) fn board(matches: &ArgMatches, settings: &Settings, board: Board, data_dir: &Path) -> Result<Exit, Failure> {
    let options = ServeOptions {
        data_dir: data_dir.to_owned(),
        listen: address(matches, settings.lang)?,
        board,
        caller: settings.caller(),
    };
    log_to_stderr(std::env::var(LOG_VARIABLE).ok().as_deref());
    serve(options, |address| ready(address, settings.lang)).map_err(Failure::Server)?;
    Ok(Exit::Done)
}

/// Checks that the address can be listened on, before minutes of work are spent.
pub(super) fn check_address(matches: &ArgMatches, settings: &Settings) -> Result<(), Failure> {
    check_listen(address(matches, settings.lang)?).map_err(Failure::Server)
}

fn address(matches: &ArgMatches, lang: Lang) -> Result<SocketAddr, Failure> {
    let text = matches
        .get_one::<String>("listen")
        .map_or(USUAL_ADDRESS, String::as_str);
    // The name is ours to resolve: it never leaves this machine.
    let numeric = text
        .strip_prefix("localhost:")
        .map_or_else(|| text.to_owned(), |port| format!("127.0.0.1:{port}"));
    numeric.parse().map_err(|_| {
        Failure::Usage(match lang {
            Lang::En => format!("`{text}` is no address to listen on: write it as {USUAL_ADDRESS} or [::1]:7474"),
            Lang::Ja => format!(
                "`{text}` は待ち受けアドレスではありません。{USUAL_ADDRESS} または [::1]:7474 の形で指定してください。"
            ),
        })
    })
}

fn ready(address: SocketAddr, lang: Lang) {
    remark(&format!("listening on http://{address}"));
    remark(say(lang, "stop it with Ctrl+C", "Ctrl+C で停止します。"));
}

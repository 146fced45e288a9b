//! The log. Set up only where someone wants to read it: for `serve`, with `-v`, or with `RUST_LOG`.

use crate::args::{Args, LogFormat, Verb};
use std::io::IsTerminal as _;
use tracing_subscriber::EnvFilter;

/// Environment variable with a filter in the usual syntax: `info,sluis_engine=debug`.
pub const FILTER: &str = "RUST_LOG";

/// Sends the log to standard error, if there is to be one.
pub fn set_up(args: &Args) {
    let fallback = match (&args.verb, args.global.verbose) {
        (Verb::Serve(_), 0) => "info",
        (_, 0) if std::env::var_os(FILTER).is_none() => return,
        (_, 0) => "warn",
        (_, 1) => "info,sluis_engine=debug,sluis_invoke=debug,sluis_server=debug",
        (_, _) => "debug",
    };
    let filter = EnvFilter::try_from_env(FILTER).unwrap_or_else(|_| EnvFilter::new(fallback));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let is_terminal = std::io::stderr().is_terminal();
    let fitting = if is_terminal { LogFormat::Text } else { LogFormat::Json };
    match args.global.log_format.unwrap_or(fitting) {
        LogFormat::Text => log.with_ansi(is_terminal && crate::terminal::colored_errors()).init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
}

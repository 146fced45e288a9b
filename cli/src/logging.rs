//! The log. Set up only where someone wants to read it: for `serve`, with `-v`, or with `RUST_LOG`.

use crate::args::{Args, Verb};
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
    // Text for a person, one JSON object a line for a machine.
    if std::io::stderr().is_terminal() {
        log.with_ansi(crate::terminal::colored_errors()).init();
    } else {
        log.json().flatten_event(true).init();
    }
}

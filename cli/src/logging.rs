//! The log. Set up only where someone wants to read it: for `serve`, with `-v`, or with `RUST_LOG`.
//!
//! Lines are written by a thread of their own. Whoever reads the log and stops reading holds up nothing:
//! what does not fit into the queue any more is lost, and counted.

use crate::args::{Args, LogFormat, Verb};
use std::io::IsTerminal as _;
use std::sync::OnceLock;
use tracing_appender::non_blocking::{ErrorCounter, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;

/// Environment variable with a filter in the usual syntax: `info,sluis_engine=debug`.
pub const FILTER: &str = "RUST_LOG";

/// Lines that wait to be written, at most.
const QUEUE: usize = 16_384;

static LOST: OnceLock<ErrorCounter> = OnceLock::new();

/// Lines of the log that were lost since the start.
pub fn lost_lines() -> u64 {
    LOST.get().map_or(0, |counter| u64::try_from(counter.dropped_lines()).unwrap_or(u64::MAX))
}

/// Sends the log to standard error, if there is to be one. What waits to be written is written when the
/// answer is dropped.
pub fn set_up(args: &Args) -> Option<WorkerGuard> {
    let fallback = match (&args.verb, args.global.verbose) {
        (Verb::Serve(_), 0) => "info",
        (_, 0) if std::env::var_os(FILTER).is_none() => return None,
        (_, 0) => "warn",
        (_, 1) => "info,sluis_engine=debug,sluis_invoke=debug,sluis_server=debug",
        (_, _) => "debug",
    };
    let filter = EnvFilter::try_from_env(FILTER).unwrap_or_else(|_| EnvFilter::new(fallback));
    let (writer, guard) = NonBlockingBuilder::default()
        .lossy(true)
        .buffered_lines_limit(QUEUE)
        .thread_name("log")
        .finish(std::io::stderr());
    // A process sets its log up once.
    let _ = LOST.set(writer.error_counter());
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer);
    let is_terminal = std::io::stderr().is_terminal();
    let fitting = if is_terminal { LogFormat::Text } else { LogFormat::Json };
    match args.global.log_format.unwrap_or(fitting) {
        LogFormat::Text => log.with_ansi(is_terminal && crate::terminal::colored_errors()).init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
    Some(guard)
}

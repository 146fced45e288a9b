//! The async runtime: one thread for the short verbs, because starting more would cost a script
//! that prints a line more time than the line.

use crate::outcome::Problem;
use std::future::Future;
use tokio::runtime::{Builder, Runtime};

/// Drives a future on this thread.
pub fn on_this_thread<T>(work: impl Future<Output = Result<T, Problem>>) -> Result<T, Problem> {
    one_thread()?.block_on(work)
}

/// A runtime that works while this thread waits for it.
pub fn one_thread() -> Result<Runtime, Problem> {
    build(&mut Builder::new_current_thread())
}

/// Drives a future on all cores.
pub fn on_all_cores<T>(work: impl Future<Output = Result<T, Problem>>) -> Result<T, Problem> {
    build(&mut Builder::new_multi_thread())?.block_on(work)
}

fn build(builder: &mut Builder) -> Result<Runtime, Problem> {
    builder
        .enable_all()
        .build()
        .map_err(|error| Problem::environment(format!("the system gave no event loop: {error}")))
}

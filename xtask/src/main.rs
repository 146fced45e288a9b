//! What a developer runs, as `cargo xtask <command>`: all of CI, the tidy checks, the WebAssembly
//! build, the benches. It uses nothing of ours, so it builds in seconds on a fresh clone.

mod bench;
mod ci;
mod corpus;
mod count;
mod npm;
mod runner;
mod step;
mod tools;
mod wasm;
mod workspace;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// What a developer of this repository runs.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Everything that CI does: installs what is missing, then checks, builds and tests.
    Ci,
    /// The rules of the repository itself: crate arrows, dependencies, files, words.
    Tidy,
    /// Builds the crates that must run in a browser.
    Wasm {
        /// Optimised.
        #[arg(long)]
        release: bool,
    },
    /// Imports real API descriptions out of packages, and prints how much of each. Downloads 60 MB once.
    Corpus,
    /// Runs the benches: all, or the one that is named first (`programs`, `instructions`, `costs`).
    Bench {
        /// Passed on to the benches, such as a filter.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        rest: Vec<String>,
    },
    /// Runs the same programs on other languages, and prints ratios. Builds the peers: minutes.
    Compare {
        /// Passed on, such as `--rounds 3 --engines sluis,lua5.4`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        rest: Vec<String>,
    },
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Ci => return ci::run(),
        Command::Tidy => runner::tidy().map(drop),
        Command::Wasm { release } => wasm::build(release),
        Command::Corpus => corpus::all(),
        Command::Bench { rest } => bench::run_some(&rest),
        Command::Compare { rest } => bench::compare(&rest),
    };
    report(done)
}

fn report(done: Result<()>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

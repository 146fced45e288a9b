//! `sluis-compare`: the same programs on Sluis and on other embeddable languages, in one interleaved
//! run, as ratios of CPU time.
//!
//! Every run is a child process of its own, so that its memory and its time are its own. The child
//! reads the CPU clock of its process (all threads) before and after the program runs: starting the
//! process, making the engine and reading the text are not in the ratio. Each round runs every
//! program on every engine, beginning elsewhere each time; a ratio is taken within a round, against
//! the base of the same round, and the table shows medians of such ratios.

mod arguments;
mod engines;
mod goals;
mod rounds;
mod statistics;
mod table;
mod task;

use anyhow::{Result, bail};
use arguments::{Arguments, Asked};
use engines::How;
use std::process::ExitCode;

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<ExitCode> {
    match Arguments::parse(std::env::args().skip(1))? {
        Asked::Help => println!("{}", arguments::HELP),
        Asked::Child { engine, program } => child(&engine, &program)?,
        Asked::Compare(arguments) => return compare(&arguments),
    }
    Ok(ExitCode::SUCCESS)
}

/// One program on one engine, here and now.
fn child(engine: &str, program: &str) -> Result<()> {
    let engine = engines::find(engine)?;
    let How::Linked(run) = engine.how else { bail!("{} does not run in this process", engine.name) };
    let sample = run(&task::find(program)?.task(engine.folder, engine.ending)?)?;
    println!("{}", sample.to_line());
    Ok(())
}

fn compare(arguments: &Arguments) -> Result<ExitCode> {
    let runs = rounds::run(arguments)?;
    let base = runs.base(arguments.base.as_deref())?;
    println!("{}", table::ratios(&runs, base));
    println!("{}", table::details(&runs, base));
    if let Some(path) = &arguments.json {
        std::fs::write(path, runs.to_json(base))?;
    }
    let disagreements = runs.disagreements();
    for disagreement in &disagreements {
        eprintln!("{disagreement}");
    }
    Ok(if disagreements.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

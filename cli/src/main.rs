//! `sluis`: reads the command line and hands over to the verb's file in [`cmd`].

mod args;
mod brought;
mod browser;
mod cmd;
mod consent;
mod data_dir;
mod definition_file;
mod local_engine;
mod logging;
mod outcome;
mod public_address;
mod runtime;
mod script_files;
mod seclusion;
mod secret_input;
mod terminal;

use clap::Parser as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    seclusion::set_up();
    let args = args::Args::parse();
    terminal::set_up(&args.global);
    let _log = logging::set_up(&args);
    match cmd::run(args) {
        Ok(exit) => exit.into(),
        Err(problem) => {
            terminal::problem(&problem);
            problem.exit.into()
        }
    }
}

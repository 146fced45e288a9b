//! `sluis demo`: the story for a newcomer, from release to revocation, over real HTTP on loopback.
//!
//! [`stage`] builds what the story plays on (folder, sample provider, engine, callback server),
//! [`story`] is the story, [`person`] consents when nobody is to be waited for.

mod person;
mod stage;
mod story;

use crate::args::Global;
use crate::outcome::{Exit, Outcome, Problem};
use crate::{runtime, terminal};
use clap::Args;
use stage::Stage;
use std::path::PathBuf;
use std::time::Instant;

/// Arguments of `sluis demo`.
#[derive(Debug, Args)]
#[command(after_help = "\
Nothing leaves this machine. Exit code 1 if a step did not do what it should.

Examples:
  sluis demo
  sluis demo --once --dir ./demo-data")]
pub struct DemoArgs {
    /// Consent by itself instead of waiting for a person to click
    #[arg(long)]
    once: bool,
    /// Folder for the embedded store [default: a new one among the temporary files]
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Do not open a browser; print the link only
    #[arg(long)]
    no_browser: bool,
}

/// Runs the verb.
pub fn run(_global: &Global, args: &DemoArgs) -> Outcome {
    let began = Instant::now();
    runtime::on_all_cores(async {
        let mut stage = Stage::build(args.dir.clone(), !args.once).await?;
        let told = story::tell(&mut stage, args.once, !args.no_browser).await;
        stage.clear().await?;
        match told {
            Ok(()) => {
                terminal::step(
                    "Finished",
                    format!("in {:.1} s; nothing of it left this machine", began.elapsed().as_secs_f64()),
                );
                what_next();
                Ok(Exit::Done)
            }
            Err(problem) => {
                terminal::failed_step("Failed", &problem.message);
                Err(Problem { exit: Exit::Failed, ..problem })
            }
        }
    })
}

fn what_next() {
    terminal::out("");
    terminal::out("Next:");
    terminal::out("  sluis repl                                 try the language; :help shows how");
    terminal::out("  sluis run examples/scripts/hello.dg        run a script, nothing to set up");
    terminal::out("  sluis connector check FILE                 describe a service of your own");
}

//! `sluis package install FILE` and `upgrade FILE`.

use super::keys::trusted;
use super::verify::opened;
use crate::args::Global;
use crate::outcome::{Exit, Outcome, Problem};
use crate::{local_engine, runtime, terminal};
use clap::Args;
use sluis_engine::diff::told;
use sluis_engine::packages::{Installation, Planned};
use sluis_engine::{Engine, ReleaseRefused};
use sluis_lang::vm::Limits;
use sluis_package::Opened;
use std::io::{BufRead as _, IsTerminal as _};
use std::path::{Path, PathBuf};

/// Arguments of `sluis package install`.
#[derive(Debug, Args)]
#[command(after_help = "\
The package must be signed with a key that is trusted: sluis package trust KEY

Examples:
  sluis package install pets-3.sluis
  sluis package install pets-3.sluis --org acme")]
pub struct InstallArgs {
    /// The package
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The organisation that its connectors belong to [default: yours, for everybody]
    #[arg(long)]
    org: Option<String>,
}

/// Arguments of `sluis package upgrade`.
#[derive(Debug, Args)]
#[command(after_help = "\
What an admin should look at is shown, and asked about where there is a terminal.

Examples:
  sluis package upgrade pets-4.sluis --dry-run
  sluis package upgrade pets-4.sluis --yes")]
pub struct UpgradeArgs {
    /// The package
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The organisation that its connectors belong to [default: yours, for everybody]
    #[arg(long)]
    org: Option<String>,
    /// Show what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Agree to what is shown
    #[arg(long, short)]
    yes: bool,
    /// Let an older state replace a newer one
    #[arg(long)]
    downgrade: bool,
}

/// Installs what is new here.
pub fn install(global: &Global, args: &InstallArgs) -> Outcome {
    let owner = args.org.as_deref().map(local_engine::org).transpose()?;
    let how = Installation { owner, ..Installation::default() };
    carry_out(global, &args.file, &how, |_| Ok(true))
}

/// Upgrades what is here, once somebody has agreed.
pub fn upgrade(global: &Global, args: &UpgradeArgs) -> Outcome {
    let owner = args.org.as_deref().map(local_engine::org).transpose()?;
    let how = Installation { upgrade: true, downgrade: args.downgrade, owner };
    carry_out(global, &args.file, &how, |plan| {
        show(plan);
        if args.dry_run {
            return Ok(false);
        }
        match plan.iter().any(Planned::wants_a_look) && !args.yes {
            true => agreed(),
            false => Ok(true),
        }
    })
}

fn carry_out(
    global: &Global,
    file: &Path,
    how: &Installation,
    agree: impl FnOnce(&[Planned]) -> Result<bool, Problem>,
) -> Outcome {
    let keys = trusted(global)?;
    let Some(opened) = opened(file, &keys)? else { return Ok(Exit::Refused) };
    let engine = local_engine::build(global, Limits::local())?;
    runtime::on_this_thread(async {
        let done = planned_and_installed(&engine, &opened, how, agree).await;
        engine.close().await?;
        let Some(plan) = done? else { return Ok(Exit::Done) };
        for planned in &plan {
            terminal::success(format!(
                "{} is installed from {} {}",
                planned.namespace, opened.manifest.name, opened.manifest.release
            ));
        }
        Ok(Exit::Done)
    })
}

/// None if nobody agreed.
async fn planned_and_installed(
    engine: &Engine,
    opened: &Opened,
    how: &Installation,
    agree: impl FnOnce(&[Planned]) -> Result<bool, Problem>,
) -> Result<Option<Vec<Planned>>, Problem> {
    let plan = engine.plan_installation(opened, how).await?;
    if !agree(&plan)? {
        return Ok(None);
    }
    engine.install(opened, how).await.map(Some).map_err(|refused| match refused {
        ReleaseRefused::Failure(failure) => failure.into(),
        hook @ ReleaseRefused::Hook { .. } => Problem::refused(hook.to_string()),
    })
}

fn show(plan: &[Planned]) {
    for planned in plan {
        let from =
            planned.present.map_or_else(|| "new".to_owned(), |number| format!("here as release {number}"));
        terminal::out(format!("{} {} ({from})", planned.namespace, planned.packed_release));
        for note in &planned.notes {
            terminal::heed(note);
        }
        match planned.changes.is_empty() {
            true if planned.present.is_some() => {
                terminal::note("it says the same as the release that is here")
            }
            _ => terminal::out_as_is(told(&planned.changes)),
        }
    }
}

/// Asks whether that is wanted.
fn agreed() -> Result<bool, Problem> {
    if !std::io::stdin().is_terminal() {
        return Err(Problem::refused(
            "somebody has to look at this upgrade first, and nobody is here to ask",
        )
        .help("read what is shown; if it is wanted: --yes"));
    }
    terminal::err("Upgrade? [y/N] ");
    let mut line = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|error| Problem::environment(format!("the answer cannot be read: {error}")))?;
    Ok(matches!(line.trim(), "y" | "Y" | "yes"))
}

//! `sluis vault rotate-org`: an org gets a new key, and everything it has is sealed anew.

use crate::args::Global;
use crate::outcome::{Exit, Outcome, Problem};
use crate::{local_engine, runtime, terminal};
use clap::Args;
use sluis_engine::Engine;
use sluis_lang::vm::Limits;
use sluis_model::id::OrgId;
use sluis_vault::rotation::{OrgRotation, Phase};

/// Arguments of `sluis vault rotate-org`.
#[derive(Debug, Args)]
#[command(after_help = "\
One that was stopped goes on where it was. The system's own things (client registrations) belong to org sluis-system.

Examples:
  sluis vault rotate-org acme
  sluis vault rotate-org --all")]
pub struct RotateOrgArgs {
    /// The organisation
    #[arg(value_name = "ORG", required_unless_present = "all", conflicts_with = "all")]
    org: Option<String>,
    /// Every org that has a key, the system's own among them
    #[arg(long)]
    all: bool,
}

/// Runs the verb.
pub fn run(global: &Global, args: &RotateOrgArgs) -> Outcome {
    let org = args.org.as_deref().map(local_engine::org).transpose()?;
    let engine = local_engine::build(global, Limits::local())?;
    runtime::on_this_thread(async {
        let rotated = rotate_each(global, &engine, org).await;
        engine.close().await?;
        rotated?;
        Ok(Exit::Done)
    })
}

async fn rotate_each(global: &Global, engine: &Engine, org: Option<OrgId>) -> Result<(), Problem> {
    let orgs = match org {
        Some(org) => vec![org],
        None => engine.orgs_with_keys().await?,
    };
    if orgs.is_empty() {
        terminal::note("no org has a key yet");
    }
    let settle_ms = local_engine::settle_ms(global)?;
    for org in orgs {
        engine.start_org_key_rotation(&org).await?;
        let mut said = None;
        let seen = &mut |rotation: &OrgRotation| tell(&org, rotation, &mut said);
        let done = engine.finish_org_key_rotation(&org, settle_ms, seen).await?;
        terminal::success(format!(
            "org {org} seals with key {}: {} sealed anew, older keys are retired",
            done.target, done.resealed
        ));
        if done.damaged > 0 {
            terminal::heed(format!(
                "{} of its rows open with no key; they were left as they are",
                done.damaged
            ));
        }
    }
    Ok(())
}

/// A line for every thousand rows and for every change of phase.
fn tell(org: &OrgId, rotation: &OrgRotation, said: &mut Option<(Phase, u64)>) {
    let now = (rotation.phase, rotation.resealed / 1_000);
    if *said == Some(now) || rotation.phase == Phase::Done {
        return;
    }
    *said = Some(now);
    let what = match rotation.phase {
        Phase::Announced => "the new key is announced; waiting until every process knows it",
        Phase::Draining => "waiting until no process writes with the old key any more",
        Phase::Resealing | Phase::Done => "sealing anew",
    };
    terminal::err(format!("  {org}: {what} ({} rows done)\n", rotation.resealed));
}

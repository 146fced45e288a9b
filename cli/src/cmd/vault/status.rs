//! `sluis vault status`: root keys, the keys of orgs, and how many rows each kind of key seals.

use super::counted;
use crate::args::Global;
use crate::outcome::{Exit, Outcome};
use crate::{local_engine, runtime, terminal};
use clap::Args;
use sluis_lang::vm::Limits;
use sluis_vault::rotation::{OrgStatus, Phase, VaultStatus};

/// Arguments of `sluis vault status`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sluis vault status
  sluis vault status --json")]
pub struct StatusArgs {
    /// JSON instead of lines
    #[arg(long)]
    json: bool,
}

/// Runs the verb.
pub fn run(global: &Global, args: &StatusArgs) -> Outcome {
    let engine = local_engine::build(global, Limits::local())?;
    runtime::on_this_thread(async {
        let status = engine.vault_status().await;
        engine.close().await?;
        let status = status?;
        if args.json {
            terminal::out(serde_json::json!(status).to_string());
        } else {
            root(&status);
            status.orgs.iter().for_each(org);
        }
        Ok(Exit::Done)
    })
}

fn root(status: &VaultStatus) {
    for (place, key) in status.ring.iter().enumerate() {
        let role = match (place, Some(*key) == status.root) {
            (0, true) => "wraps",
            (0, false) => "is to wrap: run `sluis vault rotate-root`",
            (_, true) => "wraps until `sluis vault rotate-root` is run",
            (_, false) => "only unwraps; may be needed for old backups",
        };
        terminal::out(format!("root key {key}  {role}"));
    }
}

fn org(status: &OrgStatus) {
    let rows = status.rows;
    let key = match status.key {
        Some(id) => format!("key {} ({id})", status.primary),
        None => "no key yet".to_owned(),
    };
    let mut parts = vec![format!("{} sealed with it", rows.current)];
    let further = [
        (rows.older, "with an older key"),
        (rows.root, "with the root key, by an older sluis"),
        (rows.unreadable, "unreadable"),
    ];
    parts.extend(further.into_iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")));
    terminal::out(format!("{}  {key}: {}", status.org, parts.join(", ")));
    if let Some(rotation) = &status.rotation {
        let done = counted(usize::try_from(rotation.resealed).unwrap_or(usize::MAX), "row");
        match rotation.phase {
            Phase::Done => {}
            Phase::Announced => {
                terminal::heed(format!("{}: key {} is announced", status.org, rotation.target))
            }
            Phase::Resealing | Phase::Draining => terminal::heed(format!(
                "{}: the change to key {} is under way, {done} sealed anew; go on with: sluis vault rotate-org {}",
                status.org, rotation.target, status.org
            )),
        }
    }
    if let Some(problem) = &status.problem {
        terminal::heed(format!("{}: {problem}", status.org));
    }
}

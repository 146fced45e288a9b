//! `sluis vault rotate-root`: another root key takes over. With a key file, a new key is made and put
//! before the ones it has; the others come from wherever they come from, and the operator has put the
//! new one first.

use crate::args::Global;
use crate::outcome::{Exit, Outcome, Problem};
use crate::{local_engine, runtime, terminal};
use clap::Args;
use sluis_engine::Engine;
use sluis_lang::vm::Limits;
use sluis_vault::rotation::VaultStatus;
use sluis_vault::{KeySource, SystemRandomness, add_root_key};

/// Arguments of `sluis vault rotate-root`.
#[derive(Debug, Args)]
#[command(after_help = "\
A key file gets a new first key. A key from SLUIS_MASTER_KEY or SLUIS_ROOT_KEY_COMMAND, and one of a store in
PostgreSQL, is changed there first: the new key, then the old one, on all machines, before this is run.

Examples:
  sluis vault rotate-root
  sluis vault rotate-root --data-dir /srv/sluis")]
pub struct RotateRootArgs {}

/// Runs the verb.
pub fn run(global: &Global, _: &RotateRootArgs) -> Outcome {
    let source = local_engine::key_source(global)?;
    let shared = local_engine::is_shared(global)?;
    runtime::on_this_thread(async {
        let engine = local_engine::build(global, Limits::local())?;
        let status = engine.vault_status().await;
        let engine = match (&source, &status) {
            // A rotation that was begun is finished with the key that it was begun with.
            // Of a shared store the other machines must have the key before anything is wrapped with it.
            (KeySource::File(path), Ok(status)) if is_under_first(status) && !shared => {
                engine.close().await?;
                let ring = add_root_key(path, &SystemRandomness)
                    .map_err(|error| Problem::environment(error.to_string()))?;
                terminal::note(format!(
                    "a new root key {} was put first in {}; keep a copy of the file",
                    ring.primary_id(),
                    path.display()
                ));
                local_engine::build(global, Limits::local())?
            }
            _ => engine,
        };
        let rotated = rotate(&engine).await;
        engine.close().await?;
        let under_first_before = status.is_ok_and(|status| is_under_first(&status));
        if rotated? == 0 && under_first_before {
            terminal::note(
                "the first root key has wrapped everything already; to change it, put a new key before it",
            );
        }
        Ok(Exit::Done)
    })
}

fn is_under_first(status: &VaultStatus) -> bool {
    status.root.is_some() && status.root == status.ring.first().copied()
}

/// Tells how many rows were concerned.
async fn rotate(engine: &Engine) -> Result<u64, Problem> {
    let done = engine
        .rotate_root_key(&mut |done| {
            terminal::err(format!("  {} wrapped anew, {} upgraded\n", done.rewrapped, done.upgraded));
        })
        .await?;
    for key in &done.damaged {
        terminal::heed(format!("`{key}` opens with no key; it was left as it is"));
    }
    terminal::success(format!(
        "the store is under root key {}: {} wrapped anew, {} values of older versions upgraded",
        done.to, done.rewrapped, done.upgraded
    ));
    terminal::note("the old root key is not needed for this store any more, only for older backups of it");
    Ok(done.rewrapped + done.upgraded)
}

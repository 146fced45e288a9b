//! `sluis connector diff A B`: what differs between two states of a connector.

use super::source::Source;
use crate::args::Global;
use crate::outcome::{Exit, Outcome};
use crate::terminal;
use clap::Args;
use serde_json::json;
use sluis_engine::diff::{diff, told};
use sluis_model::change::Change;

/// Arguments of `sluis connector diff`.
#[derive(Debug, Args)]
#[command(after_help = "\
Exit code 1 with --check if there is something that an admin should look at, or that scripts may fail of.

Examples:
  sluis connector diff gcontacts@1 gcontacts@2
  sluis connector diff gcontacts connector.yaml --check
  sluis connector diff old.yaml new.yaml --json")]
pub struct DiffArgs {
    /// The older one: a file, a namespace, or a release NS@N
    #[arg(value_name = "A")]
    before: String,
    /// The newer one
    #[arg(value_name = "B")]
    after: String,
    /// JSON instead of lines
    #[arg(long)]
    json: bool,
    /// End with exit code 1 if somebody has to look at it
    #[arg(long)]
    check: bool,
}

/// Runs the verb.
pub fn run(global: &Global, args: &DiffArgs) -> Outcome {
    let (before, after) = (Source::named(&args.before)?, Source::named(&args.after)?);
    let Some(before) = before.load(global)? else { return Ok(Exit::Refused) };
    let Some(after) = after.load(global)? else { return Ok(Exit::Refused) };
    let changes = diff(&before, &after)?;
    let count = |wanted: fn(&Change) -> bool| changes.iter().filter(|change| wanted(change)).count();
    let (admin, breaking) = (count(|c| c.admin), count(|c| c.breaking));
    match args.json {
        true => {
            terminal::out(json!({ "admin": admin, "breaking": breaking, "changes": changes }).to_string())
        }
        false => tell(&changes),
    }
    Ok(if args.check && admin + breaking > 0 { Exit::Failed } else { Exit::Done })
}

fn tell(changes: &[Change]) {
    match changes.is_empty() {
        true => terminal::note("they say the same"),
        false => terminal::out_as_is(told(changes)),
    }
}

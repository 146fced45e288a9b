//! `sluis connector release FILE`: publishes a connector.

use crate::args::Global;
use crate::outcome::{Exit, Outcome};
use crate::{definition_file, local_engine, runtime, terminal};
use clap::Args;
use sluis_auth::scheme_of;
use sluis_engine::diff::told;
use sluis_engine::{ReleaseNotes, ReleaseRefused};
use sluis_lang::vm::Limits;
use sluis_model::connector::{ClientReference, ConnectorDefinition};
use std::path::PathBuf;

/// Arguments of `sluis connector release`.
#[derive(Debug, Args)]
#[command(after_help = "\
An unchanged file is not released twice.

Examples:
  sluis connector release connector.yaml
  sluis connector release connector.yaml --notes 'Adds files.upload' --support-email help@example.com")]
pub struct ReleaseArgs {
    /// The connector file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The organisation that it belongs to and that alone can connect it [default: yours, for everybody]
    #[arg(long)]
    org: Option<String>,
    /// What changed
    #[arg(long, value_name = "TEXT")]
    notes: Option<String>,
    /// Where to ask for help
    #[arg(long, value_name = "MAIL")]
    support_email: Option<String>,
}

/// Runs the verb.
pub fn run(global: &Global, args: ReleaseArgs) -> Outcome {
    let Some(definition) = definition_file::read(&args.file)? else { return Ok(Exit::Refused) };
    let engine = local_engine::build(global, Limits::local())?;
    let owner = args.org.as_deref().map(local_engine::org).transpose()?;
    let notes = ReleaseNotes { notes: args.notes, support_email: args.support_email, owner };
    runtime::on_this_thread(async {
        let released = engine.release(definition, notes).await;
        engine.close().await?;
        match released {
            Ok(release) => {
                let namespace = &release.definition.namespace;
                terminal::success(format!("{namespace} {} is released", release.number));
                if !release.changes.is_empty() {
                    terminal::err(told(&release.changes));
                }
                tell_next(global, &release.definition);
                Ok(Exit::Done)
            }
            Err(ReleaseRefused::Hook { hook, source_text, diagnostics }) => {
                definition_file::draw_hook(hook, &source_text, &diagnostics);
                Ok(Exit::Refused)
            }
            Err(ReleaseRefused::Failure(failure)) => Err(failure.into()),
        }
    })
}

/// What is still to be done before it can be used.
fn tell_next(global: &Global, definition: &ConnectorDefinition) {
    let mut schemes = definition.auth.all().into_iter().map(scheme_of);
    let Some(reference) = schemes.find_map(|scheme| scheme.client().cloned()) else { return };
    let namespace = &definition.namespace;
    let org = local_engine::DEFAULT_ORG;
    let base = global.public_url.as_str().trim_end_matches('/');
    let client = match &reference {
        ClientReference::Vault(name) => format!("sluis connector client {name} --id CLIENT_ID"),
        ClientReference::Env(prefix) => format!("set {prefix}_ID and {prefix}_SECRET"),
    };
    terminal::err(format!(
        "  Register this redirect URI at the provider: {base}/oauth/callback/{org}/{namespace}\n  \
           (with the organisation in it: `{org}` stands for this one; each other has an address of its own)\n  \
           Keep the client it gives: {client}\n  \
           Then: sluis authorize {namespace}\n"
    ));
}

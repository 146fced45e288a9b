//! `sluis repl`: builds the engine and hands over to the prompt.

use crate::args::Global;
use crate::consent::{self, Pending};
use crate::data_dir::DataDir;
use crate::outcome::{Exit, Outcome, Problem};
use crate::{local_engine, runtime, terminal};
use async_trait::async_trait;
use clap::Args;
use sluis_engine::Engine;
use sluis_lang::vm::Limits;
use sluis_model::id::{GrantId, OrgId, UserId};
use sluis_repl::{Consent, Options};
use std::sync::Arc;

/// Arguments of `sluis repl`.
#[derive(Debug, Args)]
#[command(after_help = "\
Type :help at the prompt. Input that is piped in is read line by line, without a prompt.

Examples:
  sluis repl
  printf 'x = 1\\ninfo x + 1\\n' | sluis repl")]
pub struct ReplArgs {
    /// The organisation on whose behalf scripts run
    #[arg(long, default_value = local_engine::DEFAULT_ORG)]
    org: String,
    /// The user on whose behalf: whose connections are used, where each user has their own
    #[arg(long)]
    user: Option<UserId>,
    /// Do not open a browser when consent is needed; print the link only
    #[arg(long)]
    no_browser: bool,
}

/// Runs the verb.
pub fn run(global: &Global, args: ReplArgs) -> Outcome {
    let engine = local_engine::build(global, Limits::local())?;
    let org = local_engine::org(&args.org)?;
    let consent =
        TerminalConsent { engine: engine.clone(), org: org.clone(), open_browser: !args.no_browser };
    let options = Options {
        org,
        user: args.user,
        history: Some(DataDir::of(global)?.history()),
        has_store: local_engine::store_exists(global),
        colored_errors: terminal::colored_errors(),
        colored_output: terminal::colored_output(),
    };
    let runtime = Arc::new(runtime::one_thread()?);
    let ended = sluis_repl::run(&runtime, engine.clone(), options, &consent);
    runtime.block_on(engine.close())?;
    ended.map_err(|error| Problem::environment(error.to_string()))?;
    Ok(Exit::Done)
}

struct TerminalConsent {
    engine: Engine,
    org: OrgId,
    open_browser: bool,
}

#[async_trait]
impl Consent for TerminalConsent {
    async fn wait(&self, grant: &GrantId, authorize_url: &str) -> Result<(), String> {
        let pending = Pending {
            engine: &self.engine,
            org: &self.org,
            grant,
            authorize_url,
            open_browser: self.open_browser,
            afterwards: "Ctrl-C stops the waiting",
        };
        let (_, reception) = consent::wait(&pending).await.map_err(|problem| match problem.help {
            Some(help) => format!("{}\n  help: {help}", problem.message),
            None => problem.message,
        })?;
        if let Some(reception) = reception {
            reception.close().await;
        }
        Ok(())
    }
}

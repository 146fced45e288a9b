//! The prompt of Sluis: the language line by line, over a real engine.
//!
//! Read in this order: [`Options`] and [`run`], `input` (where lines come from: an editor or a
//! pipe), `session` (what stays between inputs, and running one), `commands` (everything that
//! begins with a colon), `assist` (completion and colours), `show` (values and help as text).
//!
//! Not here: how the engine is built, and how a person's consent is waited for; the caller brings
//! both.

mod assist;
mod commands;
mod functions;
mod input;
mod output;
mod session;
mod show;

use async_trait::async_trait;
use input::{Input, Line};
use session::Session;
use sluis_engine::Engine;
use sluis_model::id::{GrantId, OrgId, UserId};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::runtime::Runtime;

/// What the caller chooses.
#[derive(Debug, Clone)]
pub struct Options {
    /// On whose behalf inputs run.
    pub org: OrgId,
    /// On behalf of which of its users: whose connections they use where each user has their own.
    pub user: Option<UserId>,
    /// Where what was typed is remembered; nowhere without it.
    pub history: Option<PathBuf>,
    /// Whether there is a store to take connector ids from: completion makes none.
    pub has_store: bool,
    /// Whether standard output takes colour.
    pub colored_output: bool,
    /// Whether standard error takes colour.
    pub colored_errors: bool,
}

/// Waits for a person's consent.
#[async_trait]
pub trait Consent: Sync {
    /// Tells the person where to go and comes back when the attempt is decided, or with why it
    /// could not be waited for.
    async fn wait(&self, grant: &GrantId, authorize_url: &str) -> Result<(), String>;
}

/// Why the prompt ended before its end.
#[derive(Debug, thiserror::Error)]
pub enum ReplError {
    /// The terminal or the pipe failed.
    #[error("the input cannot be read: {0}")]
    Input(String),
}

/// Reads and runs inputs until their end. Without a terminal the input is read line by line and no
/// prompt is shown.
pub fn run(
    runtime: &Arc<Runtime>,
    engine: Engine,
    options: Options,
    consent: &dyn Consent,
) -> Result<(), ReplError> {
    let mut session = Session::new(engine, options);
    let mut input = Input::open(runtime, &session)?;
    loop {
        input.refresh(&session);
        match input.next(session.number())? {
            Line::End => break,
            Line::Dropped => {}
            Line::Text(text) => {
                let goes_on = runtime.block_on(commands::take(&mut session, &text, consent));
                if !goes_on {
                    break;
                }
            }
        }
    }
    input.close();
    Ok(())
}

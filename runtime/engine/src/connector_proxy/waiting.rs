//! A command whose outcome a backend waits for, as it is kept until it is made.

use super::command::Command;
use super::envelope::Refusal;
use crate::builder::Engine;
use crate::invoke::{Inputs, Through};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sluis_model::connector::Effect;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{ApiId, OrgId};
use url::Url;

/// A command and where its outcome is told.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Waiting {
    plugin: String,
    command: String,
    inputs: Inputs,
    through: Through,
    /// The callback URL.
    pub(crate) callback: String,
}

impl Waiting {
    pub(super) fn of(command: Command, callback: Url) -> Self {
        Self {
            plugin: command.api.namespace().to_string(),
            command: command.api.api().to_owned(),
            inputs: command.inputs,
            through: command.through,
            callback: callback.into(),
        }
    }
}

impl Engine {
    /// Makes the call, unless it was interrupted and may have acted; the envelope of its outcome, whatever
    /// that is.
    pub(crate) async fn made_for_backend(&self, org: &OrgId, waiting: &Waiting, interrupted: bool) -> Value {
        let outcome = async {
            let (api, definition) = self.api_of_command(org, &waiting.plugin, &waiting.command).await?;
            let effect = definition.apis.get(api.api()).map(|api| api.effect);
            if interrupted && effect != Some(Effect::Read) {
                return Err(Refusal::Failed(ambiguous(&api)));
            }
            let (inputs, through) = (waiting.inputs.clone(), waiting.through.clone());
            let command = Command { api, inputs, through, callback: None, definition };
            self.command_envelope(org, &command, None).await
        };
        outcome.await.unwrap_or_else(|refusal: Refusal| refusal.envelope())
    }
}

fn ambiguous(api: &ApiId) -> Failure {
    Failure::new(
        Reason::Internal,
        format!("the server stopped while {api} was under way; whether the service has acted is not known"),
    )
    .help("look at the service whether it has, before the call is made again")
}

//! Carrying out a command: at once, or accepted and told of later.

use super::command::{Command, with_files};
use super::envelope::{self, Refusal};
use super::settings::WhenAccepted;
use super::waiting::Waiting;
use crate::accepted::Todo;
use crate::builder::Engine;
use crate::invoke::{CallOptions, Inputs};
use crate::keys::Place;
use serde_json::Value;
use sluis_model::error::Failure;
use sluis_model::id::{AcceptedId, OrgId};
use url::Url;

/// Calls that may take longer than this are accepted and told of later: a backend gives up after 45 s.
const LONG_S: u32 = 40;

/// What a backend is answered.
#[derive(Debug, Clone, PartialEq)]
pub struct ProxyAnswer {
    /// HTTP status of the proxy's own answer: 200 whatever the service said.
    pub status: u16,
    /// JSON body.
    pub body: Value,
    /// What goes on, if the call was only accepted.
    pub goes_on: Option<AcceptedId>,
}

impl ProxyAnswer {
    fn at_once(body: Value) -> Self {
        Self { status: 200, body, goes_on: None }
    }

    pub(super) fn refused(refusal: &Refusal) -> Self {
        let (status, body) = refusal.answer();
        Self { status, body, goes_on: None }
    }
}

/// How the outcome of a command is told.
enum Told {
    /// As the answer, with what there is to note about that.
    AtOnce(Option<String>),
    /// To this address later.
    Later(Url),
}

impl Engine {
    /// Carries out a command for a backend of the org.
    pub async fn proxy_do(&self, org: &OrgId, plugin: &str, command: &str, given: Inputs) -> ProxyAnswer {
        match self.carried_out(org, plugin, command, given).await {
            Ok(answer) => answer,
            Err(refusal) => ProxyAnswer::refused(&refusal),
        }
    }

    async fn carried_out(
        &self,
        org: &OrgId,
        plugin: &str,
        command: &str,
        given: Inputs,
    ) -> Result<ProxyAnswer, Refusal> {
        let command = self.read_command(org, plugin, command, given).await?;
        match self.how_told(org, &command).await.map_err(Refusal::Failed)? {
            Told::AtOnce(note) => Ok(ProxyAnswer::at_once(self.command_envelope(org, &command, note).await?)),
            Told::Later(callback) => {
                let waiting = Waiting::of(command, callback);
                let id = self.accept(org, Todo::Command(waiting)).await.map_err(Refusal::Failed)?;
                Ok(ProxyAnswer { status: 202, body: envelope::of_accepted(&id), goes_on: Some(id) })
            }
        }
    }

    async fn how_told(&self, org: &OrgId, command: &Command) -> Result<Told, Failure> {
        let Some(callback) = &command.callback else { return Ok(Told::AtOnce(None)) };
        let settings = self.proxy_settings(org).await?;
        let api = command.definition.apis.get(command.api.api());
        let wanted = match settings.accepted {
            WhenAccepted::Always => true,
            WhenAccepted::Never => false,
            WhenAccepted::Long => api.is_some_and(|api| api.timeout_s(&command.definition) > LONG_S),
        };
        if !wanted {
            return Ok(Told::AtOnce(None));
        }
        Ok(match Url::parse(callback).ok().filter(|url| settings.backend_of(url).is_some()) {
            Some(url) => Told::Later(url),
            None => Told::AtOnce(Some(format!(
                "the callback URL is at no backend that `{org}` has allowed, so the call was waited for; an operator allows \
                 its origin with PUT /api/v1/orgs/{org}/connector-proxy"
            ))),
        })
    }

    /// Makes the call; the envelope of what the service answered.
    pub(super) async fn command_envelope(
        &self,
        org: &OrgId,
        command: &Command,
        note: Option<String>,
    ) -> Result<Value, Refusal> {
        let call = async {
            let argument = with_files(&command.definition, &command.api, command.inputs.clone())?;
            let key = self.key_of_call(org, &command.api.namespace(), &command.through).await?;
            let answered = self
                .invoke_at(&Place::active(key), &command.api, &argument, &CallOptions::default(), None)
                .await;
            answered.map_err(|failed| failed.failure)
        };
        match call.await {
            Ok(invocation) => Ok(envelope::of_answer(&command.api, &invocation, note)),
            Err(failure) => match &failure.answer {
                Some(answer) => Ok(envelope::of_failed_answer(&failure, answer)),
                None => Err(Refusal::Failed(failure)),
            },
        }
    }
}

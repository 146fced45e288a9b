//! Trying a connector that is not released: one API with other values than the file has ([`Engine::try_api`]),
//! or the tests that the file holds ([`suite`]), live, recorded or replayed.
//!
//! **Invariant:** a draft sends the credential of a connection only to origins that this connection was
//! authorized for, renews it only as its release says, and is given no client that its release does not
//! name. So whoever writes a draft learns nothing that whoever released the connector could not.

mod account;
mod expect;
mod overrides;
pub mod suite;

pub use overrides::Overrides;

use crate::builder::Engine;
use crate::compiled;
use crate::invoke::{Argument, Inputs, Through};
use account::Lender;
use bytes::Bytes;
use serde::Serialize;
use sluis_invoke::{
    CallCredential, CompiledApi, CredentialSource, Explain as _, HttpAnswer, OutgoingRequest,
    PreparedRequest, Redactor, SendLimits, read_answer, variables,
};
use sluis_model::connection::Variables;
use sluis_model::connector::{ConnectorDefinition, CredentialUse};
use sluis_model::error::{Failure, Reason};
use sluis_model::id::OrgId;
use sluis_model::secret::SecretText;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A call of an API of a definition that need not be released.
#[derive(Debug, Clone)]
pub struct Trial {
    /// The definition.
    pub definition: ConnectorDefinition,
    /// The API, by the part of its id after the namespace.
    pub api: String,
    /// Its inputs.
    pub inputs: Inputs,
    /// What is sent in place of what the definition says.
    pub overrides: Overrides,
    /// Values of the connection's variables in place of those that it has.
    pub variables: Variables,
    /// Whose connection is used.
    pub through: Through,
    /// A credential for this call alone, in place of a connection.
    pub entered: Option<EnteredCredential>,
}

/// A credential that is kept nowhere.
#[derive(Debug, Clone, Default)]
pub struct EnteredCredential {
    /// The way to authenticate, where the definition has several.
    pub auth: Option<String>,
    /// The fields of its scheme.
    pub fields: BTreeMap<String, SecretText>,
}

impl Trial {
    /// A call of an API with nothing but inputs.
    pub fn of(definition: ConnectorDefinition, api: &str, inputs: Inputs) -> Self {
        Self {
            definition,
            api: api.to_owned(),
            inputs,
            overrides: Overrides::default(),
            variables: Variables::new(),
            through: Through::default(),
            entered: None,
        }
    }
}

/// What a trial came to, secrets starred.
#[derive(Debug, Clone, Serialize)]
pub struct TrialAnswer {
    /// The request as it went out.
    pub request: String,
    /// The same as a cURL command.
    pub curl: String,
    /// HTTP status of the answer.
    pub status_code: u16,
    /// Headers of the answer.
    pub headers: Vec<(String, String)>,
    /// Body of the answer as text.
    pub response: String,
    /// Time from sending to the last byte, in ms.
    pub millis: u64,
    /// Inputs that nothing in the definition takes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unused: Vec<String>,
    /// Body as it came; that of `response` where something is starred.
    #[serde(skip)]
    pub body: Bytes,
}

/// A trial with what is needed to record it.
pub(crate) struct Made {
    pub answer: TrialAnswer,
    /// The request from before its credential was put on.
    pub plain: OutgoingRequest,
    pub redactor: Redactor,
    pub variables: Variables,
}

impl Engine {
    /// Calls an API of a definition that need not be released, and shows what was sent and answered.
    pub async fn try_api(&self, org: &OrgId, trial: &Trial) -> Result<TrialAnswer, Failure> {
        Ok(self.make_trial(org, trial).await?.answer)
    }

    pub(crate) async fn make_trial(&self, org: &OrgId, trial: &Trial) -> Result<Made, Failure> {
        self.org(org).await?;
        // What is wrong with it is told before anybody is asked for a credential.
        compiled::check_definition(&trial.definition)?;
        let lender = self.lender(org, trial).await?;
        let filled = filled(&trial.definition, &lender.variables)?;
        let compiled = compiled::compile(&filled)?;
        no_callback(compiled.api(&trial.api)?)?;
        let mut prepared = self.filled(compiled.api(&trial.api)?, &Argument::from(&trial.inputs))?;
        trial.overrides.put_on(&mut prepared.request)?;
        let answer = self.send_trial(&lender, trial, &compiled, &prepared).await?;
        let redactor = lender.redactor();
        let (request, curl) = self.shown_trial(&lender, trial, &prepared, &redactor).await;
        let unused = prepared.unused.clone();
        let answer = told(&answer, &redactor, request, curl, unused);
        Ok(Made { answer, plain: prepared.request, redactor, variables: lender.variables })
    }

    async fn send_trial(
        &self,
        lender: &Lender,
        trial: &Trial,
        compiled: &sluis_invoke::CompiledConnector,
        prepared: &PreparedRequest,
    ) -> Result<HttpAnswer, Failure> {
        let limits = SendLimits {
            total: prepared.timeout,
            first_byte: prepared.timeout,
            redirects: prepared.redirects,
            ..SendLimits::default()
        };
        let Some(lent) = lender.lent.as_ref().filter(|_| prepared.credential != CredentialUse::None) else {
            return sluis_invoke::call(self.http(), &prepared.request, None, limits).await;
        };
        let auth = lender.auth.as_deref();
        let bound = self.bound_for_call(&trial.definition, auth, &lender.variables).await?;
        let scheme = bound.scheme();
        let source: Arc<dyn CredentialSource> = lent.source();
        let credential = CallCredential {
            connection: &lent.id(),
            hosts: &compiled.hosts,
            scheme: scheme.as_ref(),
            client: bound.client(),
            variables: &lender.variables,
            challenges: self.challenges(),
            randomness: self.randomness(),
            source: &source,
            renewals: self.renewals(),
            // What the draft says of its answers is not believed before it is released.
            expired: None,
        };
        sluis_invoke::call(self.http(), &prepared.request, Some(credential), limits).await
    }

    /// The request as it went out, and as cURL, stars in place of its credential.
    async fn shown_trial(
        &self,
        lender: &Lender,
        trial: &Trial,
        prepared: &PreparedRequest,
        redactor: &Redactor,
    ) -> (String, String) {
        let bound = self.bound_for_call(&trial.definition, lender.auth.as_deref(), &lender.variables).await;
        let request = match &bound {
            Ok(bound) => prepared.shown(bound.scheme().as_ref(), bound.context(self)),
            Err(_) => prepared.request.clone(),
        };
        (request.explain_with(redactor), request.to_curl_with(redactor))
    }
}

/// The definition with the values of its variables.
fn filled(definition: &ConnectorDefinition, values: &Variables) -> Result<ConnectorDefinition, Failure> {
    if let Some(variable) = variables::lacking(definition, values) {
        let message = format!("the variable `{}` has no value", variable.name);
        return Err(Failure::new(Reason::InvalidInput, message)
            .help("give it one for the test: --variable NAME=VALUE, or `variables` of the request"));
    }
    Ok(variables::bind(definition, values)?.into_owned())
}

fn told(
    answer: &HttpAnswer,
    redactor: &Redactor,
    request: String,
    curl: String,
    unused: Vec<String>,
) -> TrialAnswer {
    let read = read_answer(answer);
    let starred = redactor.redact(&read.response).into_owned();
    let body = if starred == read.response { answer.body.clone() } else { Bytes::from(starred.clone()) };
    TrialAnswer {
        request,
        curl,
        status_code: read.status_code,
        headers: read
            .headers
            .into_iter()
            // What the service lets a browser in with is between the two of them.
            .filter(|(name, _)| name != "set-cookie")
            .map(|(name, value)| (name, redactor.redact(&value).into_owned()))
            .collect(),
        response: starred,
        millis: answer.elapsed.as_millis().try_into().unwrap_or(u64::MAX),
        unused,
        body,
    }
}

/// A trial is over when it is answered: nobody would be there to take what is brought later.
fn no_callback(api: &CompiledApi) -> Result<(), Failure> {
    match &api.called_back {
        None => Ok(()),
        Some(_) => Err(Failure::new(
            Reason::InvalidInput,
            format!(
                "the answer of {} is brought later, which a trial does not wait for; nothing was sent",
                api.id
            ),
        )
        .help("release the connector and call it")),
    }
}

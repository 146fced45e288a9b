//! Calling an API of a connector. A call goes through these steps, each in its own file:
//!
//! 1. fill in: an API's templates with data ([`argument`] reads it, [`Engine::invoke_at`] here), or a
//!    free-form request;
//! 2. [`keyed`]: the key by which the service tells it from a new call; and what the ledger of the run says
//!    of it, which may be its answer;
//! 3. [`account`]: the connection whose credential goes onto it, if it can be used;
//!    A call whose answer nobody waits for is handed over here ([`hand_over`]);
//! 4. [`attempts`]: its turn at the budgets it needs a part of ([`budgets`]), then as many tries as it
//!    takes and may be, each an [`attempt`]: out with the credential, and once more after a renewal if the
//!    provider says 401; [`watch`] sees what the transport does meanwhile;
//! 5. [`answer`]: what came back as a script sees it, without secrets, and what its connector says that means;
//! 6. [`record`]: what is kept of the call;
//! 7. [`later`]: where the answer comes later, asking for it until it is there. Where the service brings it,
//!    [`callbacks`](crate::callbacks) goes around all of this.
//!
//! [`pipeline`] is the order of 2 to 6. [`show`] is the request without sending it, [`explain`] says
//! where each part of it comes from, [`choices`] lists the values that an input may have.

mod account;
mod answer;
mod argument;
mod attempt;
mod attempts;
mod budgets;
mod choices;
mod curl;
mod explain;
mod hand_over;
mod keyed;
mod later;
pub mod options;
mod pipeline;
mod prospects;
mod record;
mod show;
mod watch;

pub(crate) use account::{needs_person, not_authorized};
pub(crate) use answer::{meant, meant_by};
pub(crate) use argument::Argument;
pub use choices::{PickOption, WantedOptions};
pub use options::CallOptions;
pub(crate) use pipeline::Call;

use crate::builder::Engine;
use crate::callbacks::CalledBackCall;
use crate::grants::wanted::user_of;
use crate::keys::Place;
use crate::ledger::Site;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sluis_invoke::{CompiledApi, Moment, PreparedRequest, SHOWN_CALLBACK_URL, prepare};
use sluis_lang::value::data::Data;
use sluis_model::connection::ConnectionKey;
use sluis_model::error::Failure;
use sluis_model::id::{ApiId, ConnectionName, DeliveryId, Namespace, OrgId, UserId};
use sluis_model::run::CallRecord;

/// The inputs of a call by placeholder name.
pub type Inputs = serde_json::Map<String, serde_json::Value>;

/// Which of the connections of a connector a call goes through.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Through {
    /// Its name.
    pub name: ConnectionName,
    /// On whose behalf the call is made, where each user has connections of their own.
    pub user: Option<UserId>,
}

/// An answered call.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// HTTP status of the answer.
    pub status_code: u16,
    /// Headers of the answer.
    pub headers: Vec<(String, String)>,
    /// Body of the answer as text. The connection's own tokens are starred in it: a service that
    /// echoes its request must not hand them to a script.
    pub response: String,
    /// What the connector makes of it for scripts, where it says so.
    pub value: Option<Data>,
    /// Body of the answer as it came; that of [`response`](Self::response) where something is starred.
    pub body: Bytes,
    /// What is kept of it.
    pub record: CallRecord,
    /// What was sent, secrets starred.
    pub wire: String,
    /// The call that was written down, where the answer comes later: nobody waits for it, or its service brings it.
    pub accepted: Option<DeliveryId>,
    /// Whether the answer is wanted of a call that was written down.
    pub awaits: bool,
}

/// A call that got no answer.
#[derive(Debug)]
pub struct InvocationFailed {
    /// Why.
    pub failure: Failure,
    /// What is kept of it, if something was sent.
    pub record: Option<CallRecord>,
    /// What was sent, secrets starred.
    pub wire: String,
    /// Whether something may have reached the service.
    pub was_sent: bool,
}

impl Invocation {
    /// What scripts get: the value that the connector makes of the answer, else the text of its body.
    pub fn into_value(self) -> Data {
        self.value.unwrap_or(Data::Text(self.response))
    }
}

impl From<Failure> for Box<InvocationFailed> {
    fn from(failure: Failure) -> Self {
        Box::new(InvocationFailed { failure, record: None, wire: String::new(), was_sent: false })
    }
}

impl Engine {
    /// Calls an API through the org's main connection.
    pub async fn invoke(&self, org: &OrgId, api: &ApiId, inputs: &Inputs) -> Result<Invocation, Failure> {
        self.invoke_through(org, api, inputs, &Through::default()).await
    }

    /// Calls an API through one of several connections.
    pub async fn invoke_through(
        &self,
        org: &OrgId,
        api: &ApiId,
        inputs: &Inputs,
        through: &Through,
    ) -> Result<Invocation, Failure> {
        self.invoke_with(org, api, inputs, through, &CallOptions::default()).await
    }

    /// The same otherwise than its definition says.
    pub async fn invoke_with(
        &self,
        org: &OrgId,
        api: &ApiId,
        inputs: &Inputs,
        through: &Through,
        options: &CallOptions,
    ) -> Result<Invocation, Failure> {
        self.org(org).await?;
        let place = Place::active(self.key_of_call(org, &api.namespace(), through).await?);
        self.invoke_at(&place, api, &Argument::from(inputs), options, None)
            .await
            .map_err(|failed| failed.failure)
    }

    /// The connection that a call goes through: where it is the org's, whoever calls.
    pub async fn key_of_call(
        &self,
        org: &OrgId,
        connector: &Namespace,
        through: &Through,
    ) -> Result<ConnectionKey, Failure> {
        let ready = self.ready_connector(connector).await?;
        let owner = ready.release.definition.connection.owner;
        let user = user_of(owner, through.user.as_ref(), connector)?;
        Ok(ConnectionKey { org: org.clone(), connector: connector.clone(), name: through.name.clone(), user })
    }

    pub(crate) async fn invoke_at(
        &self,
        place: &Place,
        api: &ApiId,
        argument: &Argument,
        options: &CallOptions,
        site: Option<&Site>,
    ) -> Result<Invocation, Box<InvocationFailed>> {
        let connector = self.ready_at(place).await?;
        let api = connector.compiled.api(api.api())?;
        if let Some(rule) = &api.called_back {
            let connector = &connector;
            let call = CalledBackCall { connector, place, api, rule, argument, options, site };
            return Box::pin(self.invoke_called_back(&call)).await;
        }
        let prepared = self.filled(api, argument)?;
        let through = Some((&connector, place));
        let call = Call { prepared: &prepared, through, api: Some(api), options, site };
        let answer = self.round_trip(&call).await?;
        let answer = self.awaited(&call, answer).await?;
        answer::meant(&call, answer)
    }

    /// The answer to a call as it came, and the error that its connector says it is.
    pub(crate) async fn asked_at(
        &self,
        place: &Place,
        api: &ApiId,
        inputs: &Inputs,
    ) -> Result<(Invocation, Option<Failure>), Box<InvocationFailed>> {
        let connector = self.ready_at(place).await?;
        let api = connector.compiled.api(api.api())?;
        let prepared = self.filled(api, &Argument::from(inputs))?;
        let through = Some((&connector, place));
        let options = CallOptions::default();
        let call = Call { prepared: &prepared, through, api: Some(api), options: &options, site: None };
        let answer = self.round_trip(&call).await?;
        let answer = self.awaited(&call, answer).await?;
        let refused = answer::meant(&call, answer.clone()).err().map(|failed| failed.failure);
        Ok((answer, refused))
    }

    /// The request of an API with the data of a call; what it draws from time and chance is settled with it.
    pub(crate) fn filled(&self, api: &CompiledApi, argument: &Argument) -> Result<PreparedRequest, Failure> {
        self.filled_with(api, argument, SHOWN_CALLBACK_URL)
    }

    /// The same with an address that the service is to call back.
    pub(crate) fn filled_with(
        &self,
        api: &CompiledApi,
        argument: &Argument,
        callback_url: &str,
    ) -> Result<PreparedRequest, Failure> {
        let moment = Moment { now: self.now(), randomness: self.randomness(), callback_url };
        Ok(prepare(api, &argument.call_data(api)?, moment)?)
    }
}

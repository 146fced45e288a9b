//! The connection whose credential goes onto a call, and who can mend it where it cannot be used.

use super::pipeline::Call;
use crate::builder::Engine;
use crate::compiled::ReadyConnector;
use crate::grants::renewal::ConnectionTokens;
use crate::keys::Place;
use sluis_invoke::Redactor;
use sluis_model::connection::{Connection, ConnectionKey, ConnectionState};
use sluis_model::connector::CredentialUse;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::OrgId;
use std::sync::Arc;

/// A connection at work in one call.
pub(crate) struct Account {
    /// The connection.
    pub connection: Connection,
    /// Its tokens; knows all that were used, so that they can be starred.
    pub source: Arc<ConnectionTokens>,
}

impl Account {
    /// Stars the tokens that the call has used.
    pub fn redactor(&self) -> Redactor {
        self.source.redactor()
    }
}

impl Engine {
    /// The connection of a call, if its request needs one.
    pub(super) async fn account_of(&self, call: &Call<'_>) -> Result<Option<Account>, Failure> {
        let wanted = call.prepared.credential;
        let Some((connector, place)) = call.through.filter(|_| wanted != CredentialUse::None) else {
            return Ok(None);
        };
        let connection = match self.usable_connection(place, connector).await {
            Ok(connection) => connection,
            Err(failure) if wanted == CredentialUse::Optional && lacks_connection(&failure) => {
                return Ok(None);
            }
            Err(failure) => return Err(failure),
        };
        let source = ConnectionTokens::new(self, connection.clone(), connector.clone(), place.slot.clone());
        Ok(Some(Account { connection, source: Arc::new(source) }))
    }

    /// The connection at a place, if it can be used; else who can mend that, and how.
    pub(crate) async fn usable_connection(
        &self,
        place: &Place,
        connector: &ReadyConnector,
    ) -> Result<Connection, Failure> {
        let connection = self
            .connection(&place.key, &place.slot)
            .await?
            .ok_or_else(|| not_authorized(&place.key.org, &place.key))?;
        match &connection.state {
            ConnectionState::NeedsReauthorization { reason } => Err(needs_person(&place.key, reason)),
            ConnectionState::Exhausted { reason } => Err(exhausted(&place.key, reason)),
            ConnectionState::Active | ConnectionState::Pending | ConnectionState::Revoking => {
                self.check_bound(&connection, &connector.release).await?;
                Ok(connection)
            }
        }
    }
}

/// Whether a person would have to connect before a credential can be used.
fn lacks_connection(failure: &Failure) -> bool {
    matches!(failure.reason, Reason::NotAuthorized | Reason::NeedsReauthorization)
}

pub(crate) fn not_authorized(org: &OrgId, key: &ConnectionKey) -> Failure {
    let who = match &key.user {
        Some(user) => format!("`{user}` authorizes it for themselves"),
        None => format!("an admin of `{org}` authorizes it once for everybody"),
    };
    Failure::new(
        Reason::NotAuthorized,
        format!("connector `{key}` is not authorized for organisation `{org}`"),
    )
    .help(format!(
        "{who}: {}, or in a script: authorize(\"{}\")",
        key.authorize_command(),
        key.in_scripts()
    ))
}

/// The grant is gone; only a person can give a new one.
pub(crate) fn needs_person(namespace: &ConnectionKey, reason: &str) -> Failure {
    Failure::new(
        Reason::NeedsReauthorization,
        format!("the authorization of `{namespace}` is no longer good: {reason}"),
    )
    .help(format!("an admin of the organisation authorizes it again: {}", namespace.authorize_command()))
}

/// Renewing was given up; nobody knows whether the grant is still good.
fn exhausted(namespace: &ConnectionKey, reason: &str) -> Failure {
    Failure::new(
        Reason::NeedsReauthorization,
        format!("the token of `{namespace}` has ended and could not be renewed: {reason}"),
    )
    .help(format!(
        "when that is mended, ask for it again: {}; or an admin of the \
         organisation authorizes it again: {}",
        namespace.renew_command(),
        namespace.authorize_command()
    ))
}

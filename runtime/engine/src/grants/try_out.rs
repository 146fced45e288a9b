//! Trying a connection: the call that its connector names for it, and the one that tells whose account
//! it is.

use crate::builder::Engine;
use crate::errors;
use crate::invoke::Invocation;
use crate::keys::{self, Place, Slot};
use serde::Serialize;
use sluis_auth::{Answer, json_path};
use sluis_invoke::is_refused_sign_in;
use sluis_model::connection::{Connection, ConnectionKey};
use sluis_model::connector::Release;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::ApiId;
use sluis_store::{Expect, StoreError, get_json, put_json};

/// Longest name of an account that is kept, in characters.
const ACCOUNT_AT_MOST: usize = 200;

/// How a connection did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tried {
    /// Whether the service accepts it.
    pub ok: bool,
    /// Status of the service's answer.
    pub status: u16,
    /// The account that it stands for, as the service names it.
    pub account: Option<String>,
    /// The result in words.
    pub message: String,
}

/// How a connection did that a mail server does not let in.
fn refused(connection: &Connection, failure: &Failure) -> Tried {
    let status = failure.answer.as_ref().map(|answer| answer.status_code).unwrap_or_default();
    let key = connection.key();
    let message = format!("the service does not accept what `{key}` holds: {}", failure.message);
    Tried { ok: false, status, account: connection.account.clone(), message }
}

impl Engine {
    /// Makes the test call of a connection and asks whose account it is.
    pub async fn test_connection(&self, key: &ConnectionKey) -> Result<Tried, Failure> {
        self.org(&key.org).await?;
        let release = self.latest_release(&key.connector).await?;
        let connection = self.connection(key, &Slot::Active).await?;
        let connection = connection.ok_or_else(|| crate::invoke::not_authorized(&key.org, key))?;
        let tried = match self.try_out(&connection, &release, &Slot::Active).await {
            Err(failure) if is_refused_sign_in(&failure) => return Ok(refused(&connection, &failure)),
            tried => tried?,
        };
        let Some(mut tried) = tried else {
            let text = format!("connector `{}` names no call that tries a connection", key.connector);
            return Err(Failure::new(Reason::InvalidInput, text)
                .help("the connector's author adds `test: { api: … }` under `connection`"));
        };
        if tried.ok {
            tried.account = self.identified(connection, &release, &Slot::Active).await?.account;
        }
        Ok(tried)
    }

    /// Makes the test call; none if the connector names none.
    pub(crate) async fn try_out(
        &self,
        connection: &Connection,
        release: &Release,
        slot: &Slot,
    ) -> Result<Option<Tried>, Failure> {
        let Some(test) = release.definition.connection.test_of(connection.auth.as_deref()) else {
            return Ok(None);
        };
        let (answer, refused) = self.call_as(connection, slot, &test.api, &test.inputs).await?;
        let status = answer.status_code;
        let key = connection.key();
        // Where the service hides its errors in a 200, the connector tells them.
        let hidden = refused.filter(|_| status < 400);
        let waits =
            hidden.as_ref().and_then(|failure| failure.answer.as_ref()).is_some_and(|said| said.retry);
        let (ok, message) = match status {
            200..=399 => match hidden {
                Some(_) if waits => (true, format!("the service asks to try `{key}` again later")),
                Some(failure) => {
                    (false, format!("the service does not accept what `{key}` holds: {}", failure.message))
                }
                None => (true, format!("`{key}` works: the service answered {status}")),
            },
            401 | 403 => {
                let note = answer.record.note.map(|note| format!("; {note}")).unwrap_or_default();
                (false, format!("the service does not accept what `{key}` holds (status {status}){note}"))
            }
            429 => (true, format!("the service knows `{key}` and asks to wait (status 429)")),
            500.. => (false, format!("the service is broken or busy (status {status}); try again later")),
            _ => (false, format!("the test call of `{key}` was answered {status}")),
        };
        Ok(Some(Tried { ok, status, account: connection.account.clone(), message }))
    }

    /// Whether the service accepts a connection that is yet to take its place; `denied` if it does not,
    /// another reason if that cannot be told.
    pub(crate) async fn accepted(
        &self,
        connection: &Connection,
        release: &Release,
        slot: &Slot,
    ) -> Result<(), Failure> {
        let tried = self.try_out(connection, release, slot).await;
        if let Err(failure) = &tried
            && is_refused_sign_in(failure)
        {
            return Err(Failure::new(Reason::Denied, refused(connection, failure).message));
        }
        match tried? {
            Some(Tried { ok: false, status: 500.., message, .. }) => {
                Err(Failure::new(Reason::BadUpstream, message))
            }
            Some(Tried { ok: false, message, .. }) => Err(Failure::new(Reason::Denied, message)),
            _ => Ok(()),
        }
    }

    /// The connection with the account that the service names, which is kept; as it was where the
    /// service does not say.
    pub(crate) async fn identified(
        &self,
        mut connection: Connection,
        release: &Release,
        slot: &Slot,
    ) -> Result<Connection, Failure> {
        let Some(identity) = &release.definition.connection.identity else { return Ok(connection) };
        let none = serde_json::Map::new();
        // Not to know whose account it is spoils nothing.
        let Ok((answer, None)) = self.call_as(&connection, slot, &identity.api, &none).await else {
            return Ok(connection);
        };
        let answer =
            Answer { status: answer.status_code, headers: http::HeaderMap::new(), body: answer.body };
        let said = json_path::body(&answer).filter(|_| answer.status < 400);
        let account = match &said {
            Some(body) => json_path::text_at(body, "identity.path", &identity.path)?,
            None => None,
        };
        let account = account
            .map(|text| text.chars().filter(|c| !c.is_control()).take(ACCOUNT_AT_MOST).collect::<String>());
        if let Some(account) = account.filter(|account| !account.is_empty())
            && connection.account.as_ref() != Some(&account)
        {
            connection = self.with_account(connection, slot, account).await?;
        }
        Ok(connection)
    }

    /// Keeps the account in the record, which the call may have changed by renewing the tokens. Whoever
    /// changes it at the same moment wins: the account is asked for again with the next test.
    async fn with_account(
        &self,
        connection: Connection,
        slot: &Slot,
        account: String,
    ) -> Result<Connection, Failure> {
        let key = keys::connection(&connection.key(), slot);
        let store = self.store().await?;
        let found = get_json::<Connection>(store, &key).await.map_err(errors::store)?;
        let Some((version, mut present)) = found.filter(|(_, present)| present.id == connection.id) else {
            return Ok(connection);
        };
        present.account = Some(account);
        let change = put_json(key, &present, Expect::Version(version)).map_err(errors::store)?;
        match store.apply(vec![change]).await {
            Ok(_) | Err(StoreError::Conflict { .. }) => Ok(present),
            Err(error) => Err(errors::store(error)),
        }
    }

    async fn call_as(
        &self,
        connection: &Connection,
        slot: &Slot,
        api: &str,
        inputs: &crate::invoke::Inputs,
    ) -> Result<(Invocation, Option<Failure>), Failure> {
        let id = ApiId::of(&connection.connector, api)
            .map_err(|error| Failure::new(Reason::InvalidDefinition, error.to_string()))?;
        let place = Place { key: connection.key(), slot: slot.clone() };
        self.asked_at(&place, &id, inputs).await.map_err(|failed| failed.failure)
    }
}

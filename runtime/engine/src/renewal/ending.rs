//! What becomes of an attempt: new tokens swapped in, a failure noted, or a person called for; each
//! in one batch with the end of its intent.

use super::attempt::Attempt;
use super::health::{self, Trouble};
use crate::builder::Engine;
use crate::errors;
use crate::invoke::needs_person;
use crate::keys::{self, Place, Slot};
use crate::triggers::Event;
use sluis_auth::{Obtained, TokenError, TokenErrorKind, scheme_of};
use sluis_invoke::Versioned;
use sluis_model::connection::{Connection, ConnectionState, RenewalHealth};
use sluis_model::credential::{Credential, TokenSet};
use sluis_model::error::{Failure, Reason};
use sluis_model::trigger_spec::EventKind;
use sluis_store::{Change, Expect, get_json, put_json};
use std::time::Duration;

/// Batches tried before we admit that we cannot win against whoever changes the same rows.
const TRIES: usize = 32;
/// Pause between tries of a store that fails: a full disk may have room again in a moment.
const PAUSE: Duration = Duration::from_millis(250);

impl Attempt<'_> {
    /// Puts the new tokens in the place of the old ones, if these are still the stored ones.
    pub async fn store(mut self, obtained: Obtained) -> Result<Versioned, Failure> {
        let mut trouble = None;
        for _ in 0..TRIES {
            let Some((place, version, connection)) = self.located().await? else {
                return self.gone(obtained).await;
            };
            let stored = self.engine.credential(&connection, &place.slot).await?;
            if !self.intent.replaces(&stored.credential) {
                return self.what_is_stored().await;
            }
            let credential = self.renewed(&stored.credential, &obtained);
            let connection = self.connection_with(connection, &credential, &obtained);
            let expect = Expect::Version(stored.version);
            let mut changes =
                self.engine.put_connection(&connection, &credential, &place.slot, expect).await?;
            expecting(&mut changes, &keys::connection(&place.key, &place.slot), version);
            changes.extend(self.end_of_intent(false).await?);
            match self.engine.store().await?.apply(changes).await {
                Ok(versions) => {
                    tracing::info!(org = %connection.org, connector = %connection.key(), "renewed");
                    let version = versions.first().copied().unwrap_or_default();
                    return Ok(Versioned { version, credential });
                }
                Err(error @ sluis_store::StoreError::Conflict { .. }) => {
                    self.overtaken |= Self::is_about_intent(&error);
                }
                Err(error) => {
                    tracing::error!(%error, "renewed tokens could not be stored yet");
                    trouble = Some(error);
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
        Err(trouble.map_or_else(somebody_else, errors::store))
    }

    fn renewed(&self, stored: &Credential, obtained: &Obtained) -> Credential {
        Credential {
            fields: stored.fields.clone(),
            tokens: Some(obtained.tokens.clone()),
            previous: stored.tokens.clone(),
        }
    }

    fn connection_with(
        &self,
        mut connection: Connection,
        credential: &Credential,
        obtained: &Obtained,
    ) -> Connection {
        let definition = &self.subject.connector.release.definition;
        let config = definition.auth.chosen(connection.auth.as_deref());
        connection.refreshable = config.is_ok_and(|config| scheme_of(config).is_renewable(credential));
        connection.refreshed_at = Some(self.engine.now());
        connection.expires_at = obtained.tokens.expires_at;
        if !obtained.tokens.scopes.is_empty() {
            connection.scopes.clone_from(&obtained.tokens.scopes);
        }
        connection.variables.extend(obtained.variables.clone());
        connection.renewal = RenewalHealth::default();
        if is_lost(&connection) {
            connection.state = ConnectionState::Active;
        }
        connection
    }

    /// Where the connection stands now: a pending one may have become active meanwhile.
    async fn located(&self) -> Result<Option<(Place, u64, Connection)>, Failure> {
        let here = &self.subject.place;
        let active = Place::active(here.key.clone());
        let places = if here.slot == Slot::Active { vec![active] } else { vec![here.clone(), active] };
        for place in places {
            let row = keys::connection(&place.key, &place.slot);
            let found = get_json::<Connection>(self.engine.store().await?, &row).await;
            if let Some((version, connection)) = found.map_err(errors::store)?
                && connection.id == self.intent.connection
            {
                return Ok(Some((place, version, connection)));
            }
        }
        Ok(None)
    }

    /// The connection was revoked, or authorized anew, while the provider was asked. What was revoked
    /// stays so: the tokens that have just come are given back as well.
    async fn gone(mut self, obtained: Obtained) -> Result<Versioned, Failure> {
        let key = &self.subject.place.key;
        if self.engine.connection(key, &Slot::Active).await?.is_some() {
            // Giving these back might end the new authorization of the same account.
            return Err(Failure::new(Reason::Conflict, format!("`{key}` was authorized anew meanwhile"))
                .help("try again"));
        }
        if let Some(change) = self.end_of_intent(false).await? {
            // Removed with the connection, most likely; then this changes nothing.
            let _ = self.engine.store().await?.apply(vec![change]).await;
        }
        let connection = &self.subject.connection;
        let credential = Credential::of_tokens(obtained.tokens);
        self.engine.hand_to_outbox(connection, &credential, "revoked while it was being renewed").await?;
        Err(Failure::new(Reason::NotAuthorized, format!("connector `{key}` is no longer authorized")))
    }

    /// Somebody else has seen to it: their tokens, or word that they are at it.
    pub async fn what_is_stored(self) -> Result<Versioned, Failure> {
        let Some((place, _, connection)) = self.located().await? else {
            let key = &self.subject.place.key;
            return Err(Failure::new(
                Reason::NotAuthorized,
                format!("connector `{key}` is no longer authorized"),
            ));
        };
        let stored = self.engine.credential(&connection, &place.slot).await?;
        match self.intent.replaces(&stored.credential) {
            true => Err(somebody_else()),
            false => Ok(Versioned { version: stored.version, credential: stored.credential }),
        }
    }

    /// The provider said something else than yes, and nothing about the grant.
    pub async fn failed_with(self, error: TokenError) -> Result<Versioned, Failure> {
        let trouble = match error.kind {
            TokenErrorKind::InvalidClient => Trouble::OperatorMends,
            TokenErrorKind::Transient { retry_after } => Trouble::Passes { not_before: retry_after },
            _ => Trouble::Passes { not_before: None },
        };
        self.note(error.into(), trouble).await
    }

    /// It came to nothing; later it may.
    pub async fn failed(self, failure: Failure, not_before: Option<Duration>) -> Result<Versioned, Failure> {
        self.note(failure, Trouble::Passes { not_before }).await
    }

    async fn note(mut self, failure: Failure, trouble: Trouble) -> Result<Versioned, Failure> {
        let engine = self.engine;
        let ended = |connection: &mut Connection| health::note_failure(engine, connection, &failure, trouble);
        match self.end(ended, true).await? {
            true => Err(failure),
            false => self.what_is_stored().await,
        }
    }

    /// The grant is no longer good.
    pub async fn needs_person(mut self, reason: String) -> Result<Versioned, Failure> {
        let key = self.subject.place.key.clone();
        let failure = needs_person(&key, &reason);
        let ended = |connection: &mut Connection| {
            connection.renewal.last_failure = Some(reason.clone());
            connection.state = ConnectionState::NeedsReauthorization { reason: reason.clone() };
        };
        if !self.end(ended, false).await? {
            return self.what_is_stored().await;
        }
        tracing::warn!(org = %key.org, connector = %key, "the grant is no longer good");
        Err(failure)
    }

    /// Changes the connection and ends the intent in one batch; false if somebody else has seen to
    /// the renewal, and nothing is changed.
    async fn end(&mut self, change: impl Fn(&mut Connection), remember: bool) -> Result<bool, Failure> {
        for _ in 0..TRIES {
            let Some((place, version, mut connection)) = self.located().await? else { return Ok(false) };
            if self.overtaken {
                return Ok(false);
            }
            let stored = self.engine.credential(&connection, &place.slot).await?;
            if !self.intent.replaces(&stored.credential) {
                return Ok(false);
            }
            let was_lost = is_lost(&connection);
            change(&mut connection);
            let row = keys::connection(&place.key, &place.slot);
            let mut changes =
                vec![put_json(row, &connection, Expect::Version(version)).map_err(errors::store)?];
            if is_lost(&connection) && !was_lost {
                let event = Event::of_connection(EventKind::RenewalFailed, self.engine.now(), &place.key);
                changes.extend(self.engine.event_change(&place.key.org, &event).await?);
            }
            changes.extend(self.end_of_intent(remember).await?);
            match self.engine.store().await?.apply(changes).await {
                Ok(_) => return Ok(true),
                Err(error @ sluis_store::StoreError::Conflict { .. }) => {
                    self.overtaken |= Self::is_about_intent(&error);
                }
                Err(error) => return Err(errors::store(error)),
            }
        }
        Err(somebody_else())
    }
}

/// Whether a person must see to a connection.
fn is_lost(connection: &Connection) -> bool {
    matches!(
        connection.state,
        ConnectionState::NeedsReauthorization { .. } | ConnectionState::Exhausted { .. }
    )
}

/// Gives the change of a row the version that it must replace.
fn expecting(changes: &mut [Change], row: &sluis_store::Key, version: u64) {
    for change in changes {
        if let Change::Put { key, expect, .. } = change
            && key == row
        {
            *expect = Expect::Version(version);
        }
    }
}

/// The fence is another's: nothing was changed here.
pub(super) fn somebody_else() -> Failure {
    Failure::new(Reason::Conflict, "somebody else is renewing the same tokens").help("try again in a moment")
}

impl Engine {
    /// Forgets the tokens before the last renewal, now that the ones after it have worked.
    pub(crate) async fn forget_previous(
        &self,
        connection: &Connection,
        slot: &Slot,
        worked: &TokenSet,
    ) -> Result<(), Failure> {
        let stored = self.credential(connection, slot).await?;
        let present = stored.credential.tokens.as_ref().map(|tokens| tokens.access_token.expose());
        if present != Some(worked.access_token.expose()) || stored.credential.previous.is_none() {
            return Ok(());
        }
        let credential = Credential { previous: None, ..stored.credential };
        let sealed = self.vault_of(&connection.org).await?.seal_credential(&connection.id, &credential);
        let key = keys::credential(&connection.key(), slot);
        let change = Change::Put { key, bytes: sealed, expect: Expect::Version(stored.version) };
        self.store().await?.apply(vec![change]).await.map_err(errors::store)?;
        Ok(())
    }
}

//! Renewing the tokens of a connection, unseen by whoever calls.

use crate::builder::Engine;
use crate::compiled::ReadyConnector;
use crate::errors;
use crate::invoke::needs_person;
use crate::keys::Slot;
use async_trait::async_trait;
use sluis_auth::scheme_of;
use sluis_invoke::Redactor;
use sluis_invoke::renewals::{CredentialSource, Saved, Versioned};
use sluis_model::connection::{Connection, ConnectionState};
use sluis_model::credential::{Credential, TokenSet};
use sluis_model::error::{Failure, Reason};
use sluis_model::secret::SecretText;
use sluis_model::time::Timestamp;
use sluis_store::{Expect, StoreError};
use std::sync::{Arc, Mutex, PoisonError};

/// The tokens of one connection as `invoke` sees them.
pub(crate) struct ConnectionTokens {
    engine: Engine,
    connection: Connection,
    connector: Arc<ReadyConnector>,
    slot: Slot,
    /// Every token seen during this call, so that none of them is shown.
    seen: Mutex<Vec<SecretText>>,
}

impl ConnectionTokens {
    /// The tokens of a connection in a slot.
    pub fn new(engine: &Engine, connection: Connection, connector: Arc<ReadyConnector>, slot: Slot) -> Self {
        Self { engine: engine.clone(), connection, connector, slot, seen: Mutex::default() }
    }

    /// Stars the tokens seen.
    pub fn redactor(&self) -> Redactor {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        Redactor::new(seen.iter())
    }

    /// Whether a token seen stands in the text as it is.
    pub fn occurs_in(&self, text: &str) -> bool {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.iter().any(|token| text.contains(token.expose().as_str()))
    }

    fn see(&self, credential: &Credential) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        for token in credential.secrets() {
            if !seen.iter().any(|known| known.expose() == token.expose()) {
                seen.push(token.clone());
            }
        }
    }

    async fn current(&self) -> Result<Versioned, Failure> {
        let stored = self.engine.credential(&self.connection, &self.slot).await?;
        self.see(&stored.credential);
        Ok(Versioned { version: stored.version, credential: stored.credential })
    }

    async fn needs_reauthorization(&self, reason: String) -> Failure {
        let namespace = &self.connection.connector;
        let failure = needs_person(&self.connection.key(), &reason);
        let mut connection = self.connection.clone();
        connection.state = ConnectionState::NeedsReauthorization { reason };
        if let Err(error) = self.engine.update_connection(&connection, &self.slot).await {
            tracing::warn!(connector = %namespace, %error, "a dead connection could not be marked");
        }
        tracing::warn!(org = %self.connection.org, connector = %namespace, "the grant is no longer good");
        failure
    }
}

#[async_trait]
impl CredentialSource for ConnectionTokens {
    fn now(&self) -> Timestamp {
        self.engine.now()
    }

    async fn load(&self) -> Result<Versioned, Failure> {
        self.current().await
    }

    fn is_renewable(&self, credential: &Credential) -> bool {
        let config = self.connector.release.definition.auth.chosen(self.connection.auth.as_deref());
        config.is_ok_and(|config| scheme_of(config).is_renewable(credential))
    }

    async fn renew(&self, current: &Versioned) -> Result<Credential, Failure> {
        let release = &self.connector.release;
        self.engine.check_bound(&self.connection, release).await?;
        let (definition, auth) = (&release.definition, self.connection.auth.as_deref());
        let bound = self.engine.bound(definition, auth, &self.connection.variables).await?;
        let scheme = bound.scheme();
        let Some(talk) = scheme.renew(bound.context(&self.engine), &current.credential)? else {
            return Err(self.needs_reauthorization("it has ended and cannot renew itself".to_owned()).await);
        };
        match self.engine.converse(talk).await {
            Ok(obtained) => {
                let credential = Credential {
                    fields: current.credential.fields.clone(),
                    tokens: Some(obtained.tokens),
                    previous: current.credential.tokens.clone(),
                };
                self.see(&credential);
                Ok(credential)
            }
            Err(failure) if failure.reason == Reason::NeedsReauthorization => {
                Err(self.needs_reauthorization(failure.message).await)
            }
            Err(failure) => Err(failure),
        }
    }

    async fn save(&self, replaces: u64, credential: &Credential) -> Result<Saved, Failure> {
        let mut connection = self.connection.clone();
        connection.refreshable = self.is_renewable(credential);
        connection.refreshed_at = Some(self.engine.now());
        if let Some(tokens) = &credential.tokens {
            connection.expires_at = tokens.expires_at;
            if !tokens.scopes.is_empty() {
                connection.scopes.clone_from(&tokens.scopes);
            }
        }
        let mut replaces = replaces;
        loop {
            let expect = Expect::Version(replaces);
            let changes = self.engine.put_connection(&connection, credential, &self.slot, expect).await?;
            match self.engine.store().await?.apply(changes).await {
                Ok(versions) => {
                    return Ok(Saved::Stored { version: versions.first().copied().unwrap_or_default() });
                }
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(errors::store(error)),
            }
            let present = self.current().await?;
            // Sealed anew with another key: a new version of the very tokens that were renewed. To take
            // them for newer ones would lose the grant.
            if present.version == replaces || !are_those_replaced(&present.credential, credential) {
                return Ok(Saved::Overtaken(present));
            }
            replaces = present.version;
        }
    }
}

/// Whether what is stored are the tokens that a renewal began with.
fn are_those_replaced(stored: &Credential, renewed: &Credential) -> bool {
    fn texts(tokens: &TokenSet) -> impl Iterator<Item = &String> {
        tokens.secrets().map(SecretText::expose)
    }
    match (&stored.tokens, &renewed.previous) {
        (Some(stored), Some(replaced)) => texts(stored).eq(texts(replaced)),
        _ => false,
    }
}

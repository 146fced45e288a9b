//! Renewing the tokens of a connection, unseen by whoever calls.

use crate::builder::Engine;
use crate::compiled::ReadyConnector;
use crate::keys::{Place, Slot};
use crate::measured;
use crate::renewal::Subject;
use async_trait::async_trait;
use sluis_auth::{FieldKind, scheme_of};
use sluis_invoke::Redactor;
use sluis_invoke::{CredentialSource, Versioned};
use sluis_model::connection::Connection;
use sluis_model::credential::Credential;
use sluis_model::error::Failure;
use sluis_model::secret::SecretText;
use sluis_model::time::Timestamp;
use std::sync::{Arc, Mutex, PoisonError};

/// The tokens of one connection as `invoke` sees them.
pub(crate) struct ConnectionTokens {
    engine: Engine,
    connection: Connection,
    connector: Arc<ReadyConnector>,
    slot: Slot,
    at_once: bool,
    /// Fields that are shown while they are entered, such as a user's name.
    plain: Vec<String>,
    /// Every token seen during this call, so that none of them is shown.
    seen: Mutex<Vec<SecretText>>,
}

impl ConnectionTokens {
    /// The tokens of a connection in a slot.
    pub fn new(engine: &Engine, connection: Connection, connector: Arc<ReadyConnector>, slot: Slot) -> Self {
        let (engine, seen) = (engine.clone(), Mutex::default());
        let config = connector.release.definition.auth.chosen(connection.auth.as_deref());
        let fields = config.map(|config| scheme_of(config).fields()).unwrap_or_default();
        let plain = fields.into_iter().filter(|field| field.kind == FieldKind::Text);
        let plain = plain.map(|field| field.name).collect();
        Self { engine, connection, connector, slot, at_once: false, plain, seen }
    }

    /// Whether a person asks, so that pauses after failures do not count.
    pub fn at_once(mut self, at_once: bool) -> Self {
        self.at_once = at_once;
        self
    }

    /// Stars the tokens seen.
    pub fn redactor(&self) -> Redactor {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        Redactor::new(seen.iter())
    }

    fn see(&self, credential: &Credential) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        for token in credential.secrets_besides(&self.plain) {
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

    async fn renew(&self, current: &Versioned) -> Result<Versioned, Failure> {
        self.engine.check_bound(&self.connection, &self.connector.release).await?;
        let subject = Subject {
            place: Place { key: self.connection.key(), slot: self.slot.clone() },
            connection: self.connection.clone(),
            connector: self.connector.clone(),
            at_once: self.at_once,
        };
        let renewed = self.engine.renew_tokens(&subject, current).await;
        measured::renewal(renewed.is_ok());
        let renewed = renewed?;
        self.see(&renewed.credential);
        Ok(renewed)
    }

    fn worked(&self, current: &Versioned) {
        let Some(tokens) = current.credential.tokens.clone() else { return };
        let (engine, connection, slot) = (self.engine.clone(), self.connection.clone(), self.slot.clone());
        // Nobody waits for it, and nothing is lost if it does not come to it.
        tokio::spawn(async move {
            if let Err(failure) = engine.forget_previous(&connection, &slot, &tokens).await {
                tracing::debug!(%failure, "the tokens before the last renewal are kept for now");
            }
        });
    }
}

//! Renewing the tokens of a connection, unseen by whoever calls.

use crate::builder::Engine;
use crate::compiled::ReadyConnector;
use crate::errors;
use crate::invoke::needs_person;
use crate::keys::Slot;
use async_trait::async_trait;
use sluis_auth::{HttpRequest, TokenErrorKind, scheme_of};
use sluis_invoke::renewals::{CredentialSource, Saved, Versioned};
use sluis_invoke::{HttpAnswer, Redactor, SendLimits};
use sluis_model::connection::{Connection, ConnectionState};
use sluis_model::credential::TokenSet;
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

    fn see(&self, tokens: &TokenSet) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        for token in std::iter::once(&tokens.access_token).chain(&tokens.refresh_token) {
            if !seen.iter().any(|known| known.expose() == token.expose()) {
                seen.push(token.clone());
            }
        }
    }

    async fn current(&self) -> Result<Versioned, Failure> {
        let stored = self.engine.tokens(&self.connection, &self.slot).await?;
        self.see(&stored.tokens);
        Ok(Versioned { version: stored.version, tokens: stored.tokens })
    }

    async fn needs_reauthorization(&self, reason: String) -> Failure {
        let namespace = &self.connection.connector;
        let failure = needs_person(namespace, &reason);
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

    async fn renew(&self, current: &Versioned) -> Result<TokenSet, Failure> {
        let scheme = scheme_of(&self.connector.release.definition.auth);
        let reference = scheme.client().ok_or_else(|| {
            Failure::new(Reason::InvalidDefinition, "a scheme that renews tokens names its client")
        })?;
        let client = self.engine.client(reference).await?;
        let Some(request) = scheme.refresh(&client, &current.tokens)? else {
            return Err(self.needs_reauthorization("it has ended and cannot renew itself".to_owned()).await);
        };
        let answer = self.engine.send_auth(request).await?;
        let read = scheme.read_tokens_at(
            self.engine.now(),
            answer.status,
            &answer.headers,
            &answer.body,
            Some(&current.tokens),
        );
        match read {
            Ok(tokens) => {
                self.see(&tokens);
                Ok(tokens)
            }
            Err(error) if error.kind == TokenErrorKind::InvalidGrant => {
                Err(self.needs_reauthorization(error.message).await)
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn save(&self, replaces: u64, tokens: &TokenSet) -> Result<Saved, Failure> {
        let mut connection = self.connection.clone();
        connection.expires_at = tokens.expires_at;
        connection.refreshable = tokens.refresh_token.is_some();
        connection.refreshed_at = Some(self.engine.now());
        if !tokens.scopes.is_empty() {
            connection.scopes.clone_from(&tokens.scopes);
        }
        let changes =
            self.engine.put_connection(&connection, tokens, &self.slot, Expect::Version(replaces)).await?;
        match self.engine.store().await?.apply(changes).await {
            Ok(versions) => Ok(Saved::Stored { version: versions.first().copied().unwrap_or_default() }),
            Err(StoreError::Conflict { .. }) => self.current().await.map(Saved::Overtaken),
            Err(error) => Err(errors::store(error)),
        }
    }
}

impl Engine {
    /// Sends a request of an authentication scheme through the one transport.
    pub(crate) async fn send_auth(&self, request: HttpRequest) -> Result<HttpAnswer, Failure> {
        // Token answers are small; whatever is longer is not one.
        let limits = SendLimits { max_body: 1 << 20, ..SendLimits::default() };
        Ok(self.http().send(request.into(), limits).await?)
    }
}

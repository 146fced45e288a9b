//! The last third of an authorization: the browser is back.
//!
//! A `state` is good for one callback: it is taken out of the store before anything is sent, so of
//! five copies of one callback only one reaches the token endpoint.

use super::bound::BoundAuth;
use super::link::{is_this_browser, other_browser};
use super::origins::origins;
use super::revocation::RevokedAtProvider;
use super::wanted::NewConnection;
use crate::builder::Engine;
use crate::errors;
use crate::keys::{self, Slot};
use crate::triggers::Event;
use sluis_auth::{Callback, CallbackError, Obtained, Returned, Scheme, read_callback, state_digest};
use sluis_model::connection::{Connection, ConnectionState, RenewalHealth, Variables};
use sluis_model::connector::Release;
use sluis_model::credential::Credential;
use sluis_model::error::{Failure, Reason};
use sluis_model::grant::{Grant, GrantOutcome};
use sluis_model::id::{ConnectionId, GrantId, Namespace, OrgId};
use sluis_model::secret::SecretText;
use sluis_model::trigger_spec::EventKind;
use sluis_store::{Change, Expect, StoreError, get_json, put_json};

/// A browser's request to a redirect URI of ours.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    /// The org in the path that it arrived on.
    pub org: &'a OrgId,
    /// The connector in the path that it arrived on.
    pub namespace: &'a Namespace,
    /// The query, without its `?`.
    pub query: &'a str,
    /// The value of the browser's cookie, if it sent one.
    pub browser: Option<&'a SecretText>,
}

impl Engine {
    /// Finishes an authorization with what the browser brought to a redirect URI.
    ///
    /// `Err` means that the callback belongs to no attempt of this browser (unknown, used, expired, of
    /// another connector, org or browser) and nothing was changed. Otherwise the attempt is answered
    /// as it ended: authorized, denied or failed with its reason.
    pub async fn finish_authorization(&self, arrival: Arrival<'_>) -> Result<Grant, Failure> {
        let callback = read_callback(arrival.query)?;
        let mut grant = self.take_grant(&arrival, &callback).await?;
        grant.outcome = match self.complete(&grant, callback).await {
            Ok(connection) => {
                grant.missing_scopes = connection.missing_scopes;
                GrantOutcome::Authorized
            }
            Err(outcome) => outcome,
        };
        self.decide(&grant).await?;
        Ok(grant)
    }

    /// Keeps how an attempt ended, and tells whoever waits for it.
    pub(crate) async fn decide(&self, grant: &Grant) -> Result<(), Failure> {
        let change =
            put_json(keys::grant(&grant.org, &grant.id), grant, Expect::Any).map_err(errors::store)?;
        self.store().await?.apply(vec![change]).await.map_err(errors::store)?;
        self.tell_decided(&grant.org, &grant.connector);
        tracing::info!(org = %grant.org, connector = %grant.connector, grant = %grant.id,
            outcome = outcome_name(&grant.outcome), "authorization ended");
        Ok(())
    }

    /// Finds the attempt of a callback and takes its state out of the store: single use.
    async fn take_grant(&self, arrival: &Arrival<'_>, callback: &Callback) -> Result<Grant, Failure> {
        let state_key = keys::grant_state(&state_digest(&callback.state));
        let store = self.store().await?;
        let found = get_json::<(OrgId, GrantId)>(store, &state_key).await.map_err(errors::store)?;
        let (version, (org, id)) = found.ok_or_else(unknown_state)?;
        let grant_key = keys::grant(&org, &id);
        let found = get_json::<Grant>(store, &grant_key).await.map_err(errors::store)?;
        let (_, mut grant) = found.ok_or_else(unknown_state)?;
        // Compared as the text that was sent (RFC 9700 §4.4.2.2): an answer meant for one connector or
        // org is worth nothing at the address of another.
        let arrived_on = self.redirect_uri(arrival.org, arrival.namespace)?;
        if grant.redirect_uri != arrived_on.as_str() || grant.outcome != GrantOutcome::Waiting {
            tracing::warn!(org = %grant.org, connector = %grant.connector, grant = %grant.id,
                arrived_org = %arrival.org, arrived_connector = %arrival.namespace,
                "a callback was refused: it is not where, or not when, it belongs");
            return Err(unknown_state());
        }
        if !is_this_browser(&grant, arrival.browser) {
            tracing::warn!(org = %grant.org, connector = %grant.connector, grant = %grant.id,
                "a callback was refused: another browser began the authorization");
            return Err(other_browser());
        }
        let late = self.now() > grant.expires_at;
        grant.outcome = if late { GrantOutcome::Expired } else { GrantOutcome::Exchanging };
        let changes = vec![
            Change::Delete { key: state_key, expect: Expect::Version(version) },
            put_json(grant_key, &grant, Expect::Any).map_err(errors::store)?,
        ];
        store.apply(changes).await.map_err(|error| match error {
            sluis_store::StoreError::Conflict { .. } => unknown_state(),
            other => errors::store(other),
        })?;
        if late {
            self.tell_decided(&grant.org, &grant.connector);
            return Err(Failure::new(Reason::InvalidGrantState, "this authorization has expired")
                .help("begin it again; the link is good for a few minutes only"));
        }
        Ok(grant)
    }

    async fn complete(&self, grant: &Grant, callback: Callback) -> Result<Connection, GrantOutcome> {
        let release = self.release_of(&grant.connector, grant.release).await.map_err(failed)?;
        let bound =
            self.bound(&release.definition, grant.auth.as_deref(), &grant.variables).await.map_err(failed)?;
        let scheme = bound.scheme();
        let returned = callback.returned(scheme.as_ref()).map_err(|error| match error {
            CallbackError::Denied { .. } => GrantOutcome::Denied { reason: error.to_string() },
            other => GrantOutcome::Failed { reason: other.to_string() },
        })?;
        let obtained = self.exchange(grant, &bound, &returned).await.map_err(failed)?;
        self.settle(grant, obtained).await
    }

    /// Makes the connection of tokens that were got for an attempt, if its hook agrees.
    pub(super) async fn settle(&self, grant: &Grant, obtained: Obtained) -> Result<Connection, GrantOutcome> {
        let release = self.release_of(&grant.connector, grant.release).await.map_err(failed)?;
        let bound = self.bound_for_call(&release.definition, grant.auth.as_deref(), &grant.variables);
        let bound = bound.await.map_err(failed)?;
        let scheme = bound.scheme();
        let credential = Credential::of_tokens(obtained.tokens);
        let variables = grant.variables.clone().into_iter().chain(obtained.variables).collect();
        let (auth, environment) = (grant.auth.clone(), grant.environment.clone());
        let wanted = NewConnection { key: grant.key(), auth, environment, variables };
        let connection = self.new_connection(&wanted, &release, scheme.as_ref(), &credential);
        let slot = Slot::Pending(grant.id.clone());
        self.write(&connection, &credential, &slot).await.map_err(failed)?;
        let connection = match self.looked_at(connection.clone(), &release, &slot).await {
            Ok(connection) => connection,
            Err(failure) => {
                self.give_up(&connection, &release, &slot).await.map_err(failed)?;
                return Err(failed(failure));
            }
        };
        match self.run_authorize_hook(&connection, &release, &slot).await {
            Ok(added) => self.activate(connection, &slot, added).await.map_err(failed),
            Err(reason) => {
                self.give_up(&connection, &release, &slot).await.map_err(failed)?;
                Err(GrantOutcome::Denied { reason })
            }
        }
    }

    /// The connection, unless the service refuses it, with the account that it is.
    async fn looked_at(
        &self,
        connection: Connection,
        release: &Release,
        slot: &Slot,
    ) -> Result<Connection, Failure> {
        match self.accepted(&connection, release, slot).await {
            Err(failure) if failure.reason == Reason::Denied => return Err(failure),
            // A service that cannot be asked now has refused nothing: a person's consent is not thrown away.
            Err(failure) => tracing::warn!(org = %connection.org, connector = %connection.connector,
                reason = failure.reason.as_str(), "a new connection could not be tried"),
            Ok(()) => {}
        }
        self.identified(connection, release, slot).await
    }

    async fn exchange(
        &self,
        grant: &Grant,
        bound: &BoundAuth<'_>,
        returned: &Returned,
    ) -> Result<Obtained, Failure> {
        let kept = self.take_verifier(grant).await?;
        let scheme = bound.scheme();
        self.converse(scheme.exchange(bound.context(self), returned, &kept, &grant.redirect_uri)?).await
    }

    async fn take_verifier(&self, grant: &Grant) -> Result<SecretText, Failure> {
        let key = keys::verifier(&grant.org, &grant.id);
        let store = self.store().await?;
        loop {
            let record = store.get(&key).await.map_err(errors::store)?.ok_or_else(unknown_state)?;
            let vault = self.vault_of(&grant.org).await?;
            let verifier = vault.open_verifier(&grant.id, &record.bytes).map_err(errors::vault)?;
            let delete = Change::Delete { key: key.clone(), expect: Expect::Version(record.version) };
            match store.apply(vec![delete]).await {
                Ok(_) => return Ok(verifier),
                // Somebody took it, which the next look tells, or it was sealed anew with another key.
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(errors::store(error)),
            }
        }
    }

    /// A connection that has its credential and waits for its hook.
    pub(crate) fn new_connection(
        &self,
        wanted: &NewConnection,
        release: &Release,
        scheme: &dyn Scheme,
        credential: &Credential,
    ) -> Connection {
        let asked = scheme.scopes();
        let granted = credential.tokens.as_ref().map(|tokens| tokens.scopes.clone()).unwrap_or_default();
        // RFC 6749 §5.1: no scope in the answer means that what was asked for is granted.
        let scopes = if granted.is_empty() { asked.to_vec() } else { granted };
        Connection {
            id: ConnectionId::generate(self.randomness()),
            org: wanted.key.org.clone(),
            connector: wanted.key.connector.clone(),
            name: wanted.key.name.clone(),
            user: wanted.key.user.clone(),
            release: release.number,
            auth: wanted.auth.clone(),
            environment: wanted.environment.clone(),
            variables: wanted.variables.clone(),
            account: None,
            origins: origins(&release.definition, wanted.auth.as_deref(), &wanted.variables),
            state: ConnectionState::Pending,
            missing_scopes: asked.iter().filter(|scope| !scopes.contains(scope)).cloned().collect(),
            scopes,
            expires_at: credential.tokens.as_ref().and_then(|tokens| tokens.expires_at),
            refreshable: scheme.is_renewable(credential),
            authorized_at: self.now(),
            refreshed_at: None,
            renewal: RenewalHealth::default(),
        }
    }

    pub(crate) async fn write(
        &self,
        connection: &Connection,
        credential: &Credential,
        slot: &Slot,
    ) -> Result<(), Failure> {
        let changes = self.put_connection(connection, credential, slot, Expect::Any).await?;
        self.store().await?.apply(changes).await.map_err(errors::store)?;
        Ok(())
    }

    /// Moves a pending connection into its place, over an older authorization if there is one.
    pub(crate) async fn activate(
        &self,
        mut connection: Connection,
        slot: &Slot,
        added: Variables,
    ) -> Result<Connection, Failure> {
        // The hook may have renewed the tokens and so changed the record.
        let stored = self.credential(&connection, slot).await?;
        if let Some(current) = self.connection(&connection.key(), slot).await? {
            connection = current;
        }
        let mut changes = Engine::drop_connection(&connection, slot);
        connection.state = ConnectionState::Active;
        connection.variables.extend(added);
        changes
            .extend(self.put_connection(&connection, &stored.credential, &Slot::Active, Expect::Any).await?);
        // Of the connection that stood there before.
        let renewal = keys::intent(&connection.key(), &Slot::Active);
        changes.push(Change::Delete { key: renewal, expect: Expect::Any });
        let event = Event::of_connection(EventKind::ConnectionAuthorized, self.now(), &connection.key());
        changes.extend(self.event_change(&connection.org, &event).await?);
        self.store().await?.apply(changes).await.map_err(errors::store)?;
        Ok(connection)
    }

    /// After a veto: the tokens must not live on.
    pub(crate) async fn give_up(
        &self,
        connection: &Connection,
        release: &Release,
        slot: &Slot,
    ) -> Result<(), Failure> {
        let stored = self.credential(connection, slot).await?;
        let provider = self.revoke_at_provider(connection, release, &stored.credential).await;
        tracing::info!(connector = %connection.connector, ?provider, "vetoed by its hook");
        if matches!(provider, RevokedAtProvider::Failed { .. }) {
            self.hand_to_outbox(connection, &stored.credential, "vetoed by the on-authorize function")
                .await?;
        }
        self.store().await?.apply(Engine::drop_connection(connection, slot)).await.map_err(errors::store)?;
        Ok(())
    }
}

pub(super) fn unknown_state() -> Failure {
    Failure::new(Reason::InvalidGrantState, "this authorization link is unknown, or was used already")
        .help("begin the authorization again; an authorization that was finished before stays as it is")
}

pub(super) fn failed(failure: Failure) -> GrantOutcome {
    let help = failure.help.map(|help| format!(" ({help})")).unwrap_or_default();
    GrantOutcome::Failed { reason: format!("{}{help}", failure.message) }
}

fn outcome_name(outcome: &GrantOutcome) -> &'static str {
    match outcome {
        GrantOutcome::Waiting => "waiting",
        GrantOutcome::Exchanging => "exchanging",
        GrantOutcome::Authorized => "authorized",
        GrantOutcome::Denied { .. } => "denied",
        GrantOutcome::Failed { .. } => "failed",
        GrantOutcome::Expired => "expired",
    }
}

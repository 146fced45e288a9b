//! The first third of an authorization: the attempt, and the one-time link that a person opens.
//! Nothing is asked of the provider before somebody follows it (`link`).

use super::wanted::NewConnection;
use crate::builder::Engine;
use crate::errors;
use crate::keys::{self, Slot};
use sluis_auth::{Connects, random_token, scheme_of, state_digest};
use sluis_model::connection::{Connection, ConnectionKey, ConnectionState};
use sluis_model::connector::AuthConfig;
use sluis_model::error::{Failure, Reason};
use sluis_model::grant::{AskedBy, Grant, GrantOutcome};
use sluis_model::id::{GrantId, Namespace, OrgId};
use sluis_store::{Expect, get_json, put_json};
use url::Url;

/// An authorization that waits for a person.
#[derive(Debug, Clone)]
pub struct Started {
    /// The attempt.
    pub grant: Grant,
    /// The one-time link that the person opens: ours, which leads to the provider.
    pub authorize_url: Url,
}

impl Engine {
    /// Begins an authorization of an org's main connection of a connector.
    pub async fn start_authorization(&self, org: &OrgId, namespace: &Namespace) -> Result<Started, Failure> {
        self.start_connection(&NewConnection::of(ConnectionKey::main(org, namespace))).await
    }

    /// Begins an authorization, asked for over the API.
    pub async fn start_connection(&self, wanted: &NewConnection) -> Result<Started, Failure> {
        self.start_connection_for(wanted, AskedBy::Api).await
    }

    /// Begins an authorization: stores the attempt (its link as a hash) and answers the link to open.
    pub async fn start_connection_for(
        &self,
        wanted: &NewConnection,
        asked_by: AskedBy,
    ) -> Result<Started, Failure> {
        let ConnectionKey { org, connector: namespace, .. } = &wanted.key;
        self.org(org).await?;
        let release = self.connectable(org, namespace).await?;
        let wanted = &self.settled(wanted, &release.definition).await?;
        let bound = self.bound(&release.definition, wanted.auth.as_deref(), &wanted.variables).await?;
        let scheme = bound.scheme();
        match scheme.connects() {
            Connects::ByConsent | Connects::ByDevice => {}
            Connects::Freely => {
                return Err(Failure::new(
                    Reason::InvalidInput,
                    format!("connector `{namespace}` needs no authorization"),
                )
                .help("its APIs can be called as they are"));
            }
            Connects::ByFields => {
                return Err(Failure::new(
                    Reason::InvalidInput,
                    format!("connector `{namespace}` is not authorized by a link"),
                )
                .help(format!("an admin of `{org}` connects it: {}", wanted.key.authorize_command())));
            }
        }
        let redirect_uri = self.redirect_uri(org, namespace)?;
        let now = self.now();
        let mut grant = Grant {
            id: GrantId::generate(self.randomness()),
            org: org.clone(),
            connector: namespace.clone(),
            name: wanted.key.name.clone(),
            user: wanted.key.user.clone(),
            auth: wanted.auth.clone(),
            environment: wanted.environment.clone(),
            variables: wanted.variables.clone(),
            release: release.number,
            redirect_uri: redirect_uri.into(),
            asked_by,
            straight: false,
            browser: None,
            state: None,
            device: None,
            missing_scopes: Vec::new(),
            started_at: now,
            expires_at: now.plus_seconds(self.grant_lifetime_s()),
            outcome: GrantOutcome::Waiting,
        };
        let token = random_token(self.randomness());
        let link = keys::grant_link(&state_digest(&token));
        let device_code = match scheme.connects() {
            Connects::ByDevice => Some(self.begin_device(&mut grant, &bound).await?),
            _ => None,
        };
        let mut changes = vec![
            put_json(keys::grant(org, &grant.id), &grant, Expect::Absent).map_err(errors::store)?,
            put_json(link, &(org, &grant.id), Expect::Absent).map_err(errors::store)?,
        ];
        changes.extend(device_code);
        self.store().await?.apply(changes).await.map_err(errors::store)?;
        if grant.device.is_some() {
            self.poll_unseen(&grant);
        }
        tracing::info!(%org, connector = %namespace, grant = %grant.id, "authorization started");
        Ok(Started { grant, authorize_url: self.at_public_url(&["connect", token.expose().as_str()])? })
    }

    /// The one redirect URI of a connector for an org: distinct for each of both, so that an answer
    /// meant for one cannot be handed to another (RFC 9700 §4.4).
    pub fn redirect_uri(&self, org: &OrgId, namespace: &Namespace) -> Result<Url, Failure> {
        self.at_public_url(&["oauth", "callback", org.as_str(), namespace.as_str()])
    }

    pub(crate) fn at_public_url(&self, path: &[&str]) -> Result<Url, Failure> {
        let mut url = self.public_url().clone();
        url.path_segments_mut()
            .map_err(|()| Failure::new(Reason::Internal, "the public URL cannot carry a path"))?
            .pop_if_empty()
            .extend(path);
        Ok(url)
    }

    /// An attempt; one that nobody answered in time is told as expired.
    pub async fn grant(&self, org: &OrgId, id: &GrantId) -> Result<Grant, Failure> {
        let found =
            get_json::<Grant>(self.store().await?, &keys::grant(org, id)).await.map_err(errors::store)?;
        let Some((_, mut grant)) = found else {
            return Err(Failure::new(Reason::NotFound, format!("there is no authorization attempt `{id}`")));
        };
        if grant.outcome == GrantOutcome::Waiting && self.now() > grant.expires_at {
            grant.outcome = GrantOutcome::Expired;
        }
        Ok(grant)
    }

    /// The connections of an org, by connector.
    pub async fn connections(&self, org: &OrgId) -> Result<Vec<Connection>, Failure> {
        self.org(org).await?;
        let all: Vec<Connection> = self.list_json(sluis_store::Table::Connections, org, "").await?;
        // What is pending is not yet one; what is on its way out is told by the outbox.
        let is_here =
            |c: &Connection| !matches!(c.state, ConnectionState::Pending | ConnectionState::Revoking);
        Ok(all.into_iter().filter(is_here).collect())
    }

    /// Whether scripts of the org can call the connector now.
    pub async fn is_authorized(&self, org: &OrgId, namespace: &Namespace) -> Result<bool, Failure> {
        self.is_connected(&ConnectionKey::main(org, namespace)).await
    }

    /// Whether scripts can use this connection now.
    pub async fn is_connected(&self, key: &ConnectionKey) -> Result<bool, Failure> {
        let release = self.latest_release(&key.connector).await?;
        let freely = |config: &AuthConfig| scheme_of(config).connects() == Connects::Freely;
        if release.definition.auth.all().into_iter().all(freely) {
            return Ok(true);
        }
        match self.connection(key, &Slot::Active).await?.filter(Connection::is_active) {
            // One that the release may not use waits for an admin as one that has ended does.
            Some(connection) => Ok(self.check_bound(&connection, &release).await.is_ok()),
            None => Ok(false),
        }
    }

    /// The connection in a slot, if there is one.
    pub(crate) async fn connection(
        &self,
        key: &ConnectionKey,
        slot: &Slot,
    ) -> Result<Option<Connection>, Failure> {
        let found = get_json(self.store().await?, &keys::connection(key, slot)).await;
        Ok(found.map_err(errors::store)?.map(|(_, connection)| connection))
    }
}

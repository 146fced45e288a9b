//! A connection that is to be: what somebody says of it, and what that comes to with the defaults of its
//! connector and with what the connection of before, if there is one, had.

use crate::builder::Engine;
use crate::keys::Slot;
use sluis_invoke::variables::{checked, settle};
use sluis_model::connection::{ConnectionKey, Variables};
use sluis_model::connection_settings::{ConnectionSettings, Owner};
use sluis_model::connector::ConnectorDefinition;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{Namespace, UserId};

/// A connection that is to be.
#[derive(Debug, Clone)]
pub struct NewConnection {
    /// Which.
    pub key: ConnectionKey,
    /// Name of the auth config, where the connector offers several.
    pub auth: Option<String>,
    /// The environment whose values its variables have where no others are given.
    pub environment: Option<String>,
    /// Values of its variables.
    pub variables: Variables,
}

impl NewConnection {
    /// A connection of which nothing but the name is said.
    pub fn of(key: ConnectionKey) -> Self {
        Self { key, auth: None, environment: None, variables: Variables::new() }
    }
}

impl Engine {
    /// What is wanted, whole: its owner is one that the connector has, its variables have values that they
    /// may have.
    pub(super) async fn settled(
        &self,
        wanted: &NewConnection,
        definition: &ConnectorDefinition,
    ) -> Result<NewConnection, Failure> {
        let settings = &definition.connection;
        check_owner(settings, &wanted.key)?;
        let mut wanted = self.with_what_was(wanted, definition).await?;
        let of_way = definition.auth.variables_of(wanted.auth.as_deref()).into_iter().flatten();
        wanted.variables.extend(of_way.map(|(name, value)| (name.clone(), value.clone())));
        wanted.variables = settle(settings, wanted.environment.as_deref(), &wanted.variables)?;
        wanted.environment = wanted.environment.or_else(|| settings.default_environment.clone());
        Ok(wanted)
    }

    /// Whoever authorizes a connection again means the same place at the service in the same way, as far
    /// as they say nothing else and the connector still has it.
    pub(super) async fn with_what_was(
        &self,
        wanted: &NewConnection,
        definition: &ConnectorDefinition,
    ) -> Result<NewConnection, Failure> {
        let mut wanted = wanted.clone();
        let present = self.connection(&wanted.key, &Slot::Active).await?;
        if wanted.auth.is_none() {
            let before = present.as_ref().and_then(|present| present.auth.clone());
            let before = before.filter(|name| definition.auth.chosen(Some(name)).is_ok());
            wanted.auth = before.or_else(|| definition.auth.default_name().map(str::to_owned));
        }
        let Some(present) = present else { return Ok(wanted) };
        let settings = &definition.connection;
        let environment = present.environment.filter(|name| settings.environments.contains_key(name));
        if wanted.environment.is_some() && wanted.environment != environment {
            return Ok(wanted);
        }
        let of_environment = environment.as_ref().and_then(|name| settings.environments.get(name));
        for (name, value) in present.variables {
            let is_set = of_environment.is_some_and(|of| of.variables.contains_key(&name));
            let asked = settings.variable(&name).filter(|variable| !variable.automatic && !is_set);
            if asked.is_some_and(|variable| checked(variable, &value).is_ok()) {
                wanted.variables.entry(name).or_insert(value);
            }
        }
        wanted.environment = environment;
        Ok(wanted)
    }
}

/// Whether a connection of this connector may be the org's, or a user's own.
fn check_owner(settings: &ConnectionSettings, key: &ConnectionKey) -> Result<(), Failure> {
    match (settings.owner, &key.user) {
        (Owner::Org, Some(_)) => Err(Failure::new(
            Reason::InvalidInput,
            format!("`{}` is connected once for the whole organisation, not by each user", key.connector),
        )
        .help("leave the user out")),
        (owner, user) => user_of(owner, user.as_ref(), &key.connector).map(|_| ()),
    }
}

/// The user whose connection it is of those of a connector; none where it is the org's.
pub(crate) fn user_of(
    owner: Owner,
    user: Option<&UserId>,
    connector: &Namespace,
) -> Result<Option<UserId>, Failure> {
    match (owner, user) {
        (Owner::Org, _) => Ok(None),
        (Owner::User, Some(user)) => Ok(Some(user.clone())),
        (Owner::User, None) => Err(Failure::new(
            Reason::InvalidInput,
            format!("each user connects `{connector}` for themselves, and no user is named here"),
        )
        .help("say for whom it is: `--user ada@example.com` on the command line, `user` over HTTP")),
    }
}

//! Connecting with values that somebody enters: an API key, a user name and password, a key file.

use super::wanted::NewConnection;
use crate::builder::Engine;
use crate::keys::Slot;
use serde::Serialize;
use sluis_auth::{Connects, Field, scheme_of};
use sluis_model::connection::{Connection, Variables};
use sluis_model::connection_settings::{ConnectionSettings, Owner, Variable};
use sluis_model::credential::Credential;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::GrantId;
use sluis_model::secret::SecretText;
use sluis_model::suggest;
use std::collections::BTreeMap;

/// What somebody is asked for to connect.
#[derive(Debug, Clone, Serialize)]
pub struct ConnectForm {
    /// How the connection comes to be.
    pub connects: Connects,
    /// The auth configs to choose among; none if there is no choice.
    pub choices: Vec<String>,
    /// What people read in place of their names.
    pub titles: BTreeMap<String, String>,
    /// The one chosen.
    pub auth: Option<String>,
    /// Whose the connection is.
    pub owner: Owner,
    /// Named sets of values of variables.
    pub environments: Vec<String>,
    /// The one used where none is named.
    pub default_environment: Option<String>,
    /// The variables.
    pub variables: Vec<Variable>,
    /// Values that variables have if no others are entered: of the environment, and of the connection
    /// that is there.
    pub values: Variables,
    /// The fields of the credential.
    pub fields: Vec<Field>,
}

/// Longest value that is taken, in bytes: room for a key file and a certificate chain.
const VALUE_AT_MOST: usize = 64 * 1024;

impl Engine {
    /// What somebody enters to connect, and how the connection then comes to be. Where there is a
    /// choice of auth configs that nobody has made yet, only that choice is told.
    pub async fn connect_form(&self, wanted: &NewConnection) -> Result<ConnectForm, Failure> {
        self.org(&wanted.key.org).await?;
        let release = self.connectable(&wanted.key.org, &wanted.key.connector).await?;
        let definition = &release.definition;
        let wanted = self.with_what_was(wanted, definition).await?;
        let choices = definition.auth.names();
        let mut form = ConnectForm {
            connects: Connects::ByFields,
            titles: definition.auth.titles(),
            auth: wanted.auth.clone(),
            owner: definition.connection.owner,
            environments: definition.connection.environments.keys().cloned().collect(),
            default_environment: definition.connection.default_environment.clone(),
            variables: definition.connection.variables.iter().filter(|v| !v.automatic).cloned().collect(),
            values: known_values(&definition.connection, &wanted),
            fields: Vec::new(),
            choices,
        };
        if form.choices.len() > 1 && wanted.auth.is_none() {
            return Ok(form);
        }
        // A form is shown before there are values; what it asks for does not depend on them.
        let config = definition.auth.chosen(wanted.auth.as_deref()).map_err(|error| {
            Failure::new(Reason::InvalidInput, format!("connector `{}`: {error}", definition.namespace))
        })?;
        let scheme = scheme_of(config);
        (form.connects, form.fields) = (scheme.connects(), scheme.fields());
        Ok(form)
    }

    /// Connects with entered values, over an older connection of that key if there is one. Tokens are
    /// got with them where the scheme gets some, and the on-authorize hook agrees before anything is
    /// replaced.
    pub async fn connect(
        &self,
        wanted: &NewConnection,
        entered: BTreeMap<String, SecretText>,
    ) -> Result<Connection, Failure> {
        self.org(&wanted.key.org).await?;
        let release = self.connectable(&wanted.key.org, &wanted.key.connector).await?;
        let mut wanted = self.settled(wanted, &release.definition).await?;
        let variables = wanted.variables.clone();
        let bound = self.bound(&release.definition, wanted.auth.as_deref(), &variables).await?;
        let scheme = bound.scheme();
        // Nothing is entered, but something is settled: the variables, or the way among several.
        let settles = !variables.is_empty() || !release.definition.auth.names().is_empty();
        let freely = scheme.connects() == Connects::Freely && settles;
        if !freely && scheme.connects() != Connects::ByFields {
            let text = format!("connector `{}` is not connected by entering values", wanted.key);
            return Err(Failure::new(Reason::InvalidInput, text)
                .help(format!("begin its authorization: {}", wanted.key.authorize_command())));
        }
        let mut credential = Credential::of_fields(checked(&scheme.fields(), entered)?);
        let obtained = match scheme.obtain(bound.context(self), &credential)? {
            Some(talk) => Some(self.converse(talk).await?),
            None => None,
        };
        if let Some(obtained) = obtained {
            credential.tokens = Some(obtained.tokens);
            wanted.variables.extend(obtained.variables);
        }
        let connection = self.new_connection(&wanted, &release, scheme.as_ref(), &credential);
        let slot = Slot::Pending(GrantId::generate(self.randomness()));
        self.write(&connection, &credential, &slot).await?;
        // Tried before it takes the place of one that may be good.
        if let Err(failure) = self.accepted(&connection, &release, &slot).await {
            self.give_up(&connection, &release, &slot).await?;
            return Err(match failure.help {
                Some(_) => failure,
                None => failure
                    .help("compare what was entered with what the service gives; nothing was kept of it"),
            });
        }
        let connection = self.identified(connection, &release, &slot).await?;
        match self.run_authorize_hook(&connection, &release, &slot).await {
            Ok(added) => self.activate(connection, &slot, added).await,
            Err(reason) => {
                self.give_up(&connection, &release, &slot).await?;
                Err(Failure::new(Reason::Denied, reason).help("nothing was kept of what was entered"))
            }
        }
    }
}

/// What is known of the variables before anything is entered.
fn known_values(settings: &ConnectionSettings, wanted: &NewConnection) -> Variables {
    let environment = wanted.environment.as_ref().or(settings.default_environment.as_ref());
    let of_environment = environment.and_then(|name| settings.environments.get(name));
    let mut values = of_environment.map(|of| of.variables.clone()).unwrap_or_default();
    values.extend(wanted.variables.clone());
    values
}

/// The entered values, if they are the fields that are asked for. A field left empty is absent.
pub(crate) fn checked(
    fields: &[Field],
    mut entered: BTreeMap<String, SecretText>,
) -> Result<BTreeMap<String, SecretText>, Failure> {
    let refuse = |message: String, help: String| Failure::new(Reason::InvalidInput, message).help(help);
    entered.retain(|_, value| !value.expose().is_empty());
    let names: Vec<String> = fields.iter().map(|field| field.name.clone()).collect();
    if let Some(unknown) = entered.keys().find(|name| !names.contains(name)) {
        return Err(refuse(
            format!("there is no field `{unknown}`"),
            suggest::help(unknown, &names, "fields"),
        ));
    }
    if let Some(missing) = fields.iter().find(|field| field.required && !entered.contains_key(&field.name)) {
        return Err(refuse(
            format!("`{}` is missing", missing.name),
            missing.help.clone().unwrap_or_else(|| format!("enter the {}", missing.label)),
        ));
    }
    match entered.iter().find(|(_, value)| value.expose().len() > VALUE_AT_MOST) {
        Some((name, _)) => Err(refuse(
            format!("`{name}` is longer than {VALUE_AT_MOST} bytes"),
            "enter the value itself".to_owned(),
        )),
        None => Ok(entered),
    }
}

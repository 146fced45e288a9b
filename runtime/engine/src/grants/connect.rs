//! Connecting with values that somebody enters: an API key, a user name and password, a key file.

use super::start::NewConnection;
use crate::builder::Engine;
use crate::keys::Slot;
use sluis_auth::{Connects, Field};
use sluis_model::connection::Connection;
use sluis_model::credential::Credential;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::GrantId;
use sluis_model::secret::SecretText;
use sluis_model::suggest;
use std::collections::BTreeMap;

/// Longest value that is taken, in bytes: room for a key file and a certificate chain.
const VALUE_AT_MOST: usize = 64 * 1024;

impl Engine {
    /// What somebody enters to connect, and how the connection then comes to be.
    pub async fn connect_form(&self, wanted: &NewConnection) -> Result<(Connects, Vec<Field>), Failure> {
        self.org(&wanted.key.org).await?;
        let release = self.connectable(&wanted.key.org, &wanted.key.connector).await?;
        let auth = wanted.auth.as_deref();
        let bound = self.bound_for_call(&release.definition, auth, &wanted.variables).await?;
        let scheme = bound.scheme();
        Ok((scheme.connects(), scheme.fields()))
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
        let bound = self.bound(&release.definition, wanted.auth.as_deref(), &wanted.variables).await?;
        let scheme = bound.scheme();
        if scheme.connects() != Connects::ByFields {
            let text = format!("connector `{}` is not connected by entering values", wanted.key);
            return Err(Failure::new(Reason::InvalidInput, text)
                .help(format!("begin its authorization: sluis authorize {}", wanted.key.connector)));
        }
        let mut credential = Credential::of_fields(checked(&scheme.fields(), entered)?);
        let mut wanted = wanted.clone();
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
        match self.run_authorize_hook(&connection, &release, &slot).await {
            Ok(added) => self.activate(connection, &slot, added).await,
            Err(reason) => {
                self.give_up(&connection, &release, &slot).await?;
                Err(Failure::new(Reason::Denied, reason).help("nothing was kept of what was entered"))
            }
        }
    }
}

/// The entered values, if they are the fields that are asked for. A field left empty is absent.
fn checked(
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

//! Client registrations: where a connector's `client:` reference leads.

use crate::builder::Engine;
use crate::{errors, keys};
use sluis_model::connector::ClientReference;
use sluis_model::credential::ClientCredentials;
use sluis_model::error::{Failure, Reason};
use sluis_store::{Change, Expect, system_org};

impl Engine {
    /// Seals a client registration under a name that connector files refer to as `vault:NAME`.
    pub async fn set_client(&self, name: &str, client: &ClientCredentials) -> Result<(), Failure> {
        let fits = !name.is_empty()
            && name.len() <= 64
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        if !fits {
            return Err(Failure::new(
                Reason::InvalidInput,
                format!("`{name}` cannot name a client registration"),
            )
            .help("use letters, digits, _ and -"));
        }
        let sealed = self.vault_of(&system_org()).await?.seal_client(name, client);
        let change = Change::Put { key: keys::client(name), bytes: sealed, expect: Expect::Any };
        self.store().await?.apply(vec![change]).await.map_err(errors::store)?;
        Ok(())
    }

    /// The registration behind a reference.
    pub(crate) async fn client(&self, reference: &ClientReference) -> Result<ClientCredentials, Failure> {
        match reference {
            ClientReference::Env(prefix) => self.client_from_environment(prefix),
            ClientReference::Vault(name) => self.client_from_vault(name).await,
        }
    }

    fn client_from_environment(&self, prefix: &str) -> Result<ClientCredentials, Failure> {
        let id = self.environment(&format!("{prefix}_ID")).ok_or_else(|| {
            Failure::new(Reason::ClientMissing, format!("the environment variable `{prefix}_ID` is not set"))
                .help(format!("the operator sets `{prefix}_ID` and `{prefix}_SECRET` to the client registered at the provider"))
        })?;
        let of = |what: &str| self.environment(&format!("{prefix}_{what}")).map(Into::into);
        Ok(ClientCredentials { id, secret: of("SECRET"), private_key: of("PRIVATE_KEY") })
    }

    async fn client_from_vault(&self, name: &str) -> Result<ClientCredentials, Failure> {
        let record = self.store().await?.get(&keys::client(name)).await.map_err(errors::store)?;
        match record {
            Some(record) => {
                self.vault_of(&system_org()).await?.open_client(name, &record.bytes).map_err(errors::vault)
            }
            None => Err(Failure::new(Reason::ClientMissing, format!("there is no client registration `{name}`"))
                .help(format!("the operator runs: sluis connector client {name} --id CLIENT_ID    (the secret is asked for, or read from standard input)"))),
        }
    }
}

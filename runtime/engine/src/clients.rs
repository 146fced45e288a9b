//! Client registrations: where a connector's `client:` reference leads.
//!
//! A registration belongs to whoever the connector belongs to, the operator or one org, and is found
//! for connectors of that owner only: a connector of one org, whose endpoints that org chose, can
//! never be given the client of another (draft-ietf-oauth-security-topics-update §2.2).

use crate::builder::Engine;
use crate::{errors, keys};
use sluis_model::connector::ClientReference;
use sluis_model::credential::ClientCredentials;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{Namespace, OrgId};
use sluis_store::{Change, Expect, system_org};

impl Engine {
    /// Seals a client registration of the operator under a name that connector files refer to as
    /// `vault:NAME`.
    pub async fn set_client(&self, name: &str, client: &ClientCredentials) -> Result<(), Failure> {
        self.set_client_of(None, name, client).await
    }

    /// Seals a registration of an org, for connectors that this org has released, or of the operator.
    pub async fn set_client_of(
        &self,
        owner: Option<&OrgId>,
        name: &str,
        client: &ClientCredentials,
    ) -> Result<(), Failure> {
        if let Some(org) = owner {
            self.org(org).await?;
        }
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
        let id = keys::client_id(owner, name);
        let sealed = self.vault_of(&system_org()).await?.seal_client(&id, client);
        let change = Change::Put { key: keys::client(&id), bytes: sealed, expect: Expect::Any };
        self.store().await?.apply(vec![change]).await.map_err(errors::store)?;
        Ok(())
    }

    /// The registration behind a reference in a connector's file.
    pub(crate) async fn client(
        &self,
        connector: &Namespace,
        reference: &ClientReference,
    ) -> Result<ClientCredentials, Failure> {
        match (self.owner_of(connector).await?, reference) {
            (None, ClientReference::Env(prefix)) => self.client_from_environment(prefix),
            (Some(org), ClientReference::Env(prefix)) => Err(Failure::new(
                Reason::ClientMissing,
                format!("`env:{prefix}` is the operator's, and `{connector}` belongs to `{org}`"),
            )
            .help("keep a registration of the organisation's own and name it as `client: vault:NAME`")),
            (owner, ClientReference::Vault(name)) => self.client_from_vault(owner.as_ref(), name).await,
        }
    }

    fn client_from_environment(&self, prefix: &str) -> Result<ClientCredentials, Failure> {
        let id = self.environment(&format!("{prefix}_ID")).ok_or_else(|| {
            Failure::new(Reason::ClientMissing, format!("the environment variable `{prefix}_ID` is not set"))
                .help(format!("the operator sets `{prefix}_ID` and `{prefix}_SECRET` to the client registered at the provider"))
        })?;
        let of = |what: &str| self.environment(&format!("{prefix}_{what}")).map(Into::into);
        let key_id = self.environment(&format!("{prefix}_KEY_ID"));
        Ok(ClientCredentials { id, secret: of("SECRET"), private_key: of("PRIVATE_KEY"), key_id })
    }

    async fn client_from_vault(
        &self,
        owner: Option<&OrgId>,
        name: &str,
    ) -> Result<ClientCredentials, Failure> {
        let id = keys::client_id(owner, name);
        let record = self.store().await?.get(&keys::client(&id)).await.map_err(errors::store)?;
        match record {
            Some(record) => {
                self.vault_of(&system_org()).await?.open_client(&id, &record.bytes).map_err(errors::vault)
            }
            None => {
                let (whose, flag) = match owner {
                    None => (String::new(), String::new()),
                    Some(org) => (format!(" of `{org}`"), format!(" --org {org}")),
                };
                Err(Failure::new(Reason::ClientMissing, format!("there is no client registration `{name}`{whose}"))
                    .help(format!("the operator runs: sluis connector client {name} --id CLIENT_ID{flag}    (the secret is asked for, or read from standard input)")))
            }
        }
    }
}

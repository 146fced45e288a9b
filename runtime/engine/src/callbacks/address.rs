//! The address that a service calls back, and what must be so before it is given one.

use crate::builder::Engine;
use crate::compiled::ReadyConnector;
use crate::keys::Place;
use sluis_invoke::CompiledApi;
use sluis_invoke::called_back::CalledBack;
use sluis_model::callback::{CLIENT_SECRET, CallbackSignature};
use sluis_model::error::{Failure, Reason};
use sluis_model::secret::SecretText;
use url::{Host, Url};

impl Engine {
    /// The address of a call, by its secret.
    pub(super) fn callback_url(&self, token: &SecretText) -> Result<Url, Failure> {
        self.at_public_url(&["callbacks", token.expose().as_str()])
    }

    /// What would keep the answer from coming is told before anything is sent.
    pub(super) async fn check_callback(
        &self,
        connector: &ReadyConnector,
        place: &Place,
        api: &CompiledApi,
        rule: &CalledBack,
    ) -> Result<(), Failure> {
        if is_this_machine(self.public_url()) && !is_this_machine(api.origin()) {
            return Err(Failure::new(
                Reason::InvalidInput,
                format!(
                    "the answer of {} is brought to an address of this server, and nobody reaches `{}` from outside; \
                     nothing was sent",
                    api.id,
                    self.public_url().host_str().unwrap_or_default()
                ),
            )
            .help("start Sluis with the address at which others reach it: --public-url https://sluis.example.com"));
        }
        match &rule.signature {
            Some(signature) => self.callback_key(connector, place, signature).await.map(drop),
            None => Ok(()),
        }
    }

    /// The key with which the service of a connection signs.
    pub(super) async fn callback_key(
        &self,
        connector: &ReadyConnector,
        place: &Place,
        signature: &CallbackSignature,
    ) -> Result<SecretText, Failure> {
        let connection = self.usable_connection(place, connector).await?;
        let stored = self.credential(&connection, &place.slot).await?;
        if let Some(key) = stored.credential.fields.get(&signature.key) {
            return Ok(key.clone());
        }
        let (definition, auth) = (&connector.release.definition, connection.auth.as_deref());
        if signature.key == CLIENT_SECRET {
            let bound = self.bound(definition, auth, &connection.variables).await?;
            if let Some(secret) = bound.client().and_then(|client| client.secret.clone()) {
                return Ok(secret);
            }
        }
        Err(Failure::new(
            Reason::NeedsReauthorization,
            format!(
                "`{}` has no `{}`, by which the service's callbacks are checked; nothing was sent",
                place.key, signature.key
            ),
        )
        .help(format!("connect it again and enter it: {}", place.key.authorize_command())))
    }
}

/// Whether an address leads to this very machine.
fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

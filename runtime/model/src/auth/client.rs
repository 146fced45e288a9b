//! The client registered at a provider, as connector files speak of it.

use serde::{Deserialize, Serialize};

/// Reference to a client registration; the registration itself is never in the file.
///
/// `env:PREFIX` reads `PREFIX_ID` and `PREFIX_SECRET` from the environment, where PREFIX must
/// start with `SLUIS_CLIENT_`; `vault:NAME` is one sealed in the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum ClientReference {
    /// Environment variables `<prefix>_ID` and `<prefix>_SECRET`.
    Env(String),
    /// A named registration sealed in the store.
    Vault(String),
}

impl TryFrom<String> for ClientReference {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("env", prefix)) if is_client_variable(prefix) => Ok(Self::Env(prefix.to_owned())),
            Some(("env", prefix)) => Err(format!(
                "`env:{prefix}` may not be read: the variables must start with `SLUIS_CLIENT_` and use A-Z, 0-9 and _, \
                 for example `env:SLUIS_CLIENT_GCONTACTS`"
            )),
            Some(("vault", name)) if !name.is_empty() => Ok(Self::Vault(name.to_owned())),
            _ => Err("a client is a reference, `vault:NAME` or `env:SLUIS_CLIENT_NAME`; its id and secret never stand in \
                      the file"
                .to_owned()),
        }
    }
}

fn is_client_variable(prefix: &str) -> bool {
    prefix.strip_prefix("SLUIS_CLIENT_").is_some_and(|rest| {
        !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    })
}

impl From<ClientReference> for String {
    fn from(reference: ClientReference) -> String {
        match reference {
            ClientReference::Env(prefix) => format!("env:{prefix}"),
            ClientReference::Vault(name) => format!("vault:{name}"),
        }
    }
}

/// How the client authenticates at the token endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuth {
    /// HTTP Basic, id and secret form-encoded first (RFC 6749 §2.3.1).
    #[default]
    Basic,
    /// HTTP Basic with id and secret as they are, for servers that decode nothing.
    BasicUnencoded,
    /// `client_id` and `client_secret` in the body.
    Body,
    /// `client_id` alone: a public client.
    None,
    /// An assertion signed with the client's private key, RS256 (RFC 7523 §2.2).
    PrivateKeyJwt,
    /// An assertion signed with the client's secret, HS256.
    ClientSecretJwt,
}

/// How the client authenticates: alike at all steps, or otherwise at some.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ClientAuths {
    /// Alike at all steps.
    Alike(ClientAuth),
    /// By step.
    ByStep(ClientAuthByStep),
}

/// How the client authenticates at each step; `exchange` holds for those that are not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClientAuthByStep {
    /// When tokens are got.
    pub exchange: ClientAuth,
    /// When they are refreshed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh: Option<ClientAuth>,
    /// When they are revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoke: Option<ClientAuth>,
}

impl Default for ClientAuths {
    fn default() -> Self {
        Self::Alike(ClientAuth::default())
    }
}

impl ClientAuths {
    /// The ways by step.
    pub fn by_step(self) -> ClientAuthByStep {
        match self {
            ClientAuths::Alike(exchange) => ClientAuthByStep { exchange, refresh: None, revoke: None },
            ClientAuths::ByStep(steps) => steps,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_a_reference_never_a_value() {
        assert_eq!(
            ClientReference::try_from("env:SLUIS_CLIENT_GCONTACTS".to_owned()),
            Ok(ClientReference::Env("SLUIS_CLIENT_GCONTACTS".into()))
        );
        assert!(ClientReference::try_from("env:AWS".to_owned()).unwrap_err().contains("SLUIS_CLIENT_"));
        assert!(ClientReference::try_from("my-client-id".to_owned()).is_err());
    }
}

//! How a connector authenticates, as its author writes it: one struct of parameters for each scheme,
//! in a file of its own. What a scheme does with them is `sluis-auth`'s business.

mod api_key;
mod api_keys;
mod basic;
mod bearer;
mod calls;
mod client;
mod mutual_tls;
mod oauth1;
mod oauth2;
mod oauth2_answer;
mod own_call;
mod signed;
mod whole_number;

pub use api_key::{ApiKey, KeyPlace};
pub use api_keys::{ApiKeys, TokenPlace};
pub use basic::{Basic, Digest};
pub use bearer::Bearer;
pub use calls::{
    BasicPair, CallBody, Carried, EnteredField, Expiry, ExpiryForm, SchemeCall, SessionLogin, TwoStepToken,
};
pub use client::{ClientAuth, ClientAuthByStep, ClientAuths, ClientReference};
pub use mutual_tls::MutualTls;
pub use oauth1::{Oauth1, Oauth1Signature};
pub use oauth2::{Assertion, Oauth2, RevokeUsing, TokenFormat, TokenMethod};
pub use oauth2_answer::{ExpiresAs, Oauth2Answer, VariablesFrom};
pub use own_call::OwnCall;
pub use signed::{
    AwsSigv4, DigestEncoding, HashAlgorithm, HmacSignature, KeyEncoding, PayloadSigning, TimestampForm,
};

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How a connector authenticates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "scheme", rename_all = "snake_case")]
#[allow(clippy::large_enum_variant, reason = "a connector has one; a box would only add a step")]
pub enum AuthConfig {
    /// No credential at all; such a connector is always authorized.
    None {},
    /// A key that a person enters once.
    ApiKey(ApiKey),
    /// Several values that a person enters once.
    ApiKeys(ApiKeys),
    /// A token that a person pastes.
    Bearer(Bearer),
    /// User name and password (RFC 7617).
    Basic(Basic),
    /// User name and password as digests (RFC 7616).
    Digest(Digest),
    /// A keyed digest over parts of the request.
    HmacSignature(HmacSignature),
    /// AWS Signature Version 4.
    AwsSigv4(AwsSigv4),
    /// OAuth 1.0a (RFC 5849).
    Oauth1(Oauth1),
    /// A client certificate (RFC 8446 §4.4.2).
    MutualTls(MutualTls),
    /// A log-in whose session is carried.
    SessionLogin(SessionLogin),
    /// A token got by calls of the service's own making.
    TwoStepToken(TwoStepToken),
    /// OAuth 2.0 authorization code grant (RFC 6749 §4.1) with PKCE (RFC 7636, S256).
    Oauth2AuthorizationCode(Oauth2),
    /// OAuth 2.0 client credentials grant (RFC 6749 §4.4).
    Oauth2ClientCredentials(Oauth2),
    /// OAuth 2.0 password grant (RFC 6749 §4.3), for services that know nothing better.
    Oauth2Password(Oauth2),
    /// OAuth 2.0 grant of a service account that signs an assertion (RFC 7523).
    Oauth2JwtBearer(Oauth2),
    /// OAuth 2.0 device authorization grant (RFC 8628).
    Oauth2DeviceCode(Oauth2),
    /// OAuth 2.0 token exchange (RFC 8693).
    Oauth2TokenExchange(Oauth2),
    /// Several, of which the org chooses one when it connects.
    Choice(Choice),
}

/// Several ways to authenticate, by name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// The ways by name; none of them is a choice again.
    pub configs: BTreeMap<String, AuthConfig>,
    /// The one that is used where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// What the person reads, by the name of the way.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub titles: BTreeMap<String, String>,
    /// Values of connection variables that go with a way, by its name: another base URL, say.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, BTreeMap<String, String>>,
}

/// Why an auth config cannot be told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoSuchAuthConfig {
    /// The connector has several and none was named.
    #[error("there are several ways to authenticate and none was chosen: {}", .names.join(", "))]
    NotChosen {
        /// Their names.
        names: Vec<String>,
    },
    /// There is none of this name.
    #[error("there is no way to authenticate called `{name}`; {}", crate::suggest::help(.name, .names, "ways to authenticate"))]
    Unknown {
        /// The name given.
        name: String,
        /// Those that are there.
        names: Vec<String>,
    },
}

impl AuthConfig {
    /// The way that a connection uses: by name where there is a choice, else the only one.
    pub fn chosen(&self, name: Option<&str>) -> Result<&AuthConfig, NoSuchAuthConfig> {
        match (self, name) {
            (AuthConfig::Choice(choice), Some(name)) => choice
                .configs
                .get(name)
                .ok_or_else(|| NoSuchAuthConfig::Unknown { name: name.to_owned(), names: self.names() }),
            (AuthConfig::Choice(choice), None) => match (&choice.default, choice.configs.values().next()) {
                (Some(default), _) => self.chosen(Some(default)),
                (None, Some(only)) if choice.configs.len() == 1 => Ok(only),
                _ => Err(NoSuchAuthConfig::NotChosen { names: self.names() }),
            },
            (_, Some(name)) => Err(NoSuchAuthConfig::Unknown { name: name.to_owned(), names: Vec::new() }),
            (only, None) => Ok(only),
        }
    }

    /// The names among which an org chooses; none if there is no choice.
    pub fn names(&self) -> Vec<String> {
        match self {
            AuthConfig::Choice(choice) => choice.configs.keys().cloned().collect(),
            _ => Vec::new(),
        }
    }

    /// What people read in place of the names of a choice, where they have titles.
    pub fn titles(&self) -> BTreeMap<String, String> {
        match self {
            AuthConfig::Choice(choice) => choice.titles.clone(),
            _ => BTreeMap::new(),
        }
    }

    /// The name of the way that is used where none is named, where there is a choice.
    pub fn default_name(&self) -> Option<&str> {
        match self {
            AuthConfig::Choice(choice) => choice.default.as_deref(),
            _ => None,
        }
    }

    /// Values of connection variables that go with a way.
    pub fn variables_of(&self, name: Option<&str>) -> Option<&BTreeMap<String, String>> {
        match self {
            AuthConfig::Choice(choice) => {
                name.or(choice.default.as_deref()).and_then(|name| choice.variables.get(name))
            }
            _ => None,
        }
    }

    /// Every config in it: itself, or those of a choice.
    pub fn all(&self) -> Vec<&AuthConfig> {
        match self {
            AuthConfig::Choice(choice) => choice.configs.values().collect(),
            only => vec![only],
        }
    }
}

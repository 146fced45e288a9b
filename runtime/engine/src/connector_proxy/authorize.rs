//! The round trip of a person's browser: from the backend to us, to the provider, back to us, and back to
//! the backend with a reference.
//!
//! The reference is a random text. The connection that it stands for is named by a digest of it, so nothing
//! that is kept leads from a connection to its reference. It cannot be shown again, it counts only beside the org's API
//! key, and it touches no connection that was there before.

use super::describe::{ONLY_AUTH, auth_names};
use crate::builder::Engine;
use crate::grants::NewConnection;
use crate::{errors, keys};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sluis_auth::{random_token, state_digest};
use sluis_model::connection::{ConnectionKey, Variables};
use sluis_model::connection_settings::Owner;
use sluis_model::connector::{AuthConfig, ConnectorDefinition};
use sluis_model::error::{Failure, Reason};
use sluis_model::grant::{AskedBy, Grant, GrantOutcome};
use sluis_model::id::{ConnectionName, Namespace, OrgId, UserId};
use sluis_model::secret::SecretText;
use sluis_store::{Change, Expect, StoreError};
use sluis_vault::field;
use url::Url;
use zeroize::Zeroizing;

/// How every reference begins.
const MARK: &str = "slr_";
/// Characters of the digest in a connection's name.
const DIGEST_CHARS: usize = 32;
/// Longest address that a browser is sent back to, in bytes.
const RETURN_AT_MOST: usize = 8192;

/// A reference to a connection.
pub(super) struct Reference(SecretText);

impl Reference {
    /// The name of the connection that it stands for, and the user whose it is where each has their own.
    pub(super) fn key(&self, definition: &ConnectorDefinition) -> (ConnectionName, Option<UserId>) {
        let digest: String = state_digest(&self.0)
            .bytes()
            .filter(u8::is_ascii_alphanumeric)
            .take(DIGEST_CHARS)
            .map(|byte| char::from(byte.to_ascii_lowercase()))
            .collect();
        let name = format!("ref-{digest}");
        let user = (definition.connection.owner == Owner::User).then(|| name.parse().ok()).flatten();
        // Made of letters and digits, so it is always a name; the main one is never meant.
        (name.parse().unwrap_or_else(|_| ConnectionName::default()), user)
    }
}

/// The reference in a parameter: by itself, or in the JSON in which a backend was given it.
pub(super) fn reference_in(text: &str) -> Option<Reference> {
    #[derive(Deserialize)]
    struct Given {
        reference: String,
    }
    if text.starts_with(MARK) {
        return Some(Reference(text.into()));
    }
    let given: Given = serde_json::from_str(text).ok()?;
    given.reference.starts_with(MARK).then(|| Reference(given.reference.into()))
}

/// Where a browser goes back to, as it is sealed beside its attempt: the address may hold a token of the
/// backend's.
#[derive(Serialize, Deserialize)]
struct Return {
    address: String,
    reference: String,
}

impl Engine {
    /// Begins an authorization for a backend: the link that the browser follows.
    pub async fn proxy_authorize(
        &self,
        org: &OrgId,
        plugin: &str,
        auth: &str,
        redirect_url: &str,
    ) -> Result<Url, Failure> {
        let settings = self.proxy_settings(org).await?;
        let unknown =
            || Failure::new(Reason::NotFound, "Auth not found").help("GET /v1/auths lists those there are");
        let namespace: Namespace = plugin.parse().map_err(|_| unknown())?;
        let release = match self.connectable(org, &namespace).await {
            Err(failure) if failure.reason == Reason::ConnectorNotFound => return Err(unknown()),
            other => other?,
        };
        let definition = &release.definition;
        if !auth_names(&definition.auth).iter().any(|name| name == auth) {
            return Err(unknown());
        }
        let address = return_address(redirect_url)?;
        if settings.backend_of(&address).is_none() {
            return Err(Failure::new(
                Reason::Forbidden,
                format!("`{org}` has not allowed browsers to be sent back there"),
            )
            .help(format!(
                "an operator allows the origin of the backend: PUT /api/v1/orgs/{org}/connector-proxy"
            )));
        }
        let reference =
            SecretText::new(format!("{MARK}{}", random_token(self.randomness()).expose().as_str()));
        let (name, user) = Reference(reference.clone()).key(definition);
        let several = matches!(definition.auth, AuthConfig::Choice(_)) || auth != ONLY_AUTH;
        let wanted = NewConnection {
            key: ConnectionKey { org: org.clone(), connector: namespace, name, user },
            auth: several.then(|| auth.to_owned()),
            environment: None,
            variables: Variables::new(),
        };
        let asked_by = AskedBy::Site { origin: address.origin().ascii_serialization() };
        let started = self.start_connection_for(&wanted, asked_by).await?;
        self.keep_return(&started.grant, &address, &reference).await?;
        Ok(started.authorize_url)
    }

    async fn keep_return(&self, grant: &Grant, address: &Url, reference: &SecretText) -> Result<(), Failure> {
        let back = Return { address: address.to_string(), reference: reference.expose().as_str().to_owned() };
        let plain = serde_json::to_vec(&back).map(Zeroizing::new);
        let plain = plain.map_err(|_| Failure::new(Reason::Internal, "an address has no JSON form"))?;
        let key = keys::grant_return(&grant.org, &grant.id);
        let bytes = self.vault_of(&grant.org).await?.seal(&key.id, field::RETURN, &plain);
        let change = Change::Put { key, bytes, expect: Expect::Absent };
        self.store().await?.apply(vec![change]).await.map_err(errors::store)?;
        Ok(())
    }

    /// Where the browser of a finished attempt goes back to, if a backend sent it and consent was given. Good
    /// once.
    pub async fn proxy_return(&self, grant: &Grant) -> Result<Option<Url>, Failure> {
        let key = keys::grant_return(&grant.org, &grant.id);
        let store = self.store().await?;
        let Some(record) = store.get(&key).await.map_err(errors::store)? else { return Ok(None) };
        let vault = self.vault_of(&grant.org).await?;
        let plain = vault.open(&key.id, field::RETURN, &record.bytes).map_err(errors::vault)?;
        match store.apply(vec![Change::Delete { key, expect: Expect::Version(record.version) }]).await {
            Ok(_) => {}
            Err(StoreError::Conflict { .. }) => return Ok(None),
            Err(error) => return Err(errors::store(error)),
        }
        if grant.outcome != GrantOutcome::Authorized {
            return Ok(None);
        }
        let unreadable = |_| Failure::new(Reason::Internal, "where the browser came from cannot be read");
        let back: Return = serde_json::from_slice(plain.expose()).map_err(unreadable)?;
        let mut address = return_address(&back.address)?;
        let response = json!({ "reference": back.reference }).to_string();
        address.query_pairs_mut().append_pair("response", &response);
        Ok(Some(address))
    }
}

/// The address, if it is one that a browser may be sent to as it is written.
fn return_address(text: &str) -> Result<Url, Failure> {
    let refuse = |what: &str| {
        Failure::new(Reason::InvalidInput, format!("`redirect_url` {what}")).help(
            "give an absolute http or https address of a backend that the organisation has allowed, percent-encoded",
        )
    };
    if text.len() > RETURN_AT_MOST {
        return Err(refuse("is too long"));
    }
    // What browsers and we could read differently.
    if text.contains(|c: char| c == '\\' || c.is_control() || c.is_whitespace()) {
        return Err(refuse("holds a character that no address has"));
    }
    if !text.starts_with("http://") && !text.starts_with("https://") {
        return Err(refuse("is not an absolute http or https address"));
    }
    let url = Url::parse(text).map_err(|_| refuse("is no address"))?;
    match url.host().is_some()
        && url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none()
    {
        true => Ok(url),
        false => Err(refuse("holds a user name or a fragment")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_browsers_could_read_differently_is_refused() {
        assert!(return_address("https://b.example/v1.0/authentication_callback/x/y?token=a.b").is_ok());
        for wrong in [
            "//b.example/",
            "/relative",
            "javascript:alert(1)",
            "https:b.example",
            "https://b.example\\@evil.example/",
            "https://b.example/\r\nSet-Cookie: a=b",
            "https://b.example@evil.example/",
            "https://b.example/#@evil",
            " https://b.example/",
            "https:///",
            "ftp://b.example/",
            "",
        ] {
            assert!(return_address(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_reference_is_found_by_itself_and_in_the_json_that_was_given() {
        for text in ["slr_abc", r#"{"reference": "slr_abc"}"#] {
            assert_eq!(reference_in(text).unwrap().0.expose().as_str(), "slr_abc");
        }
        for other in ["sales", "{}", r#"{"reference": "x"}"#, "[1]"] {
            assert!(reference_in(other).is_none(), "{other}");
        }
    }
}

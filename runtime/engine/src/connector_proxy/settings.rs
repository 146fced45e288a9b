//! Whom an org serves: which workflow backends, and what they may have done for them.

use crate::builder::Engine;
use crate::host::Named;
use crate::orgs::Org;
use crate::{errors, keys};
use serde::{Deserialize, Serialize};
use sluis_model::error::{Failure, Reason};
use sluis_model::id::OrgId;
use sluis_store::{Expect, get_json, put_json};
use url::Url;

/// So many backends an org may have.
const BACKENDS_AT_MOST: usize = 20;
/// So many categories may be open.
const CATEGORIES_AT_MOST: usize = 200;

/// What an org says of the workflow backends that it serves.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProxySettings {
    /// The backends. Browsers are sent back, and outcomes are told, to no other place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub backends: Vec<Backend>,
    /// Which calls are answered by 202 and told of later.
    #[serde(default)]
    pub accepted: WhenAccepted,
    /// Categories of suggestions, `ns/api/input`, that may be asked for without the API key: the backend
    /// sends none when it does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub open_typeahead: Vec<String>,
}

/// One workflow backend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Backend {
    /// Scheme, host and port: `https://backend.example.com`.
    pub origin: String,
    /// The connection, `ns` or `ns/name`, with which outcomes are told to it; without one they are told
    /// without a credential.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<String>,
}

/// Which calls that name a callback are answered by 202.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenAccepted {
    /// Those that may take longer than a backend waits.
    #[default]
    Long,
    /// All.
    Always,
    /// None.
    Never,
}

impl ProxySettings {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The backend that an address belongs to, if it is one of these.
    pub(super) fn backend_of(&self, address: &Url) -> Option<&Backend> {
        let plain = address.username().is_empty() && address.password().is_none();
        let origin = address.origin().ascii_serialization();
        self.backends.iter().find(|backend| plain && backend.origin == origin)
    }

    /// The same settings with each part in the one way in which it is written.
    fn checked(mut self) -> Result<Self, Failure> {
        if self.backends.len() > BACKENDS_AT_MOST || self.open_typeahead.len() > CATEGORIES_AT_MOST {
            return Err(unfit(format!(
                "at most {BACKENDS_AT_MOST} backends and {CATEGORIES_AT_MOST} open categories are kept"
            )));
        }
        for backend in &mut self.backends {
            backend.origin = origin_of(&backend.origin)?;
            if let Some(connection) = &backend.connection {
                Named::parse(connection)?;
            }
        }
        Ok(self)
    }
}

/// The origin that a text is; an address with more than that is refused, because the rest would not
/// count.
fn origin_of(text: &str) -> Result<String, Failure> {
    let refuse = || {
        unfit(format!("`{}` is not the origin of a backend", text.chars().take(100).collect::<String>()))
            .help("write scheme, host and port only, for example: https://backend.example.com")
    };
    let url = Url::parse(text).map_err(|_| refuse())?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let plain = url.username().is_empty() && url.password().is_none();
    match matches!(url.scheme(), "http" | "https") && bare && plain {
        true => Ok(url.origin().ascii_serialization()),
        false => Err(refuse()),
    }
}

fn unfit(message: String) -> Failure {
    Failure::new(Reason::InvalidInput, message)
}

impl Engine {
    /// Whom an org serves.
    pub async fn proxy_settings(&self, org: &OrgId) -> Result<ProxySettings, Failure> {
        Ok(self.org(org).await?.connector_proxy)
    }

    /// Says whom an org serves from now on.
    pub async fn set_proxy_settings(
        &self,
        org: &OrgId,
        settings: ProxySettings,
    ) -> Result<ProxySettings, Failure> {
        let stored = self.set_proxy_settings_if(org, settings, &|_| true).await?;
        stored.ok_or_else(|| Failure::new(Reason::Internal, "settings were refused without a condition"))
    }

    /// The same if the settings that are there are those that the caller has seen; none if they are not.
    pub async fn set_proxy_settings_if(
        &self,
        org: &OrgId,
        settings: ProxySettings,
        agrees: &(dyn Fn(&ProxySettings) -> bool + Send + Sync),
    ) -> Result<Option<ProxySettings>, Failure> {
        self.org(org).await?;
        let (store, key) = (self.store().await?, keys::org(org));
        let found = get_json::<Org>(store, &key).await.map_err(errors::store)?;
        let (version, mut row) = found
            .ok_or_else(|| Failure::new(Reason::OrgNotFound, format!("there is no organisation `{org}`")))?;
        if !agrees(&row.connector_proxy) {
            return Ok(None);
        }
        row.connector_proxy = settings.checked()?;
        let change = put_json(key, &row, Expect::Version(version)).map_err(errors::store)?;
        store.apply(vec![change]).await.map_err(errors::store)?;
        tracing::info!(%org, backends = row.connector_proxy.backends.len(), "the connector proxy was set up");
        Ok(Some(row.connector_proxy))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(origin: &str) -> Result<ProxySettings, Failure> {
        let backend = Backend { origin: origin.to_owned(), connection: None };
        ProxySettings { backends: vec![backend], ..ProxySettings::default() }.checked()
    }

    #[test]
    fn an_origin_is_kept_in_the_one_way_in_which_it_is_compared() {
        let settings = of("HTTPS://Backend.Example:443/").unwrap();
        assert_eq!(settings.backends[0].origin, "https://backend.example");
        for more in
            ["https://b.example/path", "https://u:p@b.example", "https://b.example?x", "file:///x", "b"]
        {
            assert!(of(more).is_err(), "{more}");
        }
    }

    #[test]
    fn an_address_belongs_to_a_backend_by_its_origin_alone() {
        let settings = of("https://b.example:8443").unwrap();
        let is_known = |url: &str| settings.backend_of(&Url::parse(url).unwrap()).is_some();
        assert!(is_known("https://b.example:8443/v1.0/x?token=t"));
        for other in [
            "http://b.example:8443/",
            "https://b.example/",
            "https://b.example.evil.example:8443/",
            "https://b.example:8443@evil.example/",
            "https://u@b.example:8443/",
        ] {
            assert!(!is_known(other), "{other}");
        }
    }
}

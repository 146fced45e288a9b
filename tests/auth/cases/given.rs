//! What a case starts from: the auth config, checked as part of a connector file, and everything a
//! scheme may look at.

use super::document::{Case, Fence};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sluis_model::connection::Variables;
use sluis_model::connector::AuthConfig;
use sluis_model::credential::{ClientCredentials, Credential, TokenSet};
use sluis_model::secret::SecretText;
use sluis_model::time::Timestamp;
use std::collections::BTreeMap;
use std::path::Path;

/// What stands under ```json given```.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// What is done.
    pub step: Step,
    #[serde(default)]
    now: Option<String>,
    #[serde(default)]
    client: Option<GivenClient>,
    #[serde(default)]
    fields: BTreeMap<String, String>,
    #[serde(default)]
    tokens: Option<GivenTokens>,
    /// Variables of the connection.
    #[serde(default)]
    pub variables: Variables,
    /// Query that the browser brings back.
    #[serde(default)]
    pub callback: String,
    /// What `begin` wanted to be kept.
    #[serde(default = "kept")]
    pub kept: String,
    /// Where the browser is sent back to.
    #[serde(default = "redirect_uri")]
    pub redirect_uri: String,
    /// What a device asks with.
    #[serde(default)]
    pub device_code: String,
}

fn kept() -> String {
    "verifier-verifier-verifier-verifier-verifier".to_owned()
}

fn redirect_uri() -> String {
    "https://sluis.example/oauth/callback/crm".to_owned()
}

/// The methods of a scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Step {
    Begin,
    Exchange,
    BeginDevice,
    PollDevice,
    Obtain,
    Renew,
    Revoke,
    Apply,
    Sketch,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenClient {
    id: String,
    secret: Option<String>,
    private_key: Option<String>,
    key_id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenTokens {
    access_token: String,
    refresh_token: Option<String>,
    token_secret: Option<String>,
    expires_at: Option<String>,
    refresh_expires_at: Option<String>,
    #[serde(default)]
    scopes: Vec<String>,
}

impl Given {
    /// Reads what a case starts from: its own words over those of its file.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(defaults: &[Fence], case: &Case) -> Result<Self, String> {
        let mut merged = Map::new();
        let of_file =
            defaults.iter().filter(|fence| fence.info == "json given").map(|fence| fence.text.as_str());
        for text in of_file.chain(case.part("json given")) {
            let own: Map<String, Value> =
                serde_json::from_str(text).map_err(|error| format!("given: {error}"))?;
            merged.extend(own);
        }
        serde_json::from_value(Value::Object(merged)).map_err(|error| format!("given: {error}"))
    }

    /// The present moment.
    pub fn now(&self) -> Result<Timestamp, String> {
        moment(self.now.as_deref().unwrap_or("2026-01-02T03:04:05Z"))
    }

    /// The client at the provider, if one is given.
    pub fn client(&self) -> Result<Option<ClientCredentials>, String> {
        let Some(client) = &self.client else { return Ok(None) };
        Ok(Some(ClientCredentials {
            id: client.id.clone(),
            secret: client.secret.as_deref().map(text_or_file).transpose()?,
            private_key: client.private_key.as_deref().map(text_or_file).transpose()?,
            key_id: client.key_id.clone(),
        }))
    }

    /// What the connection holds.
    pub fn credential(&self) -> Result<Credential, String> {
        let fields = self.fields.iter().map(|(name, value)| Ok((name.clone(), text_or_file(value)?)));
        let tokens = self.tokens.as_ref().map(|tokens| {
            Ok::<_, String>(TokenSet {
                refresh_token: tokens.refresh_token.clone().map(SecretText::new),
                token_secret: tokens.token_secret.clone().map(SecretText::new),
                expires_at: tokens.expires_at.as_deref().map(moment).transpose()?,
                refresh_expires_at: tokens.refresh_expires_at.as_deref().map(moment).transpose()?,
                scopes: tokens.scopes.clone(),
                ..TokenSet::of(tokens.access_token.as_str(), self.now()?)
            })
        });
        Ok(Credential {
            fields: fields.collect::<Result<_, String>>()?,
            tokens: tokens.transpose()?,
            previous: None,
        })
    }
}

fn moment(text: &str) -> Result<Timestamp, String> {
    let moment: jiff::Timestamp = text.parse().map_err(|error| format!("`{text}`: {error}"))?;
    Ok(Timestamp(moment.as_millisecond()))
}

/// The text itself, or after an `@` the content of that file below `spec/auth`.
fn text_or_file(text: &str) -> Result<SecretText, String> {
    let Some(file) = text.strip_prefix('@') else { return Ok(SecretText::new(text.to_owned())) };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/auth").join(file);
    let content = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(SecretText::new(content))
}

/// The auth config of a case: a whole one if it names its scheme, else laid over that of its file. It
/// is read as `auth` of a connector file, so that the schema and the rules look at it too; what they
/// say is the inner error.
///
/// # Errors
/// When a fence is no YAML.
pub fn auth_config(defaults: &[Fence], case: &Case) -> Result<Result<AuthConfig, String>, String> {
    let read = |text: &str| -> Result<Map<String, Value>, String> {
        serde_saphyr::from_str(text).map_err(|error| format!("auth: {error}"))
    };
    let own = case.part("yaml auth").map(read).transpose()?.unwrap_or_default();
    let mut config = Map::new();
    if !own.contains_key("scheme")
        && let Some(of_file) = defaults.iter().find(|fence| fence.info == "yaml auth")
    {
        config = read(&of_file.text)?;
    }
    config.extend(own);
    config.retain(|_, value| !value.is_null());
    let file = json!({
        "sluis": 1,
        "namespace": "crm",
        "service": {"name": "A service"},
        "hosts": ["api.example"],
        "auth": config,
        "apis": {"list": {"method": "GET", "url": "https://api.example/items"}},
    });
    let no_files = |name: &str| Err(format!("there is no file {name}"));
    match sluis_definition::read("crm.yaml", &file.to_string(), &no_files) {
        Ok(definition) => Ok(Ok(definition.auth)),
        Err(problems) => Ok(Err(problems.iter().map(describe).collect::<Vec<_>>().join("\n"))),
    }
}

fn describe(problem: &sluis_definition::Problem) -> String {
    match &problem.help {
        Some(help) => format!("{} ({help})", problem.message),
        None => problem.message.clone(),
    }
}

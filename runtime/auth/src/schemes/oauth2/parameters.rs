//! The parameters of a request to an authorization server, and the forms in which they are sent.

use crate::error::AuthError;
use crate::http_value::HttpRequest;
use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderName};
use http::{HeaderValue, Method};
use serde_json::{Map, Value};
use sluis_model::connector::{Oauth2, TokenFormat, TokenMethod};
use sluis_model::secret::SecretText;
use std::collections::BTreeMap;
use url::Url;

/// Parameters in the order in which they are sent. One name may stand several times (RFC 8707).
#[derive(Default, Clone)]
pub(in crate::schemes) struct Parameters(Vec<(String, SecretText)>);

impl Parameters {
    /// No parameters but the grant type.
    pub(in crate::schemes) fn of_grant(grant_type: &str) -> Self {
        let mut parameters = Self::default();
        parameters.set("grant_type", grant_type);
        parameters
    }

    /// Adds one.
    pub(in crate::schemes) fn set(&mut self, name: &str, value: impl Into<SecretText>) {
        self.0.push((name.to_owned(), value.into()));
    }

    /// Adds one if there is a value.
    pub(in crate::schemes) fn set_some(&mut self, name: &str, value: Option<impl Into<SecretText>>) {
        if let Some(value) = value {
            self.set(name, value);
        }
    }

    /// Adds those of a connector file, in place of any of that name; an empty text only takes one out.
    pub(in crate::schemes) fn overlay(&mut self, extra: &BTreeMap<String, String>) {
        for (name, value) in extra {
            self.0.retain(|(own, _)| own != name);
            if !value.is_empty() {
                self.set(name, value.as_str());
            }
        }
    }

    /// Gives parameters the names that the provider has for them.
    pub(in crate::schemes) fn rename(&mut self, names: &BTreeMap<String, String>) {
        for (name, _) in &mut self.0 {
            if let Some(other) = names.get(name) {
                name.clone_from(other);
            }
        }
    }

    /// The pairs.
    pub(in crate::schemes) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.expose().as_str()))
    }

    fn form(&self) -> String {
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(self.pairs()).finish()
    }

    fn json(&self) -> String {
        let mut object: Map<String, Value> = Map::new();
        for (name, value) in self.pairs() {
            match object.get_mut(name) {
                None => drop(object.insert(name.to_owned(), value.into())),
                Some(Value::Array(list)) => list.push(value.into()),
                Some(one) => *one = Value::Array(vec![one.take(), value.into()]),
            }
        }
        Value::Object(object).to_string()
    }

    fn xml(&self) -> Result<String, AuthError> {
        let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><request>".to_owned();
        for (name, value) in self.pairs() {
            let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
            if !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') || !name.bytes().all(fits) {
                return Err(AuthError::BadRequest { why: format!("`{name}` cannot name an XML element") });
            }
            if value.chars().any(|c| c < ' ' && !matches!(c, '\t' | '\n' | '\r')) {
                return Err(AuthError::BadRequest { why: format!("`{name}` cannot stand in XML") });
            }
            let value = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            text.push_str(&format!("<{name}>{value}</{name}>"));
        }
        text.push_str("</request>");
        Ok(text)
    }
}

/// A request to an endpoint where parameters always go as a form (RFC 7009, 7662, 8628, 9126).
pub(super) fn form_request(url: Url, parameters: &Parameters) -> HttpRequest {
    let mut request = bare(Method::POST, url);
    request.body = Bytes::from(parameters.form());
    request.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    request
}

/// A request to the token endpoint, in the form that the provider wants.
pub(super) fn token_request(
    config: &Oauth2,
    url: Url,
    parameters: &Parameters,
) -> Result<HttpRequest, AuthError> {
    let method = match config.token_method {
        TokenMethod::Post => Method::POST,
        TokenMethod::Get => Method::GET,
    };
    let mut request = match (config.token_method, config.token_format) {
        (TokenMethod::Get, _) | (_, TokenFormat::Query) => {
            let mut url = url;
            url.query_pairs_mut().extend_pairs(parameters.pairs());
            bare(method, url)
        }
        (_, TokenFormat::Form) => form_request(url, parameters),
        (_, TokenFormat::Json) => with_body(bare(method, url), parameters.json(), "application/json"),
        (_, TokenFormat::Xml) => with_body(bare(method, url), parameters.xml()?, "application/xml"),
    };
    for (name, value) in &config.token_headers {
        let refuse =
            || AuthError::BadRequest { why: format!("`{name}` is not a header with a value for one") };
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| refuse())?;
        request.headers.insert(name, HeaderValue::from_str(value).map_err(|_| refuse())?);
    }
    Ok(request)
}

fn bare(method: Method, url: Url) -> HttpRequest {
    let mut request = HttpRequest { secret_body: true, ..HttpRequest::new(method, url) };
    request.headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    request
}

fn with_body(mut request: HttpRequest, body: String, content_type: &'static str) -> HttpRequest {
    request.body = Bytes::from(body);
    request.headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    request
}

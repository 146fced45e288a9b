//! Builds the calls that a provider invented: a template whose placeholders are filled in as values, and
//! encoded after that by the rules of the place where they stand.

use super::Oauth;
use super::endpoint::endpoint;
use crate::error::AuthError;
use crate::http_value::HttpRequest;
use crate::scheme::Context;
use crate::template;
use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderName};
use http::{HeaderValue, Method};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sluis_model::connection::Variables;
use sluis_model::connector::OwnCall;
use sluis_model::credential::{ClientCredentials, TokenSet};
use sluis_model::secret::SecretText;
use std::collections::BTreeMap;

/// What placeholders stand for.
#[derive(Clone, Copy)]
pub(super) struct Values<'a> {
    pub(super) tokens: Option<&'a TokenSet>,
    pub(super) client: Option<&'a ClientCredentials>,
    pub(super) variables: &'a Variables,
}

impl Values<'_> {
    fn of(&self, name: &str) -> Option<SecretText> {
        match name {
            "access_token" => self.tokens.map(|tokens| tokens.access_token.clone()),
            "refresh_token" => self.tokens.and_then(|tokens| tokens.refresh_token.clone()),
            "client_id" => self.client.map(|client| client.id.as_str().into()),
            "client_secret" => self.client.and_then(|client| client.secret.clone()),
            name => self.variables.get(name).map(|value| value.as_str().into()),
        }
    }

    /// A template filled in.
    pub(super) fn fill(&self, template: &str) -> Result<SecretText, AuthError> {
        self.fill_with(template, |value| value.to_owned())
    }

    fn fill_with(&self, text: &str, encode: impl Fn(&str) -> String) -> Result<SecretText, AuthError> {
        let value_of = |name: &str| match self.of(name) {
            Some(value) => Ok(Some(value)),
            None => Err(AuthError::MissingField { field: name.to_owned() }),
        };
        template::fill("url, query, headers, form, json", text, value_of, |out, value| {
            out.push_str(&encode(value));
        })
    }

    fn fill_all(&self, templates: &BTreeMap<String, String>) -> Result<Vec<(String, SecretText)>, AuthError> {
        templates.iter().map(|(name, value)| Ok((name.clone(), self.fill(value)?))).collect()
    }
}

impl Oauth<'_> {
    /// The request of a provider's own call.
    pub(super) fn own_call(
        &self,
        field: &'static str,
        call: &OwnCall,
        values: Values<'_>,
    ) -> Result<HttpRequest, AuthError> {
        let refuse = |why: String| AuthError::BadRequest { why };
        let method: Method =
            call.method.parse().map_err(|_| refuse(format!("`{}` is not a method", call.method)))?;
        let mut url = own_url(field, &call.url, values)?;
        if !call.query.is_empty() {
            let pairs = values.fill_all(&call.query)?;
            url.query_pairs_mut().extend_pairs(pairs.iter().map(|(name, value)| (name, value.expose())));
        }
        let mut request = HttpRequest { secret_body: true, ..HttpRequest::new(method, url) };
        request.headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(json) = &call.json {
            request.body =
                Bytes::from(template::fill_json(json, &|text: &str| values.fill(text))?.to_string());
            request.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        } else if !call.form.is_empty() {
            let pairs = values.fill_all(&call.form)?;
            let pairs = pairs.iter().map(|(name, value)| (name, value.expose()));
            let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
            request.body = Bytes::from(form);
            let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
            request.headers.insert(CONTENT_TYPE, form_type);
        }
        for (name, value) in values.fill_all(&call.headers)? {
            let header = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| refuse(format!("`{name}` is not a header")))?;
            request.set_secret_header(header, &value)?;
        }
        Ok(request)
    }

    /// The values that placeholders stand for.
    pub(super) fn values<'b>(
        cx: Context<'b>,
        client: Option<&'b ClientCredentials>,
        tokens: Option<&'b TokenSet>,
    ) -> Values<'b> {
        Values { tokens, client, variables: cx.variables }
    }
}

/// The URL with each value percent-encoded as a whole, in the path alone: host and port stay what the
/// connector file says, but for variables of the connection.
fn own_url(field: &'static str, template: &str, values: Values<'_>) -> Result<url::Url, AuthError> {
    let (scheme, rest) = template.split_once("://").unwrap_or(("", template));
    let at = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(at);
    let path = values.fill_with(path, |value| utf8_percent_encode(value, NON_ALPHANUMERIC).to_string())?;
    endpoint(field, &format!("{scheme}://{authority}{}", path.expose()), values.variables)
}

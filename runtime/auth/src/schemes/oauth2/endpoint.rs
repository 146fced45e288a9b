//! Endpoints of an auth config and redirect URIs: which URLs are taken.

use crate::error::AuthError;
use crate::http_value::is_local;
use sluis_model::connection::Variables;
use url::Url;

/// An endpoint that has to be given, or to be found by discovery.
pub(in crate::schemes) fn required(
    field: &'static str,
    text: Option<&str>,
    variables: &Variables,
) -> Result<Url, AuthError> {
    let text = text.ok_or_else(|| AuthError::BadEndpoint {
        field,
        why: "it is not given, and the provider's metadata holds none".to_owned(),
    })?;
    endpoint(field, text, variables)
}

/// An endpoint of the auth config: absolute, https, without user info or fragment. Plain http is
/// accepted for hosts that cannot be public only; the egress policy decides on those once more.
pub(in crate::schemes) fn endpoint(
    field: &'static str,
    text: &str,
    variables: &Variables,
) -> Result<Url, AuthError> {
    let refuse = |why: String| AuthError::BadEndpoint { field, why };
    let text = with_variables(text, variables)?;
    let url = Url::parse(&text)
        .map_err(|error| refuse(format!("`{}` is not an absolute URL: {error}", shown(&text))))?;
    match url.scheme() {
        "https" => {}
        "http" if is_local(&url) => {}
        "http" => {
            return Err(refuse("it starts with `http://`; tokens are sent over `https://` only".to_owned()));
        }
        other => {
            return Err(refuse(format!("it starts with `{other}:`; an endpoint starts with `https://`")));
        }
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refuse("it holds a user name or password; the client belongs under `client`".to_owned()));
    }
    if url.fragment().is_some() {
        return Err(refuse("it holds a fragment (`#…`), which RFC 6749 §3.1 forbids".to_owned()));
    }
    Ok(url)
}

/// Fills `${name}` in. A value stays within the label or segment that it stands in: it holds letters,
/// digits, `.`, `-` and `_` only.
pub(super) fn with_variables(text: &str, variables: &Variables) -> Result<String, AuthError> {
    let (mut filled, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, behind)) = after.split_once('}') else { break };
        let value = variables.get(name).ok_or_else(|| AuthError::MissingField { field: name.to_owned() })?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
        if value.is_empty() || value.contains("..") || !value.bytes().all(plain) {
            return Err(AuthError::BadField {
                field: name.to_owned(),
                why: "in a URL it may hold letters, digits, `.`, `-` and `_` only".to_owned(),
            });
        }
        filled.push_str(before);
        filled.push_str(value);
        rest = behind;
    }
    filled.push_str(rest);
    Ok(filled)
}

/// A redirect URI as it is sent: the very text, if it is one.
pub(super) fn redirect(text: &str) -> Result<&str, AuthError> {
    let refuse = |why| AuthError::BadRedirectUri { uri: shown(text), why };
    let url = Url::parse(text).map_err(|_| refuse("it is not an absolute URL"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refuse("it must start with `https://` or `http://`"));
    }
    if url.fragment().is_some() {
        return Err(refuse("it holds a fragment (`#…`), which RFC 6749 §3.1.2 forbids"));
    }
    Ok(text)
}

fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(80).collect()
}

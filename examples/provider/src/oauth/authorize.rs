//! The authorization endpoint (RFC 6749 §3.1) and the person's answer on the consent page.
//!
//! What is wrong with the client or its redirect URI is shown to the person; everything else goes
//! back to the client, with `iss` (RFC 9207) and its state.

use super::error::OAuthError;
use super::params::Params;
use crate::grants::Asked;
use crate::pages::{self, Consent};
use crate::secret;
use crate::settings::{READ, SCOPES, Settings};
use crate::state::Shared;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use std::collections::BTreeSet;
use url::Url;

/// `GET /oauth/authorize`: shows the consent page, or answers at once when nobody is to be asked.
pub(super) async fn ask(
    State(state): State<Shared>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let params = Params::parse(query.unwrap_or_default().as_bytes());
    let redirect_uri = match redirect_uri(&state.settings, &params) {
        Ok(uri) => uri,
        Err(problem) => return pages::problem(StatusCode::BAD_REQUEST, problem),
    };
    let client_state = params.get("state").map(str::to_owned);
    match read(&params, redirect_uri, client_state.clone()) {
        Err(error) => send_back_error(&state, redirect_uri, client_state.as_deref(), &error),
        Ok(asked) if state.settings.ask_person => show_consent(&state, &headers, asked),
        Ok(asked) => consented(&state, asked),
    }
}

/// `POST /oauth/decide`: the person pressed a button.
pub(super) async fn decide(State(state): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let params = match Params::parse_form(&headers, &body) {
        Ok(params) => params,
        Err(_) => {
            return pages::problem(StatusCode::BAD_REQUEST, "This is not the form of the consent page.");
        }
    };
    let browser = cookie(&state, &headers).unwrap_or_default();
    let ticket = params.get("ticket").unwrap_or_default();
    let Some(asked) = state.grants().redeem_ticket_at(state.now(), ticket, browser) else {
        let text = "This page was already answered, is too old, or was opened in another browser. \
                    Start again from the application that sent you here.";
        return pages::problem(StatusCode::FORBIDDEN, text);
    };
    if params.get("answer") == Some("allow") {
        return consented(&state, asked);
    }
    state.counts().denials += 1;
    let error = OAuthError::new("access_denied", "the person did not allow it");
    send_back_error(&state, &asked.redirect_uri, asked.state.as_deref(), &error)
}

/// The redirect URI, once it is certain that the browser may be sent there (RFC 9700 §4.1.3).
fn redirect_uri<'a>(settings: &'a Settings, params: &Params) -> Result<&'a str, &'static str> {
    let client = params.get("client_id").ok_or("The application did not say who it is (client_id).")?;
    if client != settings.client_id {
        return Err("The application that sent you here is not registered at this provider.");
    }
    let uri = params
        .get("redirect_uri")
        .ok_or("The application did not say where to go back to (redirect_uri).")?;
    let known = settings.redirect_uris.iter().find(|known| *known == uri);
    known
        .map(String::as_str)
        .ok_or("The address to go back to (redirect_uri) is not registered at this provider.")
}

/// Checks the rest of the request.
fn read(params: &Params, redirect_uri: &str, state: Option<String>) -> Result<Asked, OAuthError> {
    params.refuse_repeated()?;
    if params.need("response_type")? != "code" {
        return Err(OAuthError::new("unsupported_response_type", "this provider gives codes only"));
    }
    let challenge = params.need("code_challenge")?.to_owned();
    if params.get("code_challenge_method") != Some("S256") {
        return Err(OAuthError::invalid_request("code_challenge_method must be S256"));
    }
    // A SHA-256 digest in base64 without padding has 43 characters (RFC 7636 §4.2).
    if challenge.len() != 43 || !challenge.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    {
        return Err(OAuthError::invalid_request("code_challenge is not a digest by S256"));
    }
    let scopes = params.scopes().unwrap_or_else(|| BTreeSet::from([READ.to_owned()]));
    if !scopes.iter().all(|scope| SCOPES.iter().any(|(known, _)| known == scope)) {
        let known = SCOPES.iter().map(|(known, _)| *known).collect::<Vec<_>>().join(" ");
        return Err(OAuthError::new("invalid_scope", format!("the scopes here are: {known}")));
    }
    Ok(Asked { redirect_uri: redirect_uri.to_owned(), scopes, state, challenge })
}

fn show_consent(state: &Shared, headers: &HeaderMap, asked: Asked) -> Response {
    let known = cookie(state, headers).filter(|value| value.len() == 43);
    let browser = known.map_or_else(secret::random, str::to_owned);
    let asks = SCOPES.iter().filter(|(scope, _)| asked.scopes.contains(*scope)).map(|(_, words)| *words);
    let (redirect_uri, asks) = (asked.redirect_uri.clone(), asks.collect());
    let ticket = state.grants().ticket_at(state.now(), asked, &browser);
    let mut response = pages::consent(&Consent {
        client: &state.settings.client_name,
        person: &state.settings.person,
        email: &state.settings.email,
        asks,
        returns_to: &origin(&redirect_uri),
        action: super::DECIDE,
        ticket: &ticket,
    });
    let set = format!("{}={browser}; Path=/oauth; HttpOnly; SameSite=Lax", cookie_name(state));
    // Ours alone are the characters of this cookie, so it always is a header value.
    if let Ok(value) = HeaderValue::from_str(&set) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    response
}

fn consented(state: &Shared, asked: Asked) -> Response {
    let (redirect_uri, client_state) = (asked.redirect_uri.clone(), asked.state.clone());
    let code = state.grants().code_at(state.now(), asked);
    state.counts().consents += 1;
    send_back(state, &redirect_uri, client_state.as_deref(), &[("code", &code)])
}

fn send_back_error(state: &Shared, to: &str, client_state: Option<&str>, error: &OAuthError) -> Response {
    let fields = [("error", error.error), ("error_description", &error.error_description)];
    send_back(state, to, client_state, &fields)
}

/// Sends the browser to the client with the answer in the query. 303 turns a POST into a GET
/// (RFC 9700 §4.12: never 307).
fn send_back(state: &Shared, to: &str, client_state: Option<&str>, fields: &[(&str, &str)]) -> Response {
    let Ok(mut url) = Url::parse(to) else {
        return pages::problem(StatusCode::BAD_REQUEST, "The registered redirect URI is not an address.");
    };
    url.query_pairs_mut().extend_pairs(fields).extend_pairs(client_state.map(|value| ("state", value)));
    url.query_pairs_mut().append_pair("iss", &state.issuer);
    let headers = [
        (header::LOCATION, String::from(url)),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (header::REFERRER_POLICY, "no-referrer".to_owned()),
    ];
    (StatusCode::SEE_OTHER, headers).into_response()
}

/// Where the browser goes afterwards, in the form that a content security policy wants: an origin,
/// or the scheme of an application that is not on the web.
fn origin(uri: &str) -> String {
    match Url::parse(uri) {
        Ok(url) if url.origin().is_tuple() => url.origin().ascii_serialization(),
        Ok(url) => format!("{}:", url.scheme()),
        Err(_) => String::new(),
    }
}

/// Cookies do not know ports (RFC 6265 §8.5), so two providers on one host need two names.
fn cookie_name(state: &Shared) -> String {
    let port = state.issuer.rsplit(':').next().unwrap_or_default();
    format!("sample_consent_{port}")
}

fn cookie<'a>(state: &Shared, headers: &'a HeaderMap) -> Option<&'a str> {
    let name = cookie_name(state);
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

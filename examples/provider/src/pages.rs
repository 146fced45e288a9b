//! What a person sees. Templates escape everything that is put into them; no script runs here.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::get;

use crate::contacts::Contact;
use crate::settings::SCOPES;
use crate::state::Shared;

/// The consent page.
#[derive(Template)]
#[template(path = "consent.html")]
pub(crate) struct Consent<'a> {
    /// Name of the application that asks.
    pub client: &'a str,
    /// Who is asked.
    pub person: &'a str,
    /// The person's address.
    pub email: &'a str,
    /// What the application wants, in words.
    pub asks: Vec<&'static str>,
    /// Origin that the browser is sent to afterwards.
    pub returns_to: &'a str,
    /// Where the form goes.
    pub action: &'static str,
    /// What proves that the answer belongs to this page.
    pub ticket: &'a str,
}

#[derive(Template)]
#[template(path = "problem.html")]
struct Problem<'a> {
    problem: &'a str,
}

#[derive(Template)]
#[template(path = "home.html")]
struct Home<'a> {
    issuer: &'a str,
    client: &'a str,
    client_id: &'a str,
    person: &'a str,
    scopes: &'static [(&'static str, &'static str)],
    contacts: Vec<Contact>,
}

/// The pages that are not part of an OAuth endpoint.
pub(crate) fn routes() -> Router<Shared> {
    Router::new().route("/", get(home)).route("/style.css", get(style))
}

/// The consent page as an answer.
pub(crate) fn consent(page: &Consent<'_>) -> Response {
    // Browsers hold the redirect after the form to `form-action` as well, so the client is named.
    render(StatusCode::OK, page, &format!("'self' {}", page.returns_to))
}

/// A page that says what went wrong when the browser cannot be sent back to the client.
pub(crate) fn problem(status: StatusCode, problem: &str) -> Response {
    render(status, &Problem { problem }, "'none'")
}

async fn home(State(state): State<Shared>) -> Response {
    let page = Home {
        issuer: &state.issuer,
        client: &state.settings.client_name,
        client_id: &state.settings.client_id,
        person: &state.settings.person,
        scopes: SCOPES,
        contacts: state.contacts().all(),
    };
    render(StatusCode::OK, &page, "'none'")
}

async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("../templates/style.css"))
        .into_response()
}

fn render(status: StatusCode, page: &impl Template, form_action: &str) -> Response {
    let policy = format!(
        "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action {form_action}"
    );
    let headers: [(HeaderName, &str); 5] = [
        (header::CONTENT_SECURITY_POLICY, &policy),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // `no-referrer` would make the form's `Origin` null; the query never leaves this origin.
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    match page.render() {
        Ok(html) => (status, headers, Html(html)).into_response(),
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, "the page could not be made").into_response(),
    }
}

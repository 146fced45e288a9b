//! What a person sees in the browser after consent: one small page without scripts and without
//! anything from elsewhere. Every text is escaped by the template.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, StatusCode, header};
use sha2::{Digest as _, Sha256};
use sluis_model::grant::{Grant, GrantOutcome};
use std::sync::LazyLock;

/// The style, which the page's policy allows by its digest and nothing else.
const STYLE: &str = include_str!("../templates/page.css");

static POLICY: LazyLock<String> = LazyLock::new(|| {
    let digest = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
});

/// The page.
#[derive(Debug, Template)]
#[template(path = "page.html")]
pub struct Page {
    status: StatusCode,
    /// `good`, `waiting` or `bad`: colour and sign.
    mood: &'static str,
    sign: &'static str,
    title: String,
    text: String,
    reason: Option<String>,
    style: &'static str,
}

impl Page {
    fn new(status: StatusCode, mood: &'static str, title: String, text: &str) -> Self {
        let sign = match mood {
            "good" => "✓",
            "waiting" => "…",
            _ => "!",
        };
        Self { status, mood, sign, title, text: text.to_owned(), reason: None, style: STYLE }
    }

    fn because(mut self, reason: &str) -> Self {
        self.reason = (!reason.is_empty()).then(|| reason.to_owned());
        self
    }

    /// How an attempt stands.
    pub fn of(grant: &Grant) -> Self {
        let connector = &grant.connector;
        match &grant.outcome {
            GrantOutcome::Authorized => Self::new(
                StatusCode::OK,
                "good",
                format!("{connector} is connected"),
                "You can close this window. What waited for it goes on by itself.",
            ),
            GrantOutcome::Denied { reason } => Self::new(
                StatusCode::OK,
                "bad",
                format!("{connector} is not connected"),
                "Access was not granted, and nothing was stored. You can close this window, and start again whenever you like.",
            )
            .because(reason),
            GrantOutcome::Failed { reason } => Self::new(
                StatusCode::OK,
                "bad",
                format!("{connector} could not be connected"),
                "Nothing was stored. You can close this window and start again; if it fails the same way, show this page to your administrator.",
            )
            .because(reason),
            GrantOutcome::Expired => expired(),
            GrantOutcome::Waiting | GrantOutcome::Exchanging => Self::new(
                StatusCode::OK,
                "waiting",
                format!("{connector} is being connected"),
                "This takes a moment. Reload the page to see how it ends.",
            ),
        }
    }
}

fn expired() -> Page {
    Page::new(
        StatusCode::BAD_REQUEST,
        "bad",
        "This link has expired".to_owned(),
        "Nobody used it in time, and nothing was stored. Ask for a new link and open that one.",
    )
}

/// A link that means nothing here, or nothing any more.
pub fn not_ours(status: StatusCode) -> Page {
    Page::new(
        status,
        "bad",
        "This link cannot be used".to_owned(),
        "It works once and for a short time: it has been used, or it has expired, or it was not made here. \
         If the connection was made a moment ago, all is well and you can close this window. \
         Otherwise ask for a new link.",
    )
}

/// A failure that is not the person's.
pub fn our_fault(status: StatusCode) -> Page {
    Page::new(
        status,
        "bad",
        "Something went wrong here".to_owned(),
        "The connection was not made, and it is not your fault. Ask for a new link in a few minutes; \
         the administrator finds the cause in the server's log.",
    )
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let html = match self.render() {
            Ok(html) => html,
            Err(error) => {
                tracing::error!(%error, "the page could not be written");
                return StatusCode::INTERNAL_SERVER_ERROR.into_response();
            }
        };
        let mut answer = (self.status, Html(html)).into_response();
        // Digest and directives are ASCII, so they always fit a header.
        if let Ok(policy) = HeaderValue::from_str(&POLICY) {
            answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_provider_says_is_escaped() {
        let page = not_ours(StatusCode::BAD_REQUEST).because("<script>alert(1)</script>\"'&");
        let html = page.render().unwrap();
        assert!(!html.contains("<script"), "{html}");
        assert!(html.contains("alert(1)"), "{html}");
    }

    #[test]
    fn the_policy_allows_the_very_style_that_the_page_carries() {
        let html = not_ours(StatusCode::BAD_REQUEST).render().unwrap();
        let style = html.split("<style>").nth(1).and_then(|rest| rest.split("</style>").next()).unwrap();
        let digest = STANDARD.encode(Sha256::digest(style.as_bytes()));
        assert!(POLICY.contains(&format!("'sha256-{digest}'")), "{}", *POLICY);
        assert!(!html.contains("http://") && !html.contains("https://"), "nothing from elsewhere: {html}");
    }
}

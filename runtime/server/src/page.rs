//! What a person sees in the browser before and after consent: one small page without scripts and
//! without anything from elsewhere. Every text is escaped by the template.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, StatusCode, header};
use sha2::{Digest as _, Sha256};
use sluis_engine::Question;
use sluis_model::error::Failure;
use sluis_model::grant::{AskedBy, Grant, GrantOutcome};
use sluis_model::id::Namespace;
use std::sync::LazyLock;
use url::Url;

/// The style, which the page's policy allows by its digest and nothing else.
const STYLE: &str = include_str!("../templates/page.css");

static STYLE_DIGEST: LazyLock<String> = LazyLock::new(|| policy_digest(STYLE));

/// How a content security policy names a style or script that stands in the page itself.
pub fn policy_digest(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text.as_bytes())))
}

/// Where forms may lead on pages without one.
const NOWHERE: &str = "'none'";
/// Where the one form may lead. Some browsers hold the redirect to the provider, and those that the
/// provider makes, against this list, so it cannot be narrower than what providers are reached by.
const BY_TLS: &str = "'self' https:";
/// The same on this machine, where providers may be without TLS.
const LOCAL: &str = "'self' https: http:";

fn policy(forms: &str, has_logo: bool) -> String {
    let style = &*STYLE_DIGEST;
    let pictures = if has_logo { " img-src data:;" } else { "" };
    format!(
        "default-src 'none'; style-src '{style}';{pictures} base-uri 'none'; form-action {forms}; frame-ancestors 'none'"
    )
}

/// The question whether somebody wants to go on, with the button that does.
#[derive(Debug)]
struct Form {
    /// What is asked for, line by line: name and value.
    facts: Vec<(&'static str, String)>,
    confirmation: String,
    button: String,
}

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
    logo: Option<String>,
    form: Option<Form>,
    forms: &'static str,
    style: &'static str,
}

impl Page {
    fn new(status: StatusCode, mood: &'static str, title: String, text: &str) -> Self {
        let sign = match mood {
            "good" => "✓",
            "waiting" => "…",
            _ => "!",
        };
        Self {
            status,
            mood,
            sign,
            title,
            text: text.to_owned(),
            reason: None,
            logo: None,
            form: None,
            forms: NOWHERE,
            style: STYLE,
        }
    }

    /// Asks whether somebody wants to go to the provider.
    pub fn ask(question: &Question, public_url: &Url) -> Self {
        let Question { grant, service, logo, scopes, confirmation } = question;
        let text = "You will be asked by the service itself, on its own page, whether you agree. Go on only if \
                    you expected this: whoever asks can then use your account there as listed.";
        let mut page = Self::new(StatusCode::OK, "waiting", format!("Connect {service}?"), text);
        let mut facts = vec![
            ("Organisation", grant.org.to_string()),
            ("Connector", grant.key().to_string()),
            ("Access asked for", scopes_in_words(scopes)),
            ("Asked by", asker(&grant.asked_by)),
        ];
        if let Some(user) = &grant.user {
            facts.push(("For the user", user.to_string()));
        }
        page.logo.clone_from(logo);
        let button = format!("Continue to {service}");
        page.form = Some(Form { facts, confirmation: confirmation.clone(), button });
        page.forms = if public_url.scheme() == "https" { BY_TLS } else { LOCAL };
        page
    }

    /// Shows the code that somebody enters at the provider. The address is text, not a link: whoever was
    /// sent here by somebody else should see where they are about to go.
    pub fn enter_code(grant: &Grant) -> Self {
        let text = "Open this address on any device, enter the code there, and go on only if you expected this: \
                    whoever asks can then use your account as listed. This page need not stay open.";
        let mut page = Self::new(StatusCode::OK, "waiting", format!("Connect {}?", grant.connector), text);
        if let Some(device) = &grant.device {
            page.reason = Some(format!("{}   {}", device.verification_uri, device.user_code));
        }
        page
    }

    /// A link that cannot be used, and why.
    pub fn unusable(failure: &Failure) -> Self {
        not_ours(StatusCode::BAD_REQUEST).because(&failure.message)
    }

    /// Adds why.
    pub fn because(mut self, reason: &str) -> Self {
        self.reason = (!reason.is_empty()).then(|| reason.to_owned());
        self
    }

    /// How an attempt stands.
    pub fn of(grant: &Grant) -> Self {
        let connector = &grant.connector;
        match &grant.outcome {
            GrantOutcome::Authorized => {
                let page = Self::new(
                    StatusCode::OK,
                    "good",
                    format!("{connector} is connected"),
                    "You can close this window. What waited for it goes on by itself.",
                );
                match grant.missing_scopes.as_slice() {
                    [] => page,
                    missing => page.because(&format!(
                        "Not everything was granted. Calls that need the following will fail until somebody \
                         connects again and allows it: {}",
                        missing.join(", ")
                    )),
                }
            }
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

fn scopes_in_words(scopes: &[String]) -> String {
    if scopes.is_empty() { "what the service gives by default".to_owned() } else { scopes.join(", ") }
}

fn asker(asked_by: &AskedBy) -> String {
    match asked_by {
        AskedBy::Api => "a program, over the HTTP API".to_owned(),
        AskedBy::Terminal => "somebody at a terminal of this server".to_owned(),
        AskedBy::Script { label } => format!("the script {label}"),
        AskedBy::Site { origin } => format!("{origin}, where you are sent back to"),
    }
}

/// The browser did not send the cookie that the page before has given it.
pub fn no_cookie() -> Page {
    Page::new(
        StatusCode::BAD_REQUEST,
        "bad",
        "This browser was not recognised".to_owned(),
        "Open the link again and go on from the page that it shows. Cookies must be allowed for this \
         address; they are how we know that whoever begins is whoever finishes.",
    )
}

/// The redirect URI of before, without the org.
pub fn former_address(public_url: &Url, connector: &Namespace) -> Page {
    let base = public_url.as_str().trim_end_matches('/');
    Page::new(
        StatusCode::GONE,
        "bad",
        "This address is no longer used".to_owned(),
        "The service sent you back to a redirect URI of an older version, and nothing was stored. The \
         administrator registers the new one at the service, with the organisation in it; then begin again.",
    )
    .because(&format!("{base}/oauth/callback/ORGANISATION/{connector}"))
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
        if let Ok(policy) = HeaderValue::from_str(&policy(self.forms, self.logo.is_some())) {
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
        let plain = policy(NOWHERE, false);
        assert!(plain.contains(&format!("'sha256-{digest}'")) && !plain.contains("img-src"), "{plain}");
        assert!(policy(NOWHERE, true).contains("img-src data:;"));
        assert!(!html.contains("http://") && !html.contains("https://"), "nothing from elsewhere: {html}");
    }
}

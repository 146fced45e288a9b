//! The link that a person is given to authorize a connector. It shows what is asked for and by whom;
//! going on binds the attempt to this browser and leads to the provider.

use super::callback::{not_head, refused};
use crate::access::cookie::BROWSER;
use crate::error::ApiError;
use crate::page::{self, Page};
use crate::state::App;
use axum::Router;
use axum::extract::{Form, Path, State};
use axum::response::{AppendHeaders, IntoResponse as _, Response};
use axum::routing::get;
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use sluis_engine::LinkOpened;
use sluis_model::error::{Failure, Reason};
use sluis_model::secret::SecretText;

/// `GET` and `POST /connect/{link}`.
pub fn routes() -> Router<App> {
    Router::new().route("/connect/{link}", get(open).post(go_on).head(not_head))
}

/// Shows the question, and makes the browser known. Claims nothing: whoever previews links in a chat
/// opens them too.
async fn open(State(app): State<App>, Path(link): Path<String>, headers: HeaderMap) -> Response {
    let engine = &app.engine;
    let present = BROWSER.of(engine, &headers);
    let browser = present.clone().unwrap_or_else(|| engine.new_browser());
    let answer = match engine.open_link(&link.into(), &browser).await {
        Ok(LinkOpened::Ask(question)) => Page::ask(&question, engine.public_url()).into_response(),
        Ok(LinkOpened::EnterCode(grant)) => Page::enter_code(&grant).into_response(),
        Ok(LinkOpened::GoOn(url)) => to_provider(url.as_str()),
        Ok(LinkOpened::Decided(grant)) => return Page::of(&grant).into_response(),
        Err(failure) => return not_begun(failure),
    };
    match present {
        Some(_) => answer,
        None => (AppendHeaders([BROWSER.set(engine, &browser)]), answer).into_response(),
    }
}

#[derive(Deserialize)]
struct Confirmation {
    #[serde(default)]
    confirmation: String,
}

/// The person agrees to go to the provider. The form holds what only the page of this very browser
/// could know, so no other site can agree in its name.
async fn go_on(
    State(app): State<App>,
    Path(link): Path<String>,
    headers: HeaderMap,
    Form(form): Form<Confirmation>,
) -> Response {
    let from_elsewhere = headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin");
    let Some(browser) = BROWSER.of(&app.engine, &headers).filter(|_| !from_elsewhere) else {
        return page::no_cookie().into_response();
    };
    let engine = app.engine.clone();
    let link = SecretText::from(link);
    let follow = async move { engine.follow_link(&link, &browser, &form.confirmation).await };
    match app.work.carry_out(follow).await {
        Ok(url) => to_provider(url.as_str()),
        Err(error) => refused(&error).into_response(),
    }
}

/// 303, so that the provider is asked by GET and gets nothing of the form (RFC 9700 §4.12).
fn to_provider(url: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, url)]).into_response()
}

fn not_begun(failure: Failure) -> Response {
    match failure.reason {
        Reason::InvalidGrantState => Page::unusable(&failure).into_response(),
        _ => refused(&ApiError::from(failure)).into_response(),
    }
}

//! `GET /v1/auth/{plugin}/{auth}?redirect_url=…`: a person's browser on its way to a provider and back. No
//! key is shown here, as browsers have none: what guards it is that it leads back to allowed addresses
//! only, makes a connection of its own, and is worth something only to whoever has the key.

use super::failed;
use super::key::MaybeKeyed;
use crate::state::App;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::{StatusCode, header};
use serde::Deserialize;
use sluis_model::error::{Failure, Reason};

/// Where a backend's page leads people.
pub fn routes() -> Router<App> {
    Router::new().route("/v1/auth/{plugin}/{auth}", get(begin))
}

#[derive(Deserialize)]
struct Which {
    plugin: String,
    auth: String,
}

async fn begin(
    State(app): State<App>,
    MaybeKeyed { org, .. }: MaybeKeyed,
    Path(Which { plugin, auth }): Path<Which>,
    RawQuery(query): RawQuery,
) -> Response {
    let address = match redirect_url(query.as_deref().unwrap_or_default()) {
        Ok(address) => address,
        Err(failure) => return failed(&failure),
    };
    match app.engine.proxy_authorize(&org, &plugin, &auth, &address).await {
        Ok(link) => (StatusCode::FOUND, [(header::LOCATION, String::from(link))]).into_response(),
        Err(failure) if failure.reason == Reason::NotFound => {
            (StatusCode::NOT_FOUND, "Auth not found").into_response()
        }
        Err(failure) => failed(&failure),
    }
}

/// The one parameter. A `?` in it needs no encoding; an `&` does, for what follows it is another parameter.
fn redirect_url(query: &str) -> Result<String, Failure> {
    let mut found = None;
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        if name != "redirect_url" || found.is_some() {
            let shown: String = name.chars().take(50).collect();
            return Err(Failure::new(Reason::InvalidInput, format!("`{shown}` is a parameter too many"))
                .help("percent-encode the value of redirect_url"));
        }
        found = Some(value.into_owned());
    }
    found.filter(|address| !address.is_empty()).ok_or_else(|| {
        Failure::new(Reason::InvalidInput, "`redirect_url` is missing")
            .help("the address of the backend to which the browser goes back, percent-encoded")
    })
}

#[cfg(test)]
mod tests {
    use super::redirect_url;

    #[test]
    fn an_address_comes_encoded_or_as_the_backend_writes_it() {
        let encoded = "redirect_url=https%3A%2F%2Fb.example%2Fcb%2Fx%3Ftoken%3Da.b%26c%3Dd";
        assert_eq!(redirect_url(encoded).unwrap(), "https://b.example/cb/x?token=a.b&c=d");
        let plain = "redirect_url=https://b.example/cb/x?token=a.b";
        assert_eq!(redirect_url(plain).unwrap(), "https://b.example/cb/x?token=a.b");
        for wrong in ["", "redirect_url=", "redirect_url=a&b=c", "redirect_url=a&redirect_url=b", "x=y"] {
            assert!(redirect_url(wrong).is_err(), "{wrong}");
        }
    }
}

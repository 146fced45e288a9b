//! Who asks: whoever shows the server's API token. Mounted once over everything under `/v1`, so that
//! a new route cannot forget it.

use crate::error::ApiError;
use crate::state::App;
use axum::extract::FromRequestParts;
use http::header;
use http::request::Parts;

/// A caller that has shown the token.
pub struct Caller;

/// Challenge when nothing was shown (RFC 6750 §3).
const CHALLENGE: &str = r#"Bearer realm="sluis""#;
/// Challenge when the wrong thing was shown (RFC 6750 §3.1).
const CHALLENGE_INVALID: &str = r#"Bearer realm="sluis", error="invalid_token""#;

impl FromRequestParts<App> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let Some(token) = &app.api_token else {
            return Err(ApiError::unauthenticated("this server was started without an API token", CHALLENGE));
        };
        let mut shown = parts.headers.get_all(header::AUTHORIZATION).iter();
        let (Some(value), None) = (shown.next(), shown.next()) else {
            return Err(ApiError::unauthenticated("exactly one `Authorization` header is needed", CHALLENGE));
        };
        let given = value.to_str().ok().and_then(bearer).ok_or_else(|| {
            ApiError::unauthenticated(
                "the `Authorization` header is not of the form `Bearer TOKEN`",
                CHALLENGE,
            )
        })?;
        if sluis_vault::same_text(given, token.expose()) {
            Ok(Self)
        } else {
            Err(ApiError::unauthenticated("the API token is not the one of this server", CHALLENGE_INVALID))
        }
    }
}

/// The token of `Bearer TOKEN`; the scheme is matched without case (RFC 9110 §11.1).
fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim_start_matches(' ');
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::bearer;

    #[test]
    fn the_scheme_is_matched_without_case_and_needs_a_token() {
        assert_eq!(bearer("bearer  abc"), Some("abc"));
        assert_eq!(bearer("Bearer "), None);
        assert_eq!(bearer("Basic abc"), None);
        assert_eq!(bearer("Bearerabc"), None);
    }
}

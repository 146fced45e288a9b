//! Who asks: whoever shows the server's own API token or one that was made with it (`slu_…`). Mounted
//! once over everything under `/api/v1`, so that a new route cannot forget it.

use crate::error::ApiError;
use crate::state::App;
use axum::extract::FromRequestParts;
use http::header;
use http::request::Parts;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::OrgId;
use sluis_model::secret::SecretText;
use sluis_vault::api_token::ApiToken;

/// A caller that has shown a token that counts, for what is asked: one that was made for an org counts
/// under `/api/v1/orgs/{org}` of that org and nowhere else.
pub struct Caller;

/// A caller that has shown the server's own token, for what concerns keys and tokens themselves.
pub struct Operator;

/// Challenge when nothing was shown (RFC 6750 §3).
const CHALLENGE: &str = r#"Bearer realm="sluis""#;
/// Challenge when the wrong thing was shown (RFC 6750 §3.1).
const CHALLENGE_INVALID: &str = r#"Bearer realm="sluis", error="invalid_token""#;

impl FromRequestParts<App> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let (given, own) = shown(parts, app)?;
        if sluis_vault::same_text(given, own.expose()) {
            return Ok(Self);
        }
        // Asked anew for each request: one that is revoked counts no more from that moment on.
        match app.engine.verify_api_token(given).await {
            Ok(ApiToken { org: Some(org), .. }) if !is_under(parts.uri.path(), &org) => {
                let refused = Failure::new(
                    Reason::Forbidden,
                    format!("this API token acts for the organisation `{org}` and for nothing else"),
                );
                Err(ApiError::from(refused).help(format!("with it, paths begin with /api/v1/orgs/{org}/")))
            }
            Ok(_) => Ok(Self),
            Err(refused) if refused.reason == Reason::Unauthenticated => {
                Err(ApiError::unauthenticated(refused.message, CHALLENGE_INVALID))
            }
            Err(failure) => Err(failure.into()),
        }
    }
}

impl FromRequestParts<App> for Operator {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let (given, own) = shown(parts, app)?;
        if sluis_vault::same_text(given, own.expose()) {
            return Ok(Self);
        }
        let refused = Failure::new(Reason::Forbidden, "this needs the server's own API token");
        Err(ApiError::from(refused)
            .help("it stands in SLUIS_API_TOKEN or in the file `api-token` of the data folder"))
    }
}

/// Whether a path below `/api/v1` is the org's own. Compared as it is written: another spelling of it is
/// refused rather than understood.
fn is_under(path: &str, org: &OrgId) -> bool {
    let mut segments = path.strip_prefix("/api/v1").unwrap_or(path).split('/');
    let first = (segments.next(), segments.next(), segments.next());
    first == (Some(""), Some("orgs"), Some(org.as_str()))
}

/// The token that a request shows, and the server's own.
fn shown<'a>(parts: &'a Parts, app: &'a App) -> Result<(&'a str, &'a SecretText), ApiError> {
    let Some(own) = &app.api_token else {
        return Err(ApiError::unauthenticated("this server was started without an API token", CHALLENGE));
    };
    let mut values = parts.headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(ApiError::unauthenticated("exactly one `Authorization` header is needed", CHALLENGE));
    };
    let given = value.to_str().ok().and_then(bearer).ok_or_else(|| {
        ApiError::unauthenticated("the `Authorization` header is not of the form `Bearer TOKEN`", CHALLENGE)
    })?;
    Ok((given, own))
}

/// The token of `Bearer TOKEN`; the scheme is matched without case (RFC 9110 §11.1).
fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim_start_matches(' ');
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::{bearer, is_under};

    #[test]
    fn a_path_is_an_orgs_own_by_its_segments() {
        let acme = "acme".parse().unwrap();
        for own in ["/api/v1/orgs/acme", "/orgs/acme/runs/1", "/orgs/acme/"] {
            assert!(is_under(own, &acme), "{own}");
        }
        for other in [
            "/api/v1/orgs/acmes",
            "/api/v1/orgs/rival/acme",
            "/orgs//acme",
            "/api/v1/connectors",
            "/orgs/%61cme",
            "",
        ] {
            assert!(!is_under(other, &acme), "{other}");
        }
    }

    #[test]
    fn the_scheme_is_matched_without_case_and_needs_a_token() {
        assert_eq!(bearer("bearer  abc"), Some("abc"));
        assert_eq!(bearer("Bearer "), None);
        assert_eq!(bearer("Basic abc"), None);
        assert_eq!(bearer("Bearerabc"), None);
    }
}

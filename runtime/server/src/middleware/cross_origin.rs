//! Pages of other origins that may read answers: those on the operator's list and no others (Fetch
//! Standard, CORS protocol). Cookies never go along, so a page can do what its token can and no more.

use http::{HeaderName, HeaderValue, Method, header};
use std::fmt;
use std::time::Duration;
use tower_http::cors::{AllowOrigin, CorsLayer};
use url::Url;

/// An origin as browsers write it: scheme, host and port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(HeaderValue);

/// Why a text is no origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoOrigin(String);

impl fmt::Display for NoOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NoOrigin {}

impl std::str::FromStr for Origin {
    type Err = NoOrigin;

    fn from_str(text: &str) -> Result<Self, NoOrigin> {
        if text == "*" || text == "null" {
            return Err(NoOrigin(format!(
                "`{text}` would let every page in; name each origin, such as https://app.example.com"
            )));
        }
        let refused = || NoOrigin(format!("`{text}` is no origin; write it as https://app.example.com"));
        let url = Url::parse(text).map_err(|_| refused())?;
        let origin = url.origin().ascii_serialization();
        if !matches!(url.scheme(), "https" | "http") {
            return Err(refused());
        }
        if origin != text {
            return Err(NoOrigin(format!("`{text}` is more than an origin; did you mean {origin}?")));
        }
        HeaderValue::from_str(&origin).map(Self).map_err(|_| refused())
    }
}

/// The layer; without origins there is none.
pub fn layer(origins: &[Origin]) -> Option<CorsLayer> {
    let allowed: Vec<HeaderValue> = origins.iter().map(|Origin(origin)| origin.clone()).collect();
    let own = |name: &'static str| HeaderName::from_static(name);
    (!allowed.is_empty()).then(|| {
        CorsLayer::new()
            .allow_origin(AllowOrigin::list(allowed))
            .allow_methods([Method::GET, Method::PUT, Method::POST, Method::PATCH, Method::DELETE])
            .allow_headers([
                header::AUTHORIZATION,
                header::CONTENT_TYPE,
                header::IF_MATCH,
                header::IF_NONE_MATCH,
                own("idempotency-key"),
            ])
            .expose_headers([
                header::ETAG,
                header::LOCATION,
                header::RETRY_AFTER,
                own("ratelimit"),
                own("ratelimit-policy"),
                own("x-request-id"),
                own("idempotency-replayed"),
            ])
            .max_age(Duration::from_secs(3600))
    })
}

#[cfg(test)]
mod tests {
    use super::Origin;

    #[test]
    fn an_origin_is_written_as_browsers_write_it() {
        for good in ["https://app.example.com", "http://localhost:5173", "https://app.example.com:8443"] {
            assert!(good.parse::<Origin>().is_ok(), "{good}");
        }
        let why = |text: &str| text.parse::<Origin>().unwrap_err().to_string();
        assert!(why("*").contains("every page"));
        assert!(why("null").contains("every page"));
        assert!(why("https://app.example.com/").contains("did you mean https://app.example.com?"));
        assert!(why("https://App.example.com:443/x").contains("did you mean https://app.example.com?"));
        assert!(why("app.example.com").contains("no origin"));
        assert!(why("ftp://app.example.com").contains("no origin"));
    }
}

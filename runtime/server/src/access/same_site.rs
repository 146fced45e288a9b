//! Whether a request that carries a cookie was made by a page of ours. A cookie is sent whoever makes
//! the browser ask; a page of another origin can neither choose these headers nor leave them out
//! (W3C Fetch Metadata; OWASP CSRF Prevention Cheat Sheet).

use http::{HeaderMap, Method};
use url::Url;

/// Whether it may change something. What only reads passes: its answer cannot be read from elsewhere.
pub fn may_change(method: &Method, headers: &HeaderMap, public_url: &Url) -> bool {
    if method.is_safe() {
        return true;
    }
    let one = |name: &str| {
        let mut values = headers.get_all(name).iter();
        match (values.next(), values.next()) {
            (Some(value), None) => Some(value.to_str().unwrap_or("null")),
            (None, _) => None,
            (Some(_), Some(_)) => Some("null"),
        }
    };
    let same_site = one("sec-fetch-site").is_none_or(|site| site == "same-origin");
    let origin = one("origin");
    let ours = origin.is_some_and(|origin| origin == public_url.origin().ascii_serialization());
    // Browsers name the origin of every request that may change something; what names none is no browser.
    same_site && (ours || (origin.is_none() && one("sec-fetch-site").is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(method: &str, headers: &[(&'static str, &'static str)]) -> bool {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        may_change(&method.parse().unwrap(), &map, &"https://sluis.example.com/base".parse().unwrap())
    }

    #[test]
    fn a_page_of_ours_may_and_one_of_another_origin_may_not() {
        let ours = ("origin", "https://sluis.example.com");
        assert!(allowed("POST", &[ours]));
        assert!(allowed("DELETE", &[ours, ("sec-fetch-site", "same-origin")]));
        assert!(allowed("GET", &[("origin", "https://evil.example")]));
        for refused in [
            &[][..],
            &[("origin", "null")],
            &[("origin", "https://evil.example")],
            &[("origin", "http://sluis.example.com")],
            &[("origin", "https://sluis.example.com:8443")],
            &[("origin", "https://sluis.example.com.evil.example")],
            &[("origin", "https://app.sluis.example.com")],
            &[ours, ours],
            &[ours, ("sec-fetch-site", "cross-site")],
            &[ours, ("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "none")],
        ] {
            assert!(!allowed("POST", refused), "{refused:?}");
        }
    }
}

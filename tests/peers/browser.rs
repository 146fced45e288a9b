//! A browser without a window: follows redirects, keeps cookies, sends forms. No script, no frames.

use anyhow::{Context as _, Result, bail};
use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use url::{Url, form_urlencoded};

/// Redirects followed before it is called a loop.
const HOPS: usize = 20;

struct Cookie {
    origin: String,
    path: String,
    name: String,
    value: String,
}

/// One person's browser. Its cookies last as long as it does.
pub struct Browser {
    client: Client,
    jar: Mutex<Vec<Cookie>>,
}

/// Where a walk ended.
#[derive(Debug)]
pub enum Arrival {
    /// A redirect led to an address that starts with what the caller waits for. It was not fetched.
    Awaited(Url),
    /// A page that is not a redirect.
    Page(Page),
}

/// A page that the browser shows.
#[derive(Debug)]
pub struct Page {
    /// Its address.
    pub url: Url,
    /// Status of the answer.
    pub status: StatusCode,
    /// The body as text.
    pub body: String,
}

impl Browser {
    /// A browser that has been nowhere.
    ///
    /// # Errors
    /// When the HTTP client cannot be made.
    pub fn new() -> Result<Self> {
        let timeout = Duration::from_secs(20);
        let client = Client::builder().redirect(Policy::none()).no_proxy().timeout(timeout).build()?;
        Ok(Self { client, jar: Mutex::default() })
    }

    /// Opens an address and follows redirects until one leads to an address that starts with
    /// `awaited`, or until there is a page. An empty `awaited` waits for nothing.
    ///
    /// # Errors
    /// When a server cannot be reached, or redirects without end.
    pub async fn open(&self, url: Url, awaited: &str) -> Result<Arrival> {
        let request = self.client.request(Method::GET, url.clone());
        self.walk(url, request, awaited).await
    }

    /// Sends a form by POST and goes on like [`Browser::open`].
    ///
    /// # Errors
    /// As for [`Browser::open`].
    pub async fn submit(&self, url: Url, fields: &[(&str, &str)], awaited: &str) -> Result<Arrival> {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = self.client.request(Method::POST, url.clone()).body(body);
        self.walk(url, request.header(CONTENT_TYPE, "application/x-www-form-urlencoded"), awaited).await
    }

    async fn walk(&self, mut url: Url, mut request: RequestBuilder, awaited: &str) -> Result<Arrival> {
        for _ in 0..HOPS {
            if let Some(cookies) = self.cookies_for(&url) {
                request = request.header(COOKIE, cookies);
            }
            let response = request.send().await.with_context(|| format!("opening {}", url.path()))?;
            self.keep_cookies(&url, &response);
            let Some(location) = response.headers().get(LOCATION) else {
                let status = response.status();
                return Ok(Arrival::Page(Page { url, status, body: response.text().await? }));
            };
            url = url.join(location.to_str()?)?;
            if !awaited.is_empty() && url.as_str().starts_with(awaited) {
                return Ok(Arrival::Awaited(url));
            }
            request = self.client.get(url.clone());
        }
        bail!("more than {HOPS} redirects, the last to {}", url.path())
    }

    fn cookies_for(&self, url: &Url) -> Option<String> {
        let jar = self.jar.lock().unwrap_or_else(PoisonError::into_inner);
        let origin = url.origin().ascii_serialization();
        let fits = |cookie: &&Cookie| cookie.origin == origin && path_matches(&cookie.path, url.path());
        let pairs: Vec<_> = jar.iter().filter(fits).map(|c| format!("{}={}", c.name, c.value)).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    fn keep_cookies(&self, url: &Url, response: &Response) {
        let mut jar = self.jar.lock().unwrap_or_else(PoisonError::into_inner);
        let lines = response.headers().get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
        for (cookie, gone) in lines.filter_map(|line| parse_cookie(url, line)) {
            jar.retain(|old| {
                (&old.origin, &old.path, &old.name) != (&cookie.origin, &cookie.path, &cookie.name)
            });
            if !gone {
                jar.push(cookie);
            }
        }
    }
}

/// A cookie, and whether the server takes it back. Expiry is seen only as "in 1970" or an age of
/// zero, which is how servers take cookies back.
fn parse_cookie(url: &Url, line: &str) -> Option<(Cookie, bool)> {
    let mut parts = line.split(';').map(str::trim);
    let (name, value) = parts.next()?.split_once('=')?;
    let mut path = "/".to_owned();
    let mut gone = false;
    for (key, value) in parts.filter_map(|part| part.split_once('=')) {
        match key.to_ascii_lowercase().as_str() {
            "path" => path = value.to_owned(),
            "expires" => gone |= value.contains(" 1970 "),
            "max-age" => gone |= value == "0",
            _ => {}
        }
    }
    let origin = url.origin().ascii_serialization();
    Some((Cookie { origin, path, name: name.to_owned(), value: value.to_owned() }, gone))
}

/// RFC 6265 §5.1.4.
fn path_matches(cookie: &str, path: &str) -> bool {
    path.strip_prefix(cookie)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || cookie.ends_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_sent_below_its_path_only() {
        assert!(path_matches("/", "/anything"));
        assert!(path_matches("/a", "/a") && path_matches("/a", "/a/b"));
        assert!(!path_matches("/a", "/ab") && !path_matches("/a/b", "/a"));
    }

    #[test]
    fn a_cookie_of_1970_is_taken_back() {
        let url = Url::parse("http://127.0.0.1:1/").unwrap();
        let (cookie, gone) =
            parse_cookie(&url, "a=b; Path=/x; Expires=Thu, 01 Jan 1970 00:00:00 GMT").unwrap();
        assert_eq!((cookie.path.as_str(), gone), ("/x", true));
        assert!(!parse_cookie(&url, "a=b; httponly").unwrap().1);
    }
}

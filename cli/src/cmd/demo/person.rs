//! Stands in for a person with a browser: follows the link to the provider, which consents by
//! itself, and back.

use crate::outcome::Problem;
use http::HeaderValue;
use http::header::{COOKIE, SET_COOKIE};
use sluis_invoke::{EgressPolicy, HostPort, Http as _, OutgoingRequest, SendLimits, Transport};
use std::collections::HashMap;
use url::Url;

/// More stops than any honest authorization makes.
const STOPS: usize = 5;

/// A browser without a window.
pub struct Person {
    browser: Transport,
}

impl Person {
    /// One who may go to these hosts.
    pub fn allowed(hosts: Vec<HostPort>) -> Self {
        Self { browser: Transport::new(EgressPolicy::allowing(hosts)) }
    }

    /// Opens a page and goes where it is sent; answers the status of the last page.
    pub async fn visit(&self, url: &Url) -> Result<u16, Problem> {
        let mut url = url.clone();
        let mut cookies: HashMap<String, HeaderValue> = HashMap::new();
        for _ in 0..STOPS {
            let mut request = OutgoingRequest::new(http::Method::GET, url.clone());
            if let Some(cookie) = cookies.get(&origin(&url)) {
                request.headers.insert(COOKIE, cookie.clone());
            }
            let answer = self
                .browser
                .send(request, SendLimits::default())
                .await
                .map_err(|error| Problem::failed(error.to_string()))?;
            if let Some(cookie) = answer.headers.get(SET_COOKIE).and_then(pair) {
                cookies.insert(origin(&url), cookie);
            }
            let location = answer.headers.get(http::header::LOCATION).and_then(|value| value.to_str().ok());
            match location {
                Some(next) if (300..400).contains(&answer.status) => {
                    url = url
                        .join(next)
                        .map_err(|error| Problem::failed(format!("a redirect leads nowhere: {error}")))?;
                }
                _ => return Ok(answer.status),
            }
        }
        Err(Problem::failed("the browser was sent around in circles"))
    }
}

fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// Name and value of a cookie, without its attributes.
fn pair(line: &HeaderValue) -> Option<HeaderValue> {
    HeaderValue::from_str(line.to_str().ok()?.split(';').next()?).ok()
}

//! Plays a cassette: a transport without a network.

use super::{Cassette, Exchange, RecordedBody};
use crate::redact::Redactor;
use crate::request::OutgoingRequest;
use crate::transport::{Http, HttpAnswer, SendLimits, TransportError};
use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Differences that are told.
const TOLD: usize = 6;

/// Answers requests from a cassette. A request is answered by the first exchange of the same method, URL
/// and body that was not played yet; when all of them were, by the last.
#[derive(Debug)]
pub struct Replay {
    exchanges: Vec<Exchange>,
    played: Mutex<Vec<bool>>,
}

impl Replay {
    /// Plays the exchanges of a cassette.
    pub fn new(cassette: Cassette) -> Self {
        let played = Mutex::new(vec![false; cassette.exchanges.len()]);
        Self { exchanges: cassette.exchanges, played }
    }

    fn find(&self, request: &OutgoingRequest) -> Option<&Exchange> {
        let mut played = self.played.lock().unwrap_or_else(PoisonError::into_inner);
        let fits =
            |(at, exchange): (usize, &Exchange)| differences(exchange, request).is_empty().then_some(at);
        let all: Vec<usize> = self.exchanges.iter().enumerate().filter_map(fits).collect();
        let fresh = all.iter().find(|at| !played.get(**at).copied().unwrap_or(true));
        let at = *fresh.or(all.last())?;
        if let Some(mark) = played.get_mut(at) {
            *mark = true;
        }
        self.exchanges.get(at)
    }

    /// What is nearest to a request that nothing answers, and how it differs.
    fn nearest(&self, request: &OutgoingRequest) -> String {
        let sent = format!("{} {}", request.method, request.url);
        let nearest = self.exchanges.iter().map(|exchange| (exchange, differences(exchange, request)));
        match nearest.min_by_key(|(_, differences)| differences.iter().map(|d| d.weight).sum::<u32>()) {
            None => format!("nothing was recorded that answers {sent}: the cassette is empty"),
            Some((exchange, differences)) => {
                let mut text =
                    format!("nothing was recorded that answers {sent}; nearest is `{}`:", exchange.name);
                for difference in differences.iter().take(TOLD) {
                    text.push_str(&format!("\n  {}", difference.text));
                }
                text
            }
        }
    }
}

#[async_trait]
impl Http for Replay {
    async fn send(&self, request: OutgoingRequest, _: SendLimits) -> Result<HttpAnswer, TransportError> {
        let Some(exchange) = self.find(&request) else {
            return Err(TransportError::NotRecorded { why: self.nearest(&request) });
        };
        let answer = &exchange.answer;
        let headers = answer.headers.iter().filter_map(|(name, value)| {
            Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?))
        });
        Ok(HttpAnswer {
            status: answer.status,
            headers: headers.collect::<HeaderMap>(),
            body: answer.body.as_ref().map(RecordedBody::bytes).map(Bytes::from).unwrap_or_default(),
            elapsed: Duration::ZERO,
            phases: crate::transport::Phases::default(),
        })
    }
}

/// How a request differs from a recorded one.
struct Difference {
    text: String,
    /// The heavier, the farther apart they are.
    weight: u32,
}

fn differences(exchange: &Exchange, request: &OutgoingRequest) -> Vec<Difference> {
    let recorded = &exchange.request;
    let mut found = Vec::new();
    if recorded.method != request.method.as_str() {
        let text = format!("method: recorded {}, sent {}", recorded.method, request.method);
        found.push(Difference { text, weight: 20 });
    }
    url(&recorded.url, request.url.as_str(), &mut found);
    let sent = RecordedBody::of(&request.content(), &Redactor::default());
    match (&recorded.body, &sent) {
        (one, other) if one == other => {}
        (Some(RecordedBody::Json(one)), Some(RecordedBody::Json(other))) => {
            values("body", one, other, &mut found)
        }
        (one, other) => {
            let shown = |body: &Option<RecordedBody>| match body {
                Some(body) => shortened(&String::from_utf8_lossy(&body.bytes())),
                None => "nothing".to_owned(),
            };
            let text = format!("body: recorded {}, sent {}", shown(one), shown(other));
            found.push(Difference { text, weight: 3 });
        }
    }
    found
}

fn url(recorded: &str, sent: &str, found: &mut Vec<Difference>) {
    if recorded == sent {
        return;
    }
    let parts = |url: &str| match url.split_once('?') {
        Some((address, query)) => (address.to_owned(), query.split('&').map(str::to_owned).collect()),
        None => (url.to_owned(), Vec::<String>::new()),
    };
    let ((one, recorded_query), (other, sent_query)) = (parts(recorded), parts(sent));
    if one != other {
        found.push(Difference { text: format!("URL: recorded {one}, sent {other}"), weight: 10 });
    }
    for parameter in recorded_query.iter().filter(|parameter| !sent_query.contains(parameter)) {
        found.push(Difference { text: format!("query: recorded with {parameter}, sent without"), weight: 1 });
    }
    for parameter in sent_query.iter().filter(|parameter| !recorded_query.contains(parameter)) {
        found.push(Difference { text: format!("query: sent with {parameter}, recorded without"), weight: 1 });
    }
    if found.is_empty() {
        // The same parameters in another order.
        found.push(Difference { text: format!("query: recorded {recorded}, sent {sent}"), weight: 1 });
    }
}

fn values(at: &str, recorded: &Value, sent: &Value, found: &mut Vec<Difference>) {
    match (recorded, sent) {
        (one, other) if one == other => {}
        (Value::Object(one), Value::Object(other)) => {
            let keys = one.keys().chain(other.keys().filter(|key| !one.contains_key(*key)));
            for key in keys {
                let none = &Value::Null;
                values(
                    &format!("{at}.{key}"),
                    one.get(key).unwrap_or(none),
                    other.get(key).unwrap_or(none),
                    found,
                );
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            for (index, (one, other)) in one.iter().zip(other).enumerate() {
                values(&format!("{at}[{index}]"), one, other, found);
            }
        }
        (one, other) => {
            let text = format!(
                "{at}: recorded {}, sent {}",
                shortened(&one.to_string()),
                shortened(&other.to_string())
            );
            found.push(Difference { text, weight: 1 });
        }
    }
}

fn shortened(text: &str) -> String {
    match text.chars().count() > 80 {
        true => text.chars().take(80).collect::<String>() + "…",
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::FORMAT;
    use super::*;
    use http::Method;
    use std::collections::BTreeMap;

    fn request(method: Method, url: &str, body: &'static str) -> OutgoingRequest {
        let mut request = OutgoingRequest::new(method, url.parse().unwrap());
        request.body = body.into();
        request
    }

    fn replay(calls: &[(&OutgoingRequest, u16)]) -> Replay {
        let exchanges = calls.iter().map(|(request, status)| {
            Exchange::record("list: one", request, (*status, &[], b"ok"), &Redactor::default())
        });
        Replay::new(Cassette {
            sluis_cassette: FORMAT,
            connector: "pets".into(),
            recorded_at: String::new(),
            variables: BTreeMap::new(),
            exchanges: exchanges.collect(),
        })
    }

    async fn status(replay: &Replay, request: &OutgoingRequest) -> Result<u16, String> {
        let sent = replay.send(request.clone(), SendLimits::default()).await;
        sent.map(|answer| answer.status).map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn the_same_request_is_answered_in_the_order_of_the_recording() {
        let list = request(Method::GET, "https://pets.example/pets?a=1", "");
        let replay = replay(&[(&list, 200), (&list, 304)]);
        let mut answers = Vec::new();
        for _ in 0..3 {
            answers.push(status(&replay, &list).await.unwrap());
        }
        assert_eq!(answers, [200, 304, 304]);
    }

    #[tokio::test]
    async fn another_request_is_told_what_is_nearest_and_how_it_differs() {
        let add = request(Method::POST, "https://pets.example/pets?x=1", r#"{"name":"Rex","tags":[1,2]}"#);
        let other = request(Method::POST, "https://pets.example/pets?y=1", r#"{"name":"Tom","tags":[1,3]}"#);
        let far = request(Method::DELETE, "https://pets.example/elsewhere", "");
        let why = status(&replay(&[(&far, 200), (&add, 200)]), &other).await.unwrap_err();
        for said in [
            "nearest is `list: one`",
            "query: recorded with x=1",
            "body.name: recorded \"Rex\", sent \"Tom\"",
            "body.tags[1]: recorded 2, sent 3",
        ] {
            assert!(why.contains(said), "{said} in {why}");
        }
        assert!(status(&replay(&[]), &other).await.unwrap_err().contains("the cassette is empty"));
    }
}

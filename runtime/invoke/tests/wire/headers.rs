//! Headers and methods of a request: what nobody may set, however the request came about, and that a
//! request goes out once.

use crate::loopback::{Server, answer, get, reaching};
use crate::moment::moment;
use http::{HeaderName, HeaderValue, Method};
use proptest::prelude::*;
use serde_json::{Value, json};
use sluis_invoke::{
    CompiledApi, Http, Refusal, SendLimits, TransportError, UrlRequest, prepare, prepare_url,
};
use sluis_model::connector::ConnectorDefinition;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Headers of the transport, in spellings that reach it.
const OURS: &[&str] = &[
    "Host",
    "hOST",
    "Content-Length",
    "CONTENT-LENGTH",
    "Transfer-Encoding",
    "transfer-encoding",
    "Connection",
    "Keep-Alive",
    "TE",
    "Trailer",
    "Upgrade",
    "Expect",
    "Proxy-Authorization",
    "proxy-connection",
    "Proxy-Authenticate",
];

/// Names that are none, and values that are more than one.
const NO_NAMES: &[&str] = &["", "X Y", "X:Y", "X\r\nY", "X\n", "X\0", "Xé", "X(Y)"];
const NO_VALUES: &[&str] = &["a\r\nX-Evil: 1", "a\nb", "a\rb", "a\0b", "\u{7f}", "a\u{1b}[0m"];

fn free(name: &str, value: &str) -> Result<(), String> {
    let headers = json!({name: value}).as_object().unwrap().clone();
    let request = UrlRequest { url: "https://people.example.com/".into(), headers, ..UrlRequest::default() };
    prepare_url(&request, None).map(drop).map_err(|error| error.to_string())
}

fn defined(name: &str, value: &str) -> Result<CompiledApi, String> {
    let definition: ConnectorDefinition = serde_json::from_value(json!({
        "sluis": 1,
        "namespace": "ns",
        "service": {"name": "S"},
        "auth": {
            "scheme": "oauth2_authorization_code",
            "authorize_url": "https://op.example/authorize",
            "token_url": "https://op.example/token",
            "client": "vault:c",
        },
        "hosts": ["people.example.com"],
        "apis": {"api": {"method": "GET", "url": "https://people.example.com/", "headers": {name: value}}},
    }))
    .unwrap();
    CompiledApi::compile(&definition, "api").map_err(|errors| format!("{errors:?}"))
}

#[tokio::test]
async fn nobody_sets_what_belongs_to_the_transport() {
    let server = Server::start(|_| answer(200, "", "")).await;
    let transport = reaching(&[&server]);
    for name in OURS {
        assert!(free(name, "1").is_err(), "a script: {name}");
        assert!(defined(name, "1").is_err(), "a definition: {name}");
        // Whatever else builds a request, and last of all a scheme that signs it.
        let mut request = get(&server.url("/"));
        request
            .headers
            .insert(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_static("1"));
        let error = transport.send(request, SendLimits::default()).await.unwrap_err();
        assert!(matches!(error, TransportError::Refused(Refusal::Header { .. })), "{name}: {error}");
        assert!(error.nothing_was_sent());
    }
    assert_eq!(server.seen.count(), 0);
}

#[tokio::test]
async fn a_host_header_may_name_where_the_request_goes() {
    let server = Server::start(|_| answer(200, "", "")).await;
    let mut request = get(&server.url("/"));
    let host = format!("127.0.0.1:{}", server.port);
    request.headers.insert(http::header::HOST, HeaderValue::from_str(&host).unwrap());
    reaching(&[&server]).send(request, SendLimits::default()).await.unwrap();
    assert_eq!(server.seen.requests()[0].matches("host: ").count(), 1);
}

#[test]
fn line_breaks_and_other_control_characters_are_refused_before_anything_is_sent() {
    for name in NO_NAMES {
        assert!(free(name, "1").is_err(), "a script: {name:?}");
        assert!(defined(name, "1").is_err(), "a definition: {name:?}");
    }
    let filled = defined("X-Note", "n ${note}").unwrap();
    for value in NO_VALUES {
        assert!(free("X-Note", value).is_err(), "a script: {value:?}");
        assert!(defined("X-Note", value).is_err(), "a definition: {value:?}");
        // The data of a script's or a widget's call.
        let data = json!({"note": value}).as_object().unwrap().clone();
        assert!(prepare(&filled, &data.into(), moment()).is_err(), "data: {value:?}");
    }
    for method in ["GET / HTTP/1.1\r\nX: 1", "GE T", "CONNECT", "TRACE", "GET\0", "G\nET"] {
        let request = UrlRequest {
            url: "https://people.example.com/".into(),
            method: Some(method.into()),
            ..UrlRequest::default()
        };
        assert!(prepare_url(&request, None).is_err(), "{method:?}");
    }
}

proptest! {
    /// Whatever a value is, it stays one value of one header, or nothing is sent.
    #[test]
    fn a_value_stays_in_its_header(value in any::<String>()) {
        let api = defined("X-Note", "n ${note}").unwrap();
        let data = json!({"note": value}).as_object().unwrap().clone();
        if let Ok(prepared) = prepare(&api, &data.into(), moment()) {
            let sent = &prepared.request.headers;
            prop_assert_eq!(sent.len(), usize::from(sent.contains_key("x-note")));
            if let Some(note) = sent.get("x-note") {
                let expected = format!("n {value}");
                prop_assert_eq!(note.as_bytes(), expected.as_bytes());
                prop_assert!(!note.as_bytes().iter().any(u8::is_ascii_control));
            }
        }
    }

    /// Names that a script makes up are headers of their own, or nothing is sent.
    #[test]
    fn a_name_stays_a_name(name in any::<String>(), value in "[ -~]{0,20}") {
        let headers = json!({&name: value}).as_object().unwrap().clone();
        let request = UrlRequest { url: "https://people.example.com/".into(), headers, ..UrlRequest::default() };
        if let Ok(prepared) = prepare_url(&request, None) {
            for header in prepared.request.headers.keys() {
                prop_assert_eq!(header.as_str(), name.to_ascii_lowercase());
            }
        }
    }

    /// A free-form request goes to the host that its URL has for everyone, with all parameters in the
    /// query and nowhere else.
    #[test]
    fn parameters_stay_in_the_query(name in any::<String>(), value in any::<String>()) {
        let parameters: Value = json!({&name: value});
        let request = UrlRequest {
            url: "https://people.example.com/v1/people".into(),
            parameters: Some(parameters),
            ..UrlRequest::default()
        };
        let url = prepare_url(&request, None).unwrap().request.url;
        prop_assert_eq!(url.host_str(), Some("people.example.com"));
        prop_assert_eq!(url.path(), "/v1/people");
        prop_assert_eq!(url.fragment(), None);
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        prop_assert_eq!(pairs, vec![(name, value)]);
    }
}

#[tokio::test]
async fn a_request_that_may_have_acted_is_not_sent_twice() {
    // Answers the first request on a connection and drops it at the second, as a dying server does.
    for method in [Method::POST, Method::PATCH, Method::DELETE, Method::PUT, Method::GET] {
        let count = AtomicUsize::new(0);
        let server = Server::start(move |_| match count.fetch_add(1, Ordering::SeqCst) {
            0 => answer(200, "", ""),
            _ => b"HTTP/1.1 2 connection: close".to_vec(),
        })
        .await;
        let transport = reaching(&[&server]);
        transport.send(get(&server.url("/")), SendLimits::default()).await.unwrap();
        let mut request = get(&server.url("/second"));
        request.method = method.clone();
        let error = transport.send(request, SendLimits::default()).await.unwrap_err();
        assert!(!error.nothing_was_sent(), "{error}");
        assert_eq!(server.seen.count(), 2, "{method} was sent once");
    }
}

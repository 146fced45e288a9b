//! From the keys of `invokeurl` to the request: where parameters go, and which hosts and headers a connection
//! takes.
#![allow(clippy::unwrap_used)] // a test that cannot go on should stop

use serde_json::{Map, Value, json};
use sluis_invoke::{
    ConnectionRules, Explain as _, HostPort, InputError, PreparedRequest, UrlRequest, prepare_url,
};
use sluis_model::error::{Failure, Reason};

const HOSTS: [&str; 2] = ["people.example.com", "127.0.0.1:8080"];

fn free(request: UrlRequest, connected: bool) -> Result<PreparedRequest, InputError> {
    let hosts = HOSTS.map(|host| HostPort::parse(host).unwrap());
    let rules = ConnectionRules { namespace: "gcontacts", hosts: &hosts, supplies_authorization: true };
    prepare_url(&request, connected.then_some(rules))
}

fn to(url: &str) -> UrlRequest {
    UrlRequest { url: url.into(), ..UrlRequest::default() }
}

fn headers(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

#[test]
fn a_connection_is_used_for_its_own_hosts_only() {
    for url in
        ["https://people.example.com/v1?a=b", "https://PEOPLE.example.com:443/", "http://127.0.0.1:8080/x"]
    {
        assert!(free(to(url), true).is_ok(), "{url}");
    }
    for url in [
        "https://evil.example/",
        "http://people.example.com/",
        "https://people.example.com:8443/",
        "https://people.example.com.evil.example/",
        "https://people.example.com./",
        "https://evil.example/?u=people.example.com",
        "https://evil.example\\@people.example.com/",
        "http://127.0.0.1/",
        "http://127.0.0.1:80800/",
        "https://people.example.com@evil.example/",
    ] {
        let failure = Failure::from(free(to(url), true).unwrap_err());
        assert!(matches!(failure.reason, Reason::Forbidden | Reason::InvalidInput), "{url}: {failure:?}");
    }
    let failure = Failure::from(free(to("https://evil.example/"), true).unwrap_err());
    assert_eq!(failure.reason, Reason::Forbidden);
    assert_eq!(failure.message, "the connection `gcontacts` may not be used for `evil.example`");
    assert!(failure.help.unwrap().contains("`people.example.com`, `127.0.0.1:8080`"));
    assert!(
        free(to("https://evil.example/"), false).is_ok(),
        "without a connection the egress policy decides"
    );
}

#[test]
fn parameters_go_where_the_method_has_room_for_them() {
    let map = json!({"a": "x y", "n": 1});
    // (method, parameters, body, content type) → (query, body, content type)
    let rows = [
        ("get", Some(map.clone()), None, None, Some("q=1&a=x+y&n=1"), "", None),
        ("GET", Some(json!("a=b")), None, None, Some("q=1&a=b"), "", None),
        ("DELETE", Some(map.clone()), None, None, Some("q=1&a=x+y&n=1"), "", None),
        (
            "POST",
            Some(map.clone()),
            None,
            None,
            Some("q=1"),
            "a=x+y&n=1",
            Some("application/x-www-form-urlencoded"),
        ),
        (
            "POST",
            Some(map.clone()),
            None,
            Some("application/json"),
            Some("q=1"),
            r#"{"a":"x y","n":1}"#,
            Some("application/json"),
        ),
        ("POST", Some(json!("{\"a\": 1}")), None, None, Some("q=1"), "{\"a\": 1}", Some("application/json")),
        (
            "POST",
            Some(json!("{\"a\": ")),
            None,
            None,
            Some("q=1"),
            "{\"a\": ",
            Some("text/plain; charset=utf-8"),
        ),
        ("PUT", None, Some(json!([1, 2.50])), None, Some("q=1"), "[1,2.5]", Some("application/json")),
        (
            "PATCH",
            Some(map),
            Some(json!("raw")),
            Some("text/x"),
            Some("q=1&a=x+y&n=1"),
            "raw",
            Some("text/x"),
        ),
        ("POST", Some(Value::Null), None, None, Some("q=1"), "", None),
    ];
    for (method, parameters, body_value, content_type, query, text, sent_type) in rows {
        let request = UrlRequest {
            method: Some(method.into()),
            parameters,
            body: body_value,
            content_type: content_type.map(str::to_owned),
            ..to("https://people.example.com/p?q=1#frag")
        };
        let shown = format!("{request:?}");
        let prepared = free(request, true).unwrap();
        assert_eq!(prepared.request.url.query(), query, "{shown}");
        assert_eq!(prepared.request.url.fragment(), None);
        assert_eq!(std::str::from_utf8(&prepared.request.body).unwrap(), text, "{shown}");
        let content_type = prepared.request.headers.get("content-type").map(|value| value.to_str().unwrap());
        assert_eq!(content_type, sent_type, "{shown}");
    }
}

#[test]
fn headers_that_are_not_the_scripts_business_are_refused() {
    for name in ["Host", "Authorization", "AUTHORIZATION", "X Y", "", "a\r\nb"] {
        let request =
            UrlRequest { headers: headers(json!({name: "x"})), ..to("https://people.example.com/") };
        assert!(matches!(free(request, true), Err(InputError::Request { part: "headers", .. })), "{name:?}");
    }
    // Without a connection a script may bring its own credential; it is not shown.
    let request = UrlRequest {
        headers: headers(json!({"Authorization": "Bearer canary-own", "Accept-Encoding": "gzip", "X-N": 5})),
        ..to("https://people.example.com/")
    };
    let prepared = free(request, false).unwrap();
    assert_eq!(prepared.request.headers["x-n"], "5");
    assert!(!prepared.request.headers.contains_key("accept-encoding"));
    assert!(!prepared.request.explain().contains("canary") && !prepared.request.to_curl().contains("canary"));
}

#[test]
fn what_is_no_request_is_refused_with_help() {
    let rows = [
        (to("people.example.com/x"), "url"),
        (to("ftp://people.example.com/"), "url"),
        (to("file:///etc/passwd"), "url"),
        (to("https://u:p@people.example.com/"), "url"),
        (to(""), "url"),
        (UrlRequest { method: Some("TRACE".into()), ..to("https://people.example.com/") }, "type"),
        (
            UrlRequest {
                method: Some("GET\r\n".into()),
                body: Some(json!(1)),
                ..to("https://people.example.com/")
            },
            "body",
        ),
        (UrlRequest { method: Some("G ET".into()), ..to("https://people.example.com/") }, "type"),
    ];
    for (request, expected) in rows {
        let shown = format!("{request:?}");
        match free(request, false).unwrap_err() {
            InputError::Request { part, why, help } => {
                assert_eq!(part, expected, "{shown}: {why}");
                assert!(!help.is_empty());
            }
            other => panic!("{shown}: {other}"),
        }
    }
}

//! What token endpoints really answer, as a table: each row is an answer and what must become of it.

use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue};
use sluis_auth::{Answer, TokenErrorKind, read_tokens_at};
use sluis_model::credential::TokenSet;
use sluis_model::time::Timestamp;
use std::time::Duration;

const NOW: Timestamp = Timestamp(1_800_000_000_000);
const TEN_YEARS: i64 = 315_576_000;

fn read(status: u16, body: &[u8], previous: Option<&TokenSet>) -> Result<TokenSet, sluis_auth::TokenError> {
    let body = bytes::Bytes::copy_from_slice(body);
    read_tokens_at(NOW, &Answer { status, headers: HeaderMap::new(), body }, previous)
}

fn before() -> TokenSet {
    TokenSet {
        refresh_token: Some("canary-old-refresh-1".into()),
        scopes: vec!["kept".into()],
        ..TokenSet::of("canary-old-access-1", Timestamp(0))
    }
}

#[test]
fn every_shape_of_a_good_answer_is_read() {
    // (status, body, lifetime, refresh token, scopes)
    type Row<'a> = (u16, &'a str, Option<i64>, Option<&'a str>, &'a [&'a str]);
    let rows: &[Row] = &[
        (200, r#"{"access_token":"t","token_type":"Bearer","expires_in":3600}"#, Some(3600), None, &[]),
        (200, r#"{"access_token":"t"}"#, None, None, &[]),
        (200, r#"{"access_token":"t","token_type":null}"#, None, None, &[]),
        (200, r#"{"access_token":"t","token_type":"BearerToken"}"#, None, None, &[]),
        (200, r#"{"access_token":"t","token_type":7}"#, None, None, &[]),
        (200, r#"{"access_token":"t","expires_in":"28800"}"#, Some(28_800), None, &[]),
        (200, r#"{"access_token":"t","expires_in":" 60 "}"#, Some(60), None, &[]),
        (200, r#"{"access_token":"t","expires_in":3599.97}"#, Some(3599), None, &[]),
        (200, r#"{"access_token":"t","expires_in":"3599.5"}"#, Some(3599), None, &[]),
        (200, r#"{"access_token":"t","expires_in":3.6e3}"#, Some(3600), None, &[]),
        (200, r#"{"access_token":"t","expires_in":-1}"#, Some(0), None, &[]),
        (200, r#"{"access_token":"t","expires_in":0}"#, Some(0), None, &[]),
        (200, r#"{"access_token":"t","expires_in":18446744073709551615}"#, Some(TEN_YEARS), None, &[]),
        (200, r#"{"access_token":"t","expires_in":1e400}"#, Some(TEN_YEARS), None, &[]),
        (200, r#"{"access_token":"t","expires_in":null}"#, None, None, &[]),
        (200, r#"{"access_token":"t","expires_in":"never"}"#, None, None, &[]),
        (200, r#"{"access_token":"t","expires_in":"NaN"}"#, None, None, &[]),
        (200, r#"{"access_token":"t","expires_in":[1]}"#, None, None, &[]),
        (200, r#"{"access_token":"t","scope":"a b  c"}"#, None, None, &["a", "b", "c"]),
        (200, r#"{"access_token":"t","scope":"repo,gist"}"#, None, None, &["repo", "gist"]),
        (200, r#"{"access_token":"t","scope":["a","b c",7]}"#, None, None, &["a", "b", "c"]),
        (200, r#"{"access_token":"t","scope":""}"#, None, None, &[]),
        (200, r#"{"access_token":"t","scope":null}"#, None, None, &[]),
        (200, r#"{"access_token":"t","refresh_token":"r"}"#, None, Some("r"), &[]),
        (200, r#"{"access_token":"t","refresh_token":""}"#, None, None, &[]),
        (200, r#"{"access_token":"t","refresh_token":null}"#, None, None, &[]),
        (200, r#"{"access_token":"t","error":null}"#, None, None, &[]),
        (200, r#"{"access_token":"t","error":""}"#, None, None, &[]),
        (200, r#"{"access_token":"t","error":false}"#, None, None, &[]),
        (200, r#"{"ok":true,"access_token":"t","unknown":{"deep":[1,{"x":2}]}}"#, None, None, &[]),
        (201, r#"{"access_token":"t"}"#, None, None, &[]),
        (200, "\u{feff}{\"access_token\":\"t\"}", None, None, &[]),
        (200, " \r\n {\"access_token\":\"t\"}\n", None, None, &[]),
        (200, "access_token=t&token_type=bearer&scope=repo%2Cgist", None, None, &["repo", "gist"]),
        (200, "access_token=t&expires_in=3600&refresh_token=r%2F1", Some(3600), Some("r/1"), &[]),
    ];
    for (status, body, lifetime, refresh, scopes) in rows {
        let tokens = read(*status, body.as_bytes(), None).unwrap_or_else(|error| panic!("{body}: {error}"));
        assert_eq!(tokens.access_token.expose(), "t", "{body}");
        assert_eq!(tokens.expires_at, lifetime.map(|seconds| NOW.plus_seconds(seconds)), "{body}");
        assert_eq!(tokens.refresh_token.as_ref().map(|token| token.expose().as_str()), *refresh, "{body}");
        assert_eq!(tokens.scopes, *scopes, "{body}");
        assert_eq!(tokens.issued_at, NOW);
    }
}

#[test]
fn every_shape_of_a_bad_answer_has_its_kind() {
    use TokenErrorKind::{Denied, InvalidClient, InvalidGrant, Misconfigured, Transient, Unusable};
    let busy = Transient { retry_after: None };
    let deep = format!("{{\"access_token\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let long = format!("{{\"access_token\":\"{}\"}}", "a".repeat(2 << 20));
    let rows: &[(u16, &str, TokenErrorKind)] = &[
        (400, r#"{"error":"invalid_grant"}"#, InvalidGrant),
        (200, r#"{"error":"invalid_grant","access_token":"t"}"#, InvalidGrant),
        (403, r#"{"error":"invalid_code"}"#, InvalidGrant),
        (403, r#"{"error":"invalid_grant"}"#, InvalidGrant),
        (200, "error=bad_refresh_token&error_description=x", InvalidGrant),
        (400, r#"{"error":"INVALID_GRANT"}"#, InvalidGrant),
        (200, r#"{"ok":false,"error":"token_expired"}"#, InvalidGrant),
        (400, r#"{"error":"interaction_required"}"#, InvalidGrant),
        (401, r#"{"error":"invalid_client"}"#, InvalidClient),
        (401, "", InvalidClient),
        (401, "<html>login</html>", InvalidClient),
        (401, r#"{"error":"whatever"}"#, InvalidClient),
        (400, r#"{"error":"unauthorized_client"}"#, InvalidClient),
        (400, r#"{"error":"access_denied"}"#, Denied),
        (400, r#"{"error":"invalid_scope"}"#, Misconfigured),
        (400, r#"{"error":"redirect_uri_mismatch"}"#, Misconfigured),
        (400, r#"{"error":"temporarily_unavailable"}"#, busy),
        (400, r#"{"error":"slow_down"}"#, busy),
        (500, "", busy),
        (502, "<html>bad gateway</html>", busy),
        (503, r#"{"error":"invalid_grant"}"#, busy),
        (429, r#"{"error":"invalid_grant"}"#, busy),
        (408, "", busy),
        (400, r#"{"error":{"code":"invalid_grant","message":"m"}}"#, InvalidGrant),
        (400, r#"{"error":{"message":"m"}}"#, Unusable),
        (400, r#"{"error":17}"#, Unusable),
        (400, "", Unusable),
        (400, "{}", Unusable),
        (400, r#"{"error":"made_up"}"#, Unusable),
        (404, "<html>not found</html>", Unusable),
        (302, "", Unusable),
        (204, "", Unusable),
        (200, "", Unusable),
        (200, "<!doctype html><title>maintenance</title>", Unusable),
        (200, "<?xml version=\"1.0\"?><access_token>t</access_token>", Unusable),
        (200, "null", Unusable),
        (200, "[]", Unusable),
        (200, "\"t\"", Unusable),
        (200, "{\"access_token\":\"t\"", Unusable),
        (200, "{\"access_token\":\"t\"} trailing", Unusable),
        (200, r#"{"access_token":""}"#, Unusable),
        (200, r#"{"access_token":null}"#, Unusable),
        (200, r#"{"access_token":17}"#, Unusable),
        (200, r#"{"access_token":"a\r\nX-Evil: 1"}"#, Unusable),
        (200, r#"{"access_token":"t","token_type":"mac"}"#, Unusable),
        (200, r#"{"access_token":"t","token_type":"DPoP"}"#, Unusable),
        (200, "access_token=&token_type=bearer", Unusable),
        (200, &deep, Unusable),
        (200, &long, Unusable),
        (400, r#"{"access_token":"t"}"#, Unusable),
    ];
    for (status, body, kind) in rows {
        let shown: String = body.chars().take(80).collect();
        let error = read(*status, body.as_bytes(), Some(&before())).expect_err(&shown);
        assert_eq!(error.kind, *kind, "{status} {shown}: {error}");
        assert!(!error.message.is_empty() && !error.help().is_empty());
    }
    assert_eq!(read(200, b"{\"access_token\":\"\xff\"}", None).unwrap_err().kind, Unusable);
    assert_eq!(read(200, b"\x1f\x8b\x08\x00", None).unwrap_err().kind, Unusable);
}

#[test]
fn a_content_type_decides_nothing() {
    for wrong in ["text/html", "text/plain; charset=utf-16", "application/x-www-form-urlencoded", "\u{1f}"] {
        let mut headers = HeaderMap::new();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_bytes(wrong.replace('\u{1f}', "x/y").as_bytes()).unwrap(),
        );
        let body = bytes::Bytes::from_static(br#"{"access_token":"t"}"#);
        let tokens = read_tokens_at(NOW, &Answer { status: 200, headers, body }, None).unwrap();
        assert_eq!(tokens.access_token.expose(), "t");
    }
}

#[test]
fn a_refresh_keeps_what_its_answer_leaves_out() {
    for body in [r#"{"access_token":"t"}"#, r#"{"access_token":"t","refresh_token":"","scope":null}"#] {
        let tokens = read(200, body.as_bytes(), Some(&before())).unwrap();
        assert_eq!(tokens.refresh_token.unwrap().expose(), "canary-old-refresh-1");
        assert_eq!(tokens.scopes, ["kept"]);
    }
    let tokens =
        read(200, br#"{"access_token":"t","refresh_token":"r2","scope":"less"}"#, Some(&before())).unwrap();
    assert_eq!(tokens.refresh_token.unwrap().expose(), "r2");
    assert_eq!(tokens.scopes, ["less"]);
}

#[test]
fn a_pause_is_read_in_seconds_and_as_a_date() {
    let rows: &[(&str, Option<u64>)] = &[
        ("120", Some(120)),
        (" 5 ", Some(5)),
        ("0", None),
        ("-5", None),
        ("99999999", Some(86_400)),
        ("Fri, 15 Jan 2027 08:00:30 GMT", Some(30)),
        ("Thu, 14 Jan 2027 08:00:00 GMT", None),
        ("soon", None),
        ("99999999999999999999999", None),
    ];
    for (text, seconds) in rows {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_str(text).unwrap());
        let answer = Answer { status: 503, headers, body: bytes::Bytes::new() };
        let error = read_tokens_at(NOW, &answer, None).unwrap_err();
        assert_eq!(
            error.kind,
            TokenErrorKind::Transient { retry_after: seconds.map(Duration::from_secs) },
            "{text}"
        );
    }
}

#[test]
fn no_error_repeats_a_token_or_the_body() {
    let echoes = [
        r#"{"error":"invalid_grant","error_description":"refresh token canary-old-refresh-1 was used"}"#,
        r#"{"error":"invalid_grant","error_description":"code=canary4f2a7bc91d is gone"}"#,
        r#"{"error":"canary4f2a7bc91d00aa"}"#,
        r#"{"error":"made_up","access_token":"canary-in-token-1"}"#,
        r#"{"access_token":"canary\n","refresh_token":"canary"}"#,
        r#"{"access_token":["canary"]}"#,
        r#"{"access_token":"canary"#,
        "<html>canary</html>",
        "canary",
    ];
    for body in echoes {
        for status in [200, 302, 400, 401, 404, 429, 500] {
            let Err(error) = read(status, body.as_bytes(), Some(&before())) else {
                panic!("{status} {body}")
            };
            let shown = format!("{error} {error:?} {}", error.help());
            assert!(!shown.contains("canary"), "{status} {body}: {shown}");
        }
    }
}

#[test]
fn tokens_are_starred_in_debug_output() {
    let tokens = read(200, br#"{"access_token":"canary-a","refresh_token":"canary-r"}"#, None).unwrap();
    assert!(!format!("{tokens:?}").contains("canary"));
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(status: u16, body: Vec<u8>) {
        let _ = read(status, &body, Some(&before()));
    }

    #[test]
    fn no_json_fields_make_the_reader_panic(token in ".*", expires in ".*", scope in ".*") {
        let body = serde_json::json!({"access_token": token, "expires_in": expires, "scope": scope});
        if let Ok(tokens) = read(200, body.to_string().as_bytes(), None) {
            let text = tokens.access_token.expose();
            assert!(http::HeaderValue::from_str(text).is_ok() && text.is_ascii());
            assert!(tokens.expires_at.is_none_or(|end| end >= NOW && end <= NOW.plus_seconds(TEN_YEARS)));
        }
    }
}

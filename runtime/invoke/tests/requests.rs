//! From definition and data to the request: what goes out, and what is refused with which words.
#![allow(clippy::unwrap_used)] // a test that cannot go on should stop

mod moment;

use moment::moment;
use proptest::prelude::*;
use serde_json::{Value, json};
use sluis_invoke::{
    CompiledApi, CompiledConnector, Explain as _, InputError, PreparedRequest, Redactor, prepare,
};
use sluis_model::connector::{ConnectorDefinition, CredentialUse};
use sluis_model::error::{Failure, Reason};
use sluis_model::secret::SecretText;

fn definition(api: Value) -> ConnectorDefinition {
    let definition = json!({
        "sluis": 1,
        "namespace": "gcontacts",
        "service": {"name": "Contacts"},
        "auth": {
            "scheme": "oauth2_authorization_code",
            "authorize_url": "https://op.example/authorize",
            "token_url": "https://op.example/token",
            "client": "vault:c",
        },
        "hosts": ["people.example.com", "127.0.0.1:8080"],
        "headers": {"Accept": "application/json", "X-Tenant": "t0"},
        "apis": {"pushcontact": api, "files.upload": {"method": "GET", "url": "https://people.example.com/"}},
    });
    serde_json::from_value(definition).unwrap()
}

fn push_contact() -> Value {
    json!({
        "method": "POST",
        "url": "https://people.example.com/v1/books/${book}/people?view=full&tag=${tag}",
        "query": {"fields": "${fields}", "note": "n ${note}"},
        "headers": {"x-tenant": "t-${tenant}", "X-Trace": "${trace}"},
        "body": {"json": {"names": [{"given": "${First_Name}"}], "age": "${age}", "hello": "Hi ${First_Name}!"}},
        "inputs": {
            "tag": {"required": false},
            "fields": {"required": false},
            "note": {"required": false},
            "trace": {"required": false},
            "age": {"required": false},
            "tenant": {"default": "main"},
            "First_Name": {"example": "Ada"},
        },
    })
}

fn compiled(api: Value) -> CompiledApi {
    CompiledApi::compile(&definition(api), "pushcontact").unwrap()
}

#[test]
fn the_time_of_an_api_is_its_own_else_the_connectors_else_half_a_minute() {
    let seconds = |own: Option<u32>, shared: Option<u32>| {
        let mut definition = definition(push_contact());
        definition.timeout_s = shared;
        definition.apis.get_mut("pushcontact").unwrap().timeout_s = own;
        let api = CompiledApi::compile(&definition, "pushcontact").unwrap();
        let data = json!({ "book": "b", "First_Name": "Ada" });
        call(&api, data).unwrap().timeout.as_secs()
    };
    assert_eq!([seconds(Some(5), Some(90)), seconds(None, Some(90)), seconds(None, None)], [5, 90, 30]);
}

fn call(api: &CompiledApi, data: Value) -> Result<PreparedRequest, InputError> {
    prepare(api, &data.as_object().unwrap().clone().into(), moment())
}

fn body(prepared: &PreparedRequest) -> &str {
    std::str::from_utf8(&prepared.request.body).unwrap()
}

#[test]
fn a_call_fills_path_query_headers_and_body() {
    let data = json!({
        "book": "a/b c", "First_Name": "Ada \"&\" Co", "age": 36, "tag": "x&y", "fields": "a,b", "note": "1+1",
        "trace": "t1", "Unknown_Key": 1,
    });
    let prepared = call(&compiled(push_contact()), data).unwrap();
    let request = &prepared.request;
    assert_eq!(
        request.url.as_str(),
        "https://people.example.com/v1/books/a%2Fb%20c/people?view=full&tag=x%26y&fields=a%2Cb&note=n+1%2B1"
    );
    assert_eq!(request.method, "POST");
    assert_eq!(request.headers["x-tenant"], "t-main", "the API's own header wins whatever its case");
    assert_eq!(request.headers.get_all("x-tenant").iter().count(), 1);
    assert_eq!(request.headers["x-trace"], "t1");
    assert_eq!(request.headers["accept"], "application/json");
    assert_eq!(request.headers["content-type"], "application/json");
    assert_eq!(
        body(&prepared),
        r#"{"names":[{"given":"Ada \"&\" Co"}],"age":36,"hello":"Hi Ada \"&\" Co!"}"#
    );
    assert_eq!(prepared.unused, ["Unknown_Key"]);
    assert_eq!(prepared.credential, CredentialUse::Required);
}

#[test]
fn an_absent_optional_value_leaves_no_trace_but_null_in_json() {
    let prepared =
        call(&compiled(push_contact()), json!({"book": "b", "First_Name": "Ada", "tag": null})).unwrap();
    assert_eq!(prepared.request.url.as_str(), "https://people.example.com/v1/books/b/people?view=full");
    assert!(!prepared.request.headers.contains_key("x-trace"));
    assert!(body(&prepared).contains(r#""age":null"#));
}

#[test]
fn all_missing_values_are_named_with_an_example_and_the_key_that_was_meant() {
    let api = compiled(push_contact());
    let failure = Failure::from(call(&api, json!({"first_name": "Ada", "zzz": 1})).unwrap_err());
    assert_eq!(failure.reason, Reason::InvalidInput);
    assert_eq!(
        failure.message,
        "gcontacts.pushcontact needs the values `First_Name` and `book`, which were not given"
    );
    assert_eq!(
        failure.help.unwrap(),
        "`first_name` was given; did you mean `First_Name`? Call it like this: \
         invokeConnector(\"gcontacts.pushcontact\", {\"First_Name\": \"Ada\", \"book\": \"…\", \"tenant\": \"main\"})"
    );
}

#[test]
fn null_satisfies_a_required_value_in_json_only() {
    let json_only =
        json!({"method": "POST", "url": "https://people.example.com/", "body": {"json": ["${v}"]}});
    assert_eq!(body(&call(&compiled(json_only), json!({"v": null})).unwrap()), "[null]");
    for api in [
        json!({"method": "GET", "url": "https://people.example.com/${v}"}),
        json!({"method": "GET", "url": "https://people.example.com/", "query": {"v": "${v}"}}),
        json!({"method": "GET", "url": "https://people.example.com/", "headers": {"v": "${v}"}}),
        json!({"method": "GET", "url": "https://people.example.com/${v}", "inputs": {"v": {"required": false}}}),
    ] {
        for data in [json!({"v": null}), json!({})] {
            assert!(matches!(call(&compiled(api.clone()), data), Err(InputError::Missing { .. })), "{api}");
        }
    }
}

#[test]
fn a_value_cannot_leave_its_place() {
    let api = compiled(json!({
        "method": "GET", "url": "https://people.example.com/v1/${id}/x${tail}", "headers": {"X-Id": "${id}"},
        "inputs": {"tail": {"default": "t"}},
    }));
    for id in ["..", "."] {
        let error = call(&api, json!({"id": id})).unwrap_err();
        assert!(error.to_string().contains("`.` or `..`"), "{error}");
    }
    assert!(call(&api, json!({"id": ""})).unwrap_err().to_string().contains("empty"));
    for id in ["a\r\nX-Evil: 1", "a\nb", "a\0", "a\u{7f}"] {
        assert!(call(&api, json!({"id": id})).unwrap_err().to_string().contains("header"), "{id:?}");
    }
    for id in [
        "../admin",
        "..%2fadmin",
        "%2e%2e",
        "a?b=c",
        "a#b",
        "@evil.example",
        "//evil.example",
        "\\..\\",
        "http://x",
    ] {
        let url = call(&api, json!({"id": id})).unwrap().request.url;
        assert_eq!(url.host_str(), Some("people.example.com"));
        let segments: Vec<&str> = url.path_segments().unwrap().collect();
        assert_eq!(segments.len(), 3, "{url}");
        assert_eq!(percent_encoding::percent_decode_str(segments[1]).decode_utf8().unwrap(), id);
        assert_eq!((url.query(), url.fragment()), (None, None));
    }
}

proptest! {
    #[test]
    fn the_final_url_always_stays_under_its_literal_path(id in ".*", tail in ".*", q in ".*") {
        let api = compiled(json!({
            "method": "GET", "url": "https://people.example.com/v1/${id}/x/${tail}", "query": {"q": "${q}"},
        }));
        if let Ok(prepared) = call(&api, json!({"id": id, "tail": tail, "q": q})) {
            let url = prepared.request.url;
            prop_assert!(url.as_str().starts_with("https://people.example.com/v1/"));
            let reparsed = url::Url::parse(url.as_str()).unwrap();
            prop_assert_eq!(&reparsed, &url);
            let decoded: Vec<String> = url.path_segments().unwrap()
                .map(|part| percent_encoding::percent_decode_str(part).decode_utf8().unwrap().into_owned()).collect();
            prop_assert_eq!(decoded, vec!["v1".to_owned(), id, "x".to_owned(), tail]);
            let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
            prop_assert_eq!(pairs, vec![("q".to_owned(), q)]);
        }
    }
}

#[test]
fn every_fault_of_a_definition_is_reported_at_its_place() {
    let rows = [
        (
            json!({"url": "https://${host}.example.com/"}),
            "apis.pushcontact.url: a placeholder stands before the path",
        ),
        (
            json!({"url": "https://people.example.com${x}"}),
            "apis.pushcontact.url: a placeholder stands before the path",
        ),
        (json!({"url": "${base}/x"}), "apis.pushcontact.url: a placeholder stands before the path"),
        (json!({"url": "/v1"}), "apis.pushcontact.url: `/v1` is not an absolute https URL"),
        (json!({"url": "http://people.example.com/"}), "requests go out over https"),
        (
            json!({"url": "https://evil.example/"}),
            "`evil.example` is not among the declared hosts (people.example.com, 127.0.0.1:8080)",
        ),
        (json!({"url": "https://people.example.com:8443/"}), "`people.example.com:8443` is not among"),
        (json!({"url": "https://people.example.com@evil.example/"}), "user name or password"),
        (json!({"url": "https://people.example.com/a/../b"}), "a `.` or `..` segment"),
        (json!({"url": "https://people.example.com/a/%2E%2e/b"}), "a `.` or `..` segment"),
        (json!({"url": "https://people.example.com/%2${x}"}), "a `%` that no two hexadecimal digits follow"),
        (json!({"url": "https://people.example.com/a\\b"}), "a backslash"),
        (json!({"url": "https://people.example.com/a#b"}), "a fragment"),
        (json!({"url": "https://people.example.com/${a"}), "its `}` is missing"),
        (
            json!({"headers": {"Authorization": "Bearer x"}}),
            "apis.pushcontact.headers.Authorization: the header `Authorization` is set by Sluis",
        ),
        (json!({"headers": {"HOST": "x"}}), "the header `HOST` is set by Sluis"),
        (json!({"headers": {"proxy-authorization": "x"}}), "is set by Sluis"),
        (json!({"headers": {"Transfer-Encoding": "chunked"}}), "is set by Sluis"),
        (json!({"headers": {"X Y": "x"}}), "`X Y` is not a header"),
        (json!({"headers": {"X-Y": "a\nb"}}), "`X-Y` is not a header"),
        (json!({"query": {"a": "${}"}}), "apis.pushcontact.query.a"),
        (json!({"body": {"json": {"${k}": 1}}}), "a placeholder stands in the key `${k}`"),
        (json!({"body": {"json": 1}, "method": "GET"}), "apis.pushcontact.body: a GET request has no body"),
        (json!({"timeout_s": 0}), "apis.pushcontact.timeout_s: 0 is no usable time limit"),
        (
            json!({"inputs": {"ID": {}}, "url": "https://people.example.com/${id}"}),
            "uses this input; did you mean `${id}`?",
        ),
    ];
    for (change, expected) in rows {
        let mut api = json!({"method": "POST", "url": "https://people.example.com/v1"});
        for (key, value) in change.as_object().unwrap() {
            api[key] = value.clone();
        }
        let errors = CompiledConnector::compile(&definition(api)).unwrap_err();
        assert_eq!(errors.len(), 1, "{change}: {errors:?}");
        assert!(errors[0].to_string().contains(expected), "{change}: {}", errors[0]);
        assert!(!errors[0].help().is_empty());
    }
}

#[test]
fn all_faults_of_a_connector_are_reported_at_once() {
    let mut broken = definition(json!({
        "method": "GET", "url": "http://nowhere.example/", "headers": {"Host": "x"}, "timeout_s": 900, "query": {"a": "${"},
    }));
    broken.hosts.push("https://x".into());
    let at: Vec<String> =
        CompiledConnector::compile(&broken).unwrap_err().into_iter().map(|error| error.at).collect();
    let apis = ["timeout_s", "url", "query.a", "headers.Host"].map(|part| format!("apis.pushcontact.{part}"));
    assert_eq!(at, [&["hosts[2]".to_owned()][..], &apis].concat());
}

#[test]
fn an_unknown_api_suggests_the_one_that_was_meant() {
    let connector = CompiledConnector::compile(&definition(push_contact())).unwrap();
    let failure = connector.api("pushContacts").unwrap_err();
    assert_eq!(failure.reason, Reason::ApiNotFound);
    assert_eq!(failure.help.as_deref(), Some("did you mean `gcontacts.pushcontact`?"));
    let failure = connector.api("zzz").unwrap_err();
    assert_eq!(failure.help.as_deref(), Some("it has `gcontacts.files.upload`, `gcontacts.pushcontact`"));
    assert_eq!(connector.api("files.upload").unwrap().id.as_str(), "gcontacts.files.upload");
    assert_eq!(
        CompiledApi::compile(&definition(push_contact()), "x").unwrap_err().reason,
        Reason::ApiNotFound
    );
}

/// A bearer token needs none.
struct NoRandomness;

impl sluis_model::ports::Randomness for NoRandomness {
    fn fill(&self, _buffer: &mut [u8]) {
        panic!("nothing here is random");
    }
}

#[test]
fn a_request_is_shown_as_it_goes_out_with_its_credential_starred() {
    let api = compiled(push_contact());
    let mut prepared = call(&api, json!({"book": "b", "First_Name": "O'Hara", "fields": "a"})).unwrap();
    let definition = definition(push_contact());
    let context = sluis_auth::Context {
        now: sluis_model::time::Timestamp(0),
        randomness: &NoRandomness,
        client: None,
        variables: &Default::default(),
        challenges: &Default::default(),
    };
    let before = prepared.shown(sluis_auth::scheme_of(&definition.auth).as_ref(), context).explain();
    prepared.request.set_secret_header(http::header::AUTHORIZATION, &"Bearer canary-token-1".into()).unwrap();
    assert_eq!(before, prepared.request.explain(), "before it has its credential it is shown just the same");
    assert_eq!(
        prepared.request.explain(),
        "POST /v1/books/b/people?view=full&fields=a HTTP/1.1\n\
         Host: people.example.com\n\
         Accept: application/json\n\
         X-Tenant: t-main\n\
         Content-Type: application/json\n\
         Authorization: Bearer ***\n\
         \n\
         {\"names\":[{\"given\":\"O'Hara\"}],\"age\":null,\"hello\":\"Hi O'Hara!\"}\n"
    );
    assert_eq!(
        prepared.request.to_curl(),
        "curl --request POST 'https://people.example.com/v1/books/b/people?view=full&fields=a' \\\n  \
         --header 'Accept: application/json' \\\n  \
         --header 'X-Tenant: t-main' \\\n  \
         --header 'Content-Type: application/json' \\\n  \
         --header 'Authorization: Bearer ***' \\\n  \
         --data-raw '{\"names\":[{\"given\":\"O'\\''Hara\"}],\"age\":null,\"hello\":\"Hi O'\\''Hara!\"}'"
    );
}

#[test]
fn no_view_of_a_request_holds_the_token_in_any_form() {
    let token = "canary/tok+en=1";
    let mut prepared = call(
        &compiled(push_contact()),
        // A token that came into the data by some way, in path, query, header and body.
        json!({"book": token, "First_Name": token, "fields": token, "trace": token}),
    )
    .unwrap();
    prepared
        .request
        .set_secret_header(http::header::AUTHORIZATION, &format!("Bearer {token}").into())
        .unwrap();
    let redactor = Redactor::new([&SecretText::from(token)]);
    let shown = format!(
        "{} {} {prepared:?} {:?}",
        prepared.request.explain_with(&redactor),
        prepared.request.to_curl_with(&redactor),
        prepared.request.headers.get("authorization"),
    );
    assert!(!shown.contains("canary"), "{shown}");
}

#[test]
fn a_header_that_the_scheme_puts_its_credential_into_is_refused_before_any_call() {
    for (auth, header) in [
        (json!({"scheme": "api_key", "name": "X-Api-Key"}), "x-api-KEY"),
        (
            json!({"scheme": "choice", "configs": {
                "key": {"scheme": "api_key", "name": "X-Api-Key"}, "password": {"scheme": "basic"},
            }}),
            "X-Api-Key",
        ),
    ] {
        let mut definition = serde_json::to_value(definition(push_contact())).unwrap();
        definition["auth"] = auth;
        definition["apis"]["pushcontact"]["headers"] = json!({header: "mine"});
        let definition: ConnectorDefinition = serde_json::from_value(definition).unwrap();
        let errors = CompiledConnector::compile(&definition).unwrap_err();
        let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(errors.len(), 1, "{told:?}");
        assert!(told[0].contains(&format!("`{header}` is set by Sluis")), "{told:?}");
    }
}

#[test]
fn a_form_holds_what_is_given_and_nothing_else() {
    let api = compiled(json!({
        "method": "POST",
        "url": "https://people.example.com/",
        "body": {"form": {"name": "${name}", "address[city]": "${city}", "kind": "a b", "note": "n ${note}"}},
        "inputs": {"city": {"required": false}, "note": {"required": false}},
    }));
    let prepared = call(&api, json!({"name": "Ada & Co=1\r\n", "city": 7})).unwrap();
    assert_eq!(body(&prepared), "address%5Bcity%5D=7&kind=a+b&name=Ada+%26+Co%3D1%0D%0A");
    assert_eq!(prepared.request.headers["content-type"], "application/x-www-form-urlencoded");
    assert!(matches!(call(&api, json!({})), Err(InputError::Missing { .. })));
}

proptest! {
    #[test]
    fn no_value_of_a_form_reaches_another_field(value in ".*", name in "[a-z\\[\\]&=%+ ]{1,12}") {
        let api = compiled(json!({
            "method": "POST",
            "url": "https://people.example.com/",
            "body": {"form": {&name: "${v}", "~last": "<${v}>"}},
        }));
        let prepared = call(&api, json!({"v": value})).unwrap();
        let back: Vec<(String, String)> = url::form_urlencoded::parse(&prepared.request.body).into_owned().collect();
        prop_assert_eq!(back, [(name, value.clone()), ("~last".to_owned(), format!("<{value}>"))]);
    }
}

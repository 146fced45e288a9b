//! Every shape that a request can have, and that no value leaves its place in any of them: what is sent is
//! decoded by libraries that know nothing of ours.
#![allow(clippy::unwrap_used)] // a test that cannot go on should stop

mod moment;

use moment::moment;
use proptest::prelude::*;
use serde_json::{Value, json};
use sluis_invoke::{
    CallData, CompiledApi, FilePart, Files, GivenContent, GivenPart, GivenParts, PreparedRequest, prepare,
};
use sluis_model::connector::ConnectorDefinition;
use sluis_model::error::Failure;

fn compile(api: &Value) -> Result<CompiledApi, Failure> {
    let mut api = api.clone();
    api["method"] = if api.get("body").is_some() { json!("POST") } else { json!("GET") };
    if api.get("url").is_none() {
        api["url"] = json!("https://api.example.com/v1");
    }
    let definition: ConnectorDefinition = serde_json::from_value(json!({
        "sluis": 1, "namespace": "x", "service": {"name": "X", "api_version": "v2.1"},
        "auth": {"scheme": "bearer"}, "hosts": ["api.example.com"], "apis": {"a": api},
    }))
    .unwrap();
    CompiledApi::compile(&definition, "a")
}

fn send(api: &Value, data: impl Into<CallData>) -> Result<PreparedRequest, Failure> {
    Ok(prepare(&compile(api).unwrap(), &data.into(), moment())?)
}

fn values(data: Value) -> CallData {
    data.as_object().unwrap().clone().into()
}

fn body(prepared: &PreparedRequest) -> String {
    String::from_utf8(prepared.request.body.to_vec()).unwrap()
}

fn file(name: &str, media_type: &str, content: &'static [u8]) -> FilePart {
    FilePart { name: name.into(), media_type: Some(media_type.into()), content: content.into() }
}

fn files(all: Vec<(&str, Vec<FilePart>)>) -> Files {
    all.into_iter().map(|(name, files)| (name.to_owned(), files)).collect()
}

#[test]
fn bare_braces_the_version_of_the_service_and_functions_stand_in_a_path() {
    let api = json!({
        "url": "https://api.example.com/${service.api_version}/{user || 'me'}/{{x}}/${base64url(id)}",
        "headers": {"X-Time": "t${now('unix')}", "Idempotency-Key": "${uuid()}"},
        "query": {"version": "${service.api_version}"},
    });
    let prepared = send(&api, values(json!({"id": "a?b"}))).unwrap();
    let url = "https://api.example.com/v2.1/me/%7Bx%7D/YT9i?version=v2.1";
    assert_eq!(prepared.request.url.as_str(), url);
    assert_eq!(prepared.request.headers["x-time"], "t1700000000");
    assert_eq!(prepared.request.headers["idempotency-key"], "77777777-7777-4777-b777-777777777777");
    let missing = send(&api, CallData::default()).unwrap_err();
    assert!(missing.message.contains("`id`") && !missing.message.contains("user"), "{missing:?}");
}

#[test]
fn lists_and_maps_are_written_in_the_style_that_the_service_reads() {
    let api = json!({"query": {
        "tag": {"value": "${tags}", "style": "repeat"},
        "page": {"value": "${page}", "style": "deep"},
        "fields": {"value": "${fields || 'id'}", "style": "comma"},
        "plain": "${tags}",
    }});
    let prepared = send(&api, values(json!({"tags": ["a", "b c"], "page": {"limit": 5}}))).unwrap();
    assert_eq!(
        prepared.request.url.query().unwrap(),
        "fields=id&page%5Blimit%5D=5&plain=%5B%22a%22%2C%22b+c%22%5D&tag=a&tag=b+c"
    );
    let refused = send(&api, values(json!({"tags": {"k": 1}, "page": 1}))).unwrap_err();
    assert!(refused.message.contains("`tags` of x.a is or holds a map"), "{refused:?}");
    let bad = json!({"query": {"a": {"value": "x${b}", "style": "repeat"}}});
    assert!(compile(&bad).unwrap_err().message.contains("exactly one placeholder"));
}

#[test]
fn cookies_go_out_in_one_header_and_take_no_more_than_a_cookie_can_hold() {
    let api = json!({
        "cookies": {"lang": "${lang}", "theme": "x-${theme}"},
        "inputs": {"theme": {"required": false}},
    });
    let both = send(&api, values(json!({"lang": "de", "theme": "dark"}))).unwrap();
    assert_eq!(both.request.headers["cookie"], "lang=de; theme=x-dark");
    assert_eq!(send(&api, values(json!({"lang": "de"}))).unwrap().request.headers["cookie"], "lang=de");
    for bad in ["a;b", "a b", "a\"b", "a,b", "ä", "a\nb", "a\\b"] {
        assert!(send(&api, values(json!({"lang": bad}))).is_err(), "{bad}");
    }
    assert!(compile(&json!({"cookies": {"a b": "1"}})).is_err());
}

#[test]
fn a_text_and_a_file_are_bodies_as_they_are() {
    let text = json!({"body": {"text": "Hi ${name}\n${json(o)}"}});
    let prepared = send(&text, values(json!({"name": "Ada", "o": {"a": [1]}}))).unwrap();
    assert_eq!(body(&prepared), "Hi Ada\n{\"a\":[1]}");
    assert_eq!(prepared.request.headers["content-type"], "text/plain; charset=utf-8");

    let mut bytes = json!({"body": {"bytes": "${File}"}, "inputs": {"File": {"type": "file"}}});
    let data = CallData {
        files: files(vec![("File", vec![file("a.png", "image/png", b"\x89\0\r\n")])]),
        ..CallData::default()
    };
    let prepared = send(&bytes, data.clone()).unwrap();
    assert_eq!(&prepared.request.body[..], b"\x89\0\r\n");
    assert_eq!(prepared.request.headers["content-type"], "image/png");
    bytes["headers"] = json!({"Content-Type": "application/octet-stream"});
    assert_eq!(send(&bytes, data).unwrap().request.headers["content-type"], "application/octet-stream");
    let refused = send(&bytes, values(json!({"File": "text"}))).unwrap_err();
    assert!(refused.message.contains("must be a file"), "{refused:?}");
    assert!(compile(&json!({"body": {"bytes": "a${b}"}})).is_err());
}

#[test]
fn a_graphql_operation_has_its_values_in_variables_and_nowhere_else() {
    let query = "query q($id: ID!, $n: Int = 5) { a(id: $id, n: $n) { b } }";
    let api = json!({
        "body": {"graphql": {"query": query, "operation": "q", "variables": {"id": "${Id}", "n": "${N}", "f": {"k": "${Id}"}}}},
        "inputs": {"N": {"required": false}},
    });
    let prepared = send(&api, values(json!({"Id": "\"}) { evil }"}))).unwrap();
    let sent: Value = serde_json::from_str(&body(&prepared)).unwrap();
    assert_eq!(
        sent,
        json!({"query": query, "operationName": "q", "variables": {"id": "\"}) { evil }", "f": {"k": "\"}) { evil }"}}})
    );
    assert_eq!(prepared.request.headers["content-type"], "application/json");
    let null = send(&api, values(json!({"Id": 1, "N": null}))).unwrap();
    assert!(body(&null).contains("\"n\":null"), "a null that is given is sent");
    let bad = json!({"body": {"graphql": {"query": "{ a(id: ${Id}) }"}}});
    assert!(compile(&bad).unwrap_err().help.unwrap().contains("declare a variable"));
}

#[test]
fn parts_keep_their_order_and_say_what_they_are() {
    let api = json!({
        "body": {"multipart": {
            "z": {"json": {"title": "${title}"}},
            "a": "${files}",
            "note": {"value": "<b>${title}</b>", "content_type": "text/html", "filename": "n.html", "headers": {"X-Id": "${id}"}},
            "gone": "${gone}",
        }},
        "inputs": {"gone": {"required": false}},
    });
    let data = CallData {
        files: files(vec![(
            "files",
            vec![file("1.txt", "text/plain", b"1"), file("2.bin", "bad\r\ntype", b"2")],
        )]),
        ..values(json!({"title": "T", "id": 7}))
    };
    let prepared = send(&api, data.clone()).unwrap();
    let text = body(&prepared);
    let heads: Vec<&str> = text.lines().filter(|line| line.contains(": ")).collect();
    assert_eq!(
        heads,
        [
            "Content-Disposition: form-data; name=\"z\"",
            "Content-Type: application/json",
            "Content-Disposition: form-data; name=\"a\"; filename=\"1.txt\"",
            "Content-Type: text/plain",
            "Content-Disposition: form-data; name=\"a\"; filename=\"2.bin\"",
            "Content-Type: application/octet-stream",
            "Content-Disposition: form-data; name=\"note\"; filename=\"n.html\"",
            "Content-Type: text/html",
            "x-id: 7",
        ]
    );
    let bad =
        CallData { values: json!({"title": "T", "id": "7\r\nX: y"}).as_object().unwrap().clone(), ..data };
    assert!(send(&api, bad).is_err());
}

#[test]
fn related_parts_are_metadata_and_then_a_file() {
    let api = json!({
        "body": {"related": [{"json": {"name": "${name}"}}, {"value": "${File}"}]},
        "inputs": {"File": {"type": "file"}},
    });
    let data = CallData {
        files: files(vec![("File", vec![file("a.png", "image/png", b"\x89")])]),
        ..values(json!({"name": "A"}))
    };
    let prepared = send(&api, data).unwrap();
    let content_type = prepared.request.headers["content-type"].to_str().unwrap();
    assert!(content_type.starts_with("multipart/related; boundary="), "{content_type}");
    assert!(content_type.ends_with("; type=\"application/json\""), "{content_type}");
    let text = String::from_utf8_lossy(&prepared.request.body).into_owned();
    assert!(text.contains("Content-Type: application/json\r\n\r\n{\"name\":\"A\"}\r\n"), "{text}");
    assert!(text.contains("Content-Type: image/png\r\n\r\n") && !text.contains("Disposition"), "{text}");
}

#[test]
fn a_file_is_read_by_functions_and_told_by_its_name_in_texts() {
    let api = json!({"body": {"json": {
        "content": "${base64(File)}", "sum": "${hash('md5', File)}", "name": "${File}",
    }}});
    let data = CallData {
        files: files(vec![("File", vec![file("a.bin", "x/y", b"\0\xff")])]),
        ..CallData::default()
    };
    let sent: Value = serde_json::from_str(&body(&send(&api, data.clone()).unwrap())).unwrap();
    assert_eq!((&sent["content"], &sent["name"]), (&json!("AP8="), &json!("a.bin")));
    assert_eq!(sent["sum"].as_str().unwrap().len(), 32);
    let nowhere = json!({"body": {"json": {"name": "${File}"}}});
    assert!(send(&nowhere, data).unwrap_err().message.contains("is a file"));
}

#[test]
fn a_call_sets_the_headers_that_the_api_lets_it_set_and_no_other() {
    let api = json!({"headers": {"Accept": "application/json"}, "override_headers": ["Accept", "If-Match"]});
    let with = |name: &str, value: &str| CallData {
        headers: json!({name: value}).as_object().unwrap().clone(),
        ..CallData::default()
    };
    let sent = send(&api, with("accept", "text/csv")).unwrap().request.headers;
    assert_eq!(sent.get_all("accept").iter().collect::<Vec<_>>(), ["text/csv"]);
    assert_eq!(send(&api, with("If-Match", "\"1\"")).unwrap().request.headers["if-match"], "\"1\"");
    let refused = send(&api, with("If-Mtch", "1")).unwrap_err();
    assert_eq!(refused.help.as_deref(), Some("did you mean `if-match`?"));
    for name in ["Authorization", "Cookie", "Host", "X-Other", "a b"] {
        let refused = send(&api, with(name, "x")).unwrap_err();
        assert!(refused.message.contains("may not set the header"), "{refused:?}");
    }
    assert!(send(&api, with("Accept", "a\r\nX: y")).is_err());
    for reserved in ["authorization", "Cookie", "Host", "Proxy-Authorization"] {
        assert!(compile(&json!({"override_headers": [reserved]})).is_err(), "{reserved}");
    }
}

#[test]
fn parts_that_a_call_brings_along_take_the_place_of_the_body() {
    let photo = file("a.png", "image/png", b"\x89");
    let given = |media_type: Option<&str>| CallData {
        parts: Some(GivenParts {
            media_type: media_type.map(str::to_owned),
            parts: vec![
                GivenPart {
                    headers: vec![("Content-Type".into(), "application/json".into())],
                    content: GivenContent::Json(json!({"title": "T"})),
                },
                GivenPart {
                    headers: vec![("Content-Disposition".into(), "file;".into())],
                    content: GivenContent::File(photo.clone(), Some("content".into())),
                },
            ],
        }),
        ..CallData::default()
    };
    let mut api = json!({"body": {"related": [{"json": {"name": "${name}"}}, {"value": "${File}"}]}});
    let sent = send(&api, given(None)).unwrap();
    let text = String::from_utf8_lossy(&sent.request.body).into_owned();
    assert!(sent.request.headers["content-type"].to_str().unwrap().starts_with("multipart/related"));
    assert!(text.contains("Content-Type: application/json\r\n\r\n{\"title\":\"T\"}"), "{text}");
    assert!(text.contains("Content-Type: image/png") && !text.contains("file;"), "{text}");
    let form = send(&api, given(Some("multipart/form-data"))).unwrap();
    let text = String::from_utf8_lossy(&form.request.body).into_owned();
    assert!(text.contains("Content-Disposition: form-data; name=\"content\"; filename=\"a.png\""), "{text}");
    assert!(send(&api, given(Some("multipart/x-y\r\n"))).is_err());
    api["body"] = json!({"json": {}});
    assert!(send(&api, given(None)).unwrap_err().message.contains("has no place"));
    assert!(send(&json!({}), given(None)).unwrap_err().message.contains("a GET request has no body"));
    let mut evil = given(None);
    evil.parts.as_mut().unwrap().parts[0].headers.push(("X\r\nY".into(), "1".into()));
    api["body"] = json!({"multipart": {"a": "${a}"}});
    assert!(send(&api, evil).is_err());
}

fn pairs(text: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_value_stays_in_its_place_in_url_header_and_cookie(value in any::<String>()) {
        let api = json!({
            "url": "https://api.example.com/a/{v}/z", "query": {"q": "<${v}>", "end": "1"},
        });
        if let Ok(prepared) = send(&api, values(json!({"v": value}))) {
            let url = &prepared.request.url;
            let segments: Vec<&str> = url.path_segments().unwrap().collect();
            prop_assert_eq!(segments.len(), 3);
            let decoded = percent_encoding::percent_decode_str(segments[1]).decode_utf8().unwrap();
            prop_assert_eq!(decoded.as_ref(), &value);
            let query = pairs(url.query().unwrap());
            prop_assert_eq!(query, vec![("end".to_owned(), "1".to_owned()), ("q".to_owned(), format!("<{value}>"))]);
            prop_assert_eq!(url.host_str(), Some("api.example.com"));
        }
        let cookies = json!({"cookies": {"a": "${v}", "z": "1"}});
        if let Ok(prepared) = send(&cookies, values(json!({"v": value}))) {
            let header = prepared.request.headers["cookie"].to_str().unwrap();
            let read: Vec<(&str, &str)> = header.split("; ").map(|one| one.split_once('=').unwrap()).collect();
            prop_assert_eq!(read, vec![("a", value.as_str()), ("z", "1")]);
        }
    }

    #[test]
    fn entries_stay_in_their_fields_whatever_the_style(items in prop::collection::vec(any::<String>(), 0..4)) {
        for (style, separator) in [("comma", ','), ("space", ' '), ("pipe", '|')] {
            let api = json!({"body": {"form": {"a": {"value": "${v}", "style": style}, "z": "1"}}});
            if let Ok(prepared) = send(&api, values(json!({"v": items}))) {
                let sent = pairs(&body(&prepared));
                let read: Vec<String> = match sent.as_slice() {
                    [(name, value), _] if name == "a" => value.split(separator).map(str::to_owned).collect(),
                    _ => Vec::new(),
                };
                prop_assert_eq!(&read, &items, "{}", style);
            } else {
                prop_assert!(items.iter().any(|item| item.contains(separator)));
            }
        }
        for (style, name) in [("repeat", "a"), ("brackets", "a[]"), ("deep", "a")] {
            let api = json!({"query": {"a": {"value": "${v}", "style": style}}});
            let prepared = send(&api, values(json!({"v": items}))).unwrap();
            let wanted: Vec<_> = items.iter().map(|item| (name.to_owned(), item.clone())).collect();
            prop_assert_eq!(pairs(prepared.request.url.query().unwrap_or_default()), wanted);
        }
    }

    #[test]
    fn keys_of_maps_make_no_other_fields(key in any::<String>(), value in any::<String>()) {
        let api = json!({"query": {"a": {"value": "${v}", "style": "deep"}}});
        if let Ok(prepared) = send(&api, values(json!({"v": {&key: value}}))) {
            let read = pairs(prepared.request.url.query().unwrap());
            prop_assert_eq!(read, vec![(format!("a[{key}]"), value)]);
            prop_assert!(!key.contains(['[', ']']));
        }
    }

    #[test]
    fn a_value_stays_in_its_place_in_json_graphql_and_xml(value in any::<String>()) {
        let json_api = json!({"body": {"json": {"a": "${v}", "b": "<${v}>", "c": [{"d": "${json(v)}"}]}}});
        let sent: Value = serde_json::from_str(&body(&send(&json_api, values(json!({"v": value}))).unwrap())).unwrap();
        let quoted = Value::from(value.as_str()).to_string();
        prop_assert_eq!(sent, json!({"a": value, "b": format!("<{value}>"), "c": [{"d": quoted}]}));

        let graphql = json!({"body": {"graphql": {"query": "{ a }", "variables": {"v": "${v}"}}}});
        let sent: Value = serde_json::from_str(&body(&send(&graphql, values(json!({"v": value}))).unwrap())).unwrap();
        prop_assert_eq!(sent, json!({"query": "{ a }", "variables": {"v": value}}));

        let xml = json!({"body": {"xml": "<r a=\"${v}\"><x>y${v}</x><l>${v}</l></r>"}});
        if let Ok(prepared) = send(&xml, values(json!({"v": value}))) {
            let text = body(&prepared);
            let document = roxmltree::Document::parse(&text).unwrap();
            let root = document.root_element();
            prop_assert_eq!(root.attribute("a"), Some(value.as_str()));
            let texts: Vec<String> = root.children().map(|child| child.text().unwrap_or_default().to_owned()).collect();
            prop_assert_eq!(texts, vec![format!("y{value}"), value]);
        }
    }

    #[test]
    fn a_value_stays_in_its_part(value in any::<String>(), name in any::<String>()) {
        let api = json!({"body": {"multipart": {
            "a": "${v}", "f": {"value": "${File}", "filename": "${n}"}, "z": {"json": {"v": "${v}"}},
        }}});
        let data = CallData {
            files: files(vec![("File", vec![file("x", "text/plain", b"--sluis-part-00000000--\r\n")])]),
            ..values(json!({"v": value, "n": name}))
        };
        let prepared = send(&api, data).unwrap();
        let boundary = multer::parse_boundary(prepared.request.headers["content-type"].to_str().unwrap()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let read = runtime.block_on(async {
            let mut parts = multer::Multipart::with_reader(&prepared.request.body[..], boundary);
            let mut read = Vec::new();
            while let Some(part) = parts.next_field().await.unwrap() {
                read.push((part.name().unwrap_or_default().to_owned(), part.bytes().await.unwrap()));
            }
            read
        });
        let json = json!({"v": value}).to_string();
        let wanted: [(&str, &[u8]); 3] =
            [("a", value.as_bytes()), ("f", b"--sluis-part-00000000--\r\n"), ("z", json.as_bytes())];
        prop_assert_eq!(read.len(), 3);
        for ((name, content), (wanted_name, wanted)) in read.iter().zip(wanted) {
            prop_assert_eq!(name.as_str(), wanted_name);
            prop_assert_eq!(&content[..], wanted);
        }
    }
}

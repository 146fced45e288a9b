//! The JSON Schema and the Rust type say the same.

use serde_json::{Value, json};
use sluis_definition::{SCHEMA_TEXT, read};
use sluis_model::api_test::{ApiTest, Expected, Statuses};
use sluis_model::connection_settings::{
    ConnectionSettings, Environment, Identity, Owner, TestCall, Variable, VariableFormat,
};
use sluis_model::connector::{
    Absent, ApiDefinition, AuthConfig, Body, ClientAuth, ClientAuths, ClientReference, ConnectorDefinition,
    CredentialUse, Effect, FieldValue, Graphql, Hooks, Input, InputType, Method, Oauth2, Part, PartValue,
    RevokeUsing, Service, Style, StyledValue,
};
use sluis_model::idempotency::{Idempotency, KeyOf};
use sluis_model::inputs::Inputs;
use sluis_model::mail_body::{MailBody, Texts};
use sluis_model::ordered::Ordered;
use sluis_model::pagination::{
    Beyond, CursorPages, LastPage, LinkHeader, NextUrl, NumberedPages, OffsetPages, OnError, PageSize,
    Pagination,
};
use sluis_model::rate::{LimitedWhen, RatePer, RateRule, WaitHeader, WaitInBody, WaitMeaning, WaitUnit};
use sluis_model::retry::RetryRule;
use sluis_model::task::{IntegrationTask, TaskParameter, TaskResult};
use std::collections::{BTreeMap, BTreeSet};

fn text(value: &str) -> Option<String> {
    Some(value.to_owned())
}

fn every_field_of_pagination() -> Pagination {
    let path = || Some("a.b[-1]".parse().unwrap());
    Pagination {
        link: Some(LinkHeader {
            header: Some("x-links".into()),
            rel: Some("more".into()),
            other_hosts: true,
        }),
        next_url: Some(NextUrl { at: path(), header: Some("x-next".into()), other_hosts: true }),
        cursor: Some(CursorPages {
            input: "Name".into(),
            at: path(),
            header: Some("x-cursor".into()),
            api: Some("other".into()),
        }),
        offset: Some(OffsetPages { input: "Name".into(), first: 1 }),
        page: Some(NumberedPages { input: "Name".into(), first: 0, total: path() }),
        rows: path(),
        page_size: Some(PageSize { input: Some("Name".into()), default: Some(50), at_most: Some(100) }),
        more: path(),
        stop_when: path(),
        total: path(),
        last_page: LastPage::Short,
        at_most_pages: Some(7),
        at_most_rows: Some(70),
        beyond: Beyond::Stop,
        on_error: OnError::Stop,
    }
}

/// A definition in which every field is set; a new field of the type does not compile here.
fn full() -> ConnectorDefinition {
    let input = Input {
        kind: InputType::Text,
        description: text("d"),
        required: false,
        absent: Absent::LeaveOut,
        default: Some(json!(1)),
        example: Some(json!("x")),
        title: text("t"),
        choices: vec![json!("1"), json!("x")],
        pattern: text("."),
        min: Some(1.into()),
        max: Some(9.into()),
        schema: Some(json!({ "type": "string" })),
        options_from: Some(crate::answers::options()),
    };
    let task = IntegrationTask {
        name: "pets.all.one".into(),
        parameters: vec![TaskParameter::Options { options: vec!["Name".into()] }],
        result: vec![TaskResult {
            at: "a[0]".parse().unwrap(),
            when: BTreeMap::from([("b".parse().unwrap(), json!(1))]),
        }],
        when_empty: json!([]),
    };
    let api = ApiDefinition {
        description: text("d"),
        method: Method::Post,
        url: "https://api.example.com/a/b".into(),
        query: BTreeMap::from([(
            "q".into(),
            FieldValue::Styled(StyledValue { value: "${Name}".into(), style: Style::Repeat }),
        )]),
        headers: BTreeMap::from([("X-A".into(), "a".into())]),
        override_headers: vec!["Accept".into()],
        cookies: BTreeMap::from([("lang".into(), "${Name}".into())]),
        credential: CredentialUse::Optional,
        body: Some(Body::Json(json!({ "a": ["${Name}", 1, null] }))),
        inputs: Inputs::from([("Name".into(), input)]),
        task: Some(task),
        effect: Effect::Destructive,
        tests: vec![ApiTest {
            name: "one".into(),
            inputs: serde_json::Map::from_iter([("Name".to_owned(), json!("Rex"))]),
            expect: Expected {
                status: Some(Statuses::Any(vec![200, 201])),
                value: BTreeMap::from([("a[0].b".parse().unwrap(), json!(1))]),
                shape: Some(json!({ "a": ["any"], "c?": "text" }).try_into().unwrap()),
                contains: vec!["Rex".into()],
            },
        }],
        timeout_s: Some(300),
        pagination: Some(Pagination {
            next_url: None,
            cursor: None,
            offset: None,
            page: None,
            ..every_field_of_pagination()
        }),
        follow_redirects: false,
        answer: Some(crate::answers::mapping()),
        errors: vec![crate::answers::rule()],
        asynchronous: Some(crate::answers::later()),
        outputs: Some(json!({ "type": "object" })),
        output_example: Some(json!({ "id": 1 })),
        retry: Some(RetryRule::default()),
        rate: Some(rate()),
        idempotency: Some(idempotency()),
        wait: false,
    };
    let oauth = Oauth2 {
        authorize_url: text("https://example.com/authorize"),
        token_url: text("https://example.com/token"),
        refresh_url: text("https://example.com/refresh"),
        revoke_url: text("https://example.com/revoke"),
        revoke_using: RevokeUsing::AccessToken,
        scopes: vec!["read".into()],
        issuer: text("https://example.com"),
        authorize_params: BTreeMap::from([("prompt".into(), "consent".into())]),
        client: Some(ClientReference::Env("SLUIS_CLIENT_X".into())),
        client_auth: ClientAuths::Alike(ClientAuth::Body),
        ..Oauth2::default()
    };
    ConnectorDefinition {
        timeout_s: Some(60),
        sluis: 1,
        namespace: "pets".parse().unwrap(),
        description: text("d"),
        service: Service {
            name: "Pets".into(),
            product_version: text("1"),
            api_version: text("v2"),
            documentation: text("https://example.com/docs"),
            logo: text("data:image/png;base64,iVBORw0KGgo="),
            base_url: text("https://api.example.com/v2"),
        },
        auth: AuthConfig::Oauth2AuthorizationCode(oauth),
        hosts: vec!["api.example.com".into()],
        headers: BTreeMap::from([("X-B".into(), "b".into())]),
        retry: Some(RetryRule::never()),
        rate: Some(rate()),
        error_when: text("body.get(\"ok\") == false"),
        errors: vec![crate::answers::rule()],
        connection: settings(),
        apis: BTreeMap::from([("group.one".into(), api)]),
        hooks: Hooks { on_authorize: text("return true;"), on_revoke: text("info 1;") },
    }
}

/// Everything that can be said of how much a service takes.
fn rate() -> RateRule {
    RateRule {
        requests: Some(10),
        per_s: Some(2),
        burst: Some(3),
        concurrent: Some(4),
        per: RatePer::Org,
        wait_headers: vec![WaitHeader {
            name: "x-wait".into(),
            meaning: WaitMeaning::At,
            unit: WaitUnit::Milliseconds,
        }],
        remaining_headers: vec!["x-left".into()],
        in_body: Some(WaitInBody {
            path: "error.wait".parse().unwrap(),
            meaning: WaitMeaning::After,
            unit: WaitUnit::Minutes,
        }),
        limited_when: vec![LimitedWhen {
            status: 403,
            path: Some("error.reason".parse().unwrap()),
            is: vec!["busy".into()],
        }],
    }
}

fn idempotency() -> Idempotency {
    Idempotency {
        header: text("Idempotency-Key"),
        key: KeyOf::Input,
        lifetime_s: 60,
        ..Idempotency::default()
    }
}

/// Everything that can be said of connections.
fn settings() -> ConnectionSettings {
    let variable = Variable {
        name: "tenant".into(),
        title: text("t"),
        description: text("d"),
        example: text("acme.example.com"),
        pattern: text("[a-z.]+"),
        prefix: "https://".into(),
        suffix: "/".into(),
        choices: vec!["acme.example.com".into()],
        default: text("acme.example.com"),
        optional: true,
        automatic: true,
        format: VariableFormat::Host,
        within: vec!["example.com".into()],
    };
    let test = TestCall {
        api: "group.one".into(),
        inputs: serde_json::Map::from_iter([("Name".into(), json!("x"))]),
    };
    ConnectionSettings {
        variables: vec![variable],
        environments: BTreeMap::from([(
            "live".into(),
            Environment {
                title: text("t"),
                variables: BTreeMap::from([("tenant".into(), "a.example.com".into())]),
            },
        )]),
        default_environment: text("live"),
        owner: Owner::User,
        identity: Some(Identity { api: "group.one".into(), path: "$.name".into() }),
        test: Some(test.clone()),
        tests: BTreeMap::from([("basic".into(), test)]),
    }
}

fn resolve<'s>(root: &'s Value, schema: &'s Value) -> &'s Value {
    match schema.get("$ref").and_then(Value::as_str) {
        Some(to) => root.pointer(to.trim_start_matches('#')).unwrap(),
        None => schema,
    }
}

/// Walks value and schema side by side and compares the names at every object of fixed shape.
fn compare(root: &Value, schema: &Value, value: &Value, path: &str, seen: &mut usize) {
    let Some(object) = value.as_object() else { return };
    let mut schema = resolve(root, schema);
    if let Some(scheme) = object.get("scheme").and_then(Value::as_str) {
        schema = &root["$defs"][scheme];
    }
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        let names = |object: &serde_json::Map<String, Value>| object.keys().cloned().collect::<BTreeSet<_>>();
        let one_of = schema.get("maxProperties") == Some(&json!(1)) || schema.get("$comment").is_some();
        // One type serves several grants, each of which knows some of its keys; see `oauth2.rs`.
        let some = schema["properties"]["scheme"]["const"].as_str().is_some_and(|s| s.starts_with("oauth2_"));
        let fits = if one_of || some {
            names(object).is_subset(&names(properties))
        } else {
            names(object) == names(properties)
        };
        assert!(fits, "at `{path}`: type {:?}, schema {:?}", names(object), names(properties));
        assert_eq!(schema["additionalProperties"], json!(false), "at `{path}`");
        *seen += 1;
    }
    for (name, inner) in object {
        let below = schema.pointer(&format!("/properties/{name}")).or(schema.get("additionalProperties"));
        if let Some(below) = below.filter(|below| below.is_object()) {
            compare(root, below, inner, &format!("{path}.{name}"), seen);
        }
    }
}

#[test]
fn type_and_schema_have_the_same_fields() {
    let root: Value = serde_json::from_str(SCHEMA_TEXT).unwrap();
    let mut seen = 0;
    let mut full = full();
    // All ways to a next page at once, which no file may have.
    full.apis.values_mut().for_each(|api| api.pagination = Some(every_field_of_pagination()));
    compare(&root, &root, &serde_json::to_value(full).unwrap(), "", &mut seen);
    assert_eq!(
        seen, 37,
        "root, retry, rate and its part in bodies twice each, idempotency, connection, variable, environment, identity, test twice, service, auth, api, field of a query, body, \
         input, options_from, answer and its each, async, poll, callback with its match, its signature and the moment of that, task, hooks, pagination, link, next_url, cursor, offset, page, page_size"
    );
}

/// Bodies in which every field is set.
fn bodies() -> Vec<Body> {
    let one = || Texts::One("${Name}".into());
    let mail = MailBody {
        from: "${Name}".into(),
        sender: text("${Name}"),
        to: one(),
        cc: one(),
        bcc: one(),
        reply_to: Texts::Several(vec!["${Name}".into()]),
        subject: text("${Name}"),
        text: text("${Name}"),
        html: text("${Name}"),
        headers: BTreeMap::from([("X-A".into(), "${Name}".into())]),
        attachments: one(),
    };
    let part = Part {
        value: text("${Name}"),
        json: Some(json!({ "a": "${Name}" })),
        content_type: text("text/plain"),
        filename: text("a.txt"),
        headers: BTreeMap::from([("X-A".into(), "a".into())]),
    };
    let graphql = Graphql {
        query: "query q($n: String) { a(n: $n) }".into(),
        variables: serde_json::Map::from_iter([("n".into(), json!("${Name}"))]),
        operation: text("q"),
    };
    vec![
        Body::Json(json!(1)),
        Body::Form(BTreeMap::from([("a".into(), "${Name}".into())])),
        Body::Multipart(Ordered::from([("a".into(), PartValue::Part(part.clone()))])),
        Body::Related(vec![part]),
        Body::Text("${Name}".into()),
        Body::Bytes("${Name}".into()),
        Body::Xml("<a>${Name}</a>".into()),
        Body::Graphql(graphql),
        Body::Mail(Box::new(mail)),
        Body::SignIn("${Name}".into()),
    ]
}

#[test]
fn every_shape_of_a_body_has_the_fields_of_its_schema() {
    let root: Value = serde_json::from_str(SCHEMA_TEXT).unwrap();
    let mut seen = 0;
    let mut shapes = BTreeSet::new();
    for body in bodies() {
        let value = serde_json::to_value(&body).unwrap();
        shapes.extend(value.as_object().unwrap().keys().cloned());
        compare(&root, &root["$defs"]["body"], &value, "body", &mut seen);
        if let Body::Related(parts) = &body {
            compare(
                &root,
                &root["$defs"]["part"],
                &serde_json::to_value(&parts[0]).unwrap(),
                "part",
                &mut seen,
            );
        }
    }
    let known: BTreeSet<String> =
        root["$defs"]["body"]["properties"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(shapes, known);
    assert_eq!(seen, 14, "a body ten times, a part twice, graphql, mail");
}

#[test]
fn every_field_of_the_schema_is_described() {
    fn walk(at: &Value, path: &str) {
        for (name, field) in at.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let described =
                field.get("description").is_some() || field.get("$ref").is_some() || name == "scheme";
            assert!(described, "{path}.{name}");
            walk(field, &format!("{path}.{name}"));
        }
    }
    let root: Value = serde_json::from_str(SCHEMA_TEXT).unwrap();
    walk(&root, "");
    for (name, schema) in root["$defs"].as_object().unwrap() {
        assert!(schema.get("description").is_some() || name == "texts", "{name}");
        walk(schema, name);
    }
}

/// The same without what excludes something else.
fn readable() -> ConnectorDefinition {
    let mut definition = full();
    let api = definition.apis.get_mut("group.one").unwrap();
    let later = api.asynchronous.as_mut().unwrap();
    later.callback = None;
    later.poll.as_mut().unwrap().url = None;
    definition
}

#[test]
fn a_full_definition_is_read_as_it_was_written() {
    let before = readable();
    let text = serde_json::to_string_pretty(&before).unwrap();
    // JSON is YAML.
    let after = read("full.json", &text, &|name| panic!("{name} is not a file"));
    assert_eq!(after.unwrap(), before);
    let no_auth = ConnectorDefinition { auth: AuthConfig::None {}, ..before };
    let text = serde_json::to_string(&no_auth).unwrap();
    assert_eq!(read("full.json", &text, &|_| panic!()).unwrap(), no_auth);
}

#[test]
fn whatever_is_taken_from_a_full_file_gives_problems_that_name_the_place() {
    let whole = serde_json::to_value(readable()).unwrap();
    for (pointer, field) in [
        ("", "sluis"),
        ("", "namespace"),
        ("", "service"),
        ("", "auth"),
        ("", "hosts"),
        ("", "apis"),
        ("/service", "name"),
        ("/auth", "scheme"),
        ("/auth", "authorize_url"),
        ("/auth", "token_url"),
        ("/auth", "client"),
        ("/apis/group.one", "method"),
        ("/apis/group.one", "url"),
        ("/apis/group.one/task", "name"),
    ] {
        let mut value = whole.clone();
        if pointer == "/auth" {
            // With an issuer, its metadata says where the endpoints are.
            value["auth"].as_object_mut().unwrap().remove("issuer").unwrap();
        }
        value.pointer_mut(pointer).unwrap().as_object_mut().unwrap().remove(field).unwrap();
        let problems = read("f", &value.to_string(), &|_| panic!()).unwrap_err();
        let named =
            problems.iter().any(|problem| problem.message.ends_with(&format!("lacks the field `{field}`")));
        assert!(named, "{pointer} {field}: {problems:#?}");
    }
}

#[test]
fn a_value_of_a_wrong_type_never_passes_and_never_panics() {
    fn pointers(value: &Value, path: &str, found: &mut Vec<String>) {
        found.push(path.to_owned());
        match value {
            Value::Object(map) => {
                map.iter().for_each(|(name, inner)| pointers(inner, &format!("{path}/{name}"), found))
            }
            Value::Array(items) => {
                items
                    .iter()
                    .enumerate()
                    .for_each(|(at, inner)| pointers(inner, &format!("{path}/{at}"), found));
            }
            _ => {}
        }
    }
    let whole = serde_json::to_value(readable()).unwrap();
    let mut all = Vec::new();
    pointers(&whole, "", &mut all);
    // What stands below these may be any JSON.
    all.retain(|path| {
        let any = ["/default", "/example", "/when_empty", "/when/b", "/with/Name"];
        let given_to_a_test = path.starts_with("/connection/") && path.contains("/inputs")
            || path.contains("/tests/0/inputs/")
            || path.contains("/expect/value");
        !path.contains("/json")
            && !path.contains("/output_example")
            && !given_to_a_test
            && !any.iter().any(|end| path.ends_with(end))
            && !path.ends_with("/outputs")
            && !path.ends_with("/schema")
    });
    assert!(all.len() > 40, "{}", all.len());
    for path in &all {
        for wrong in [json!(null), json!(-1.5), json!([[]]), json!({ "x": { "y": 1 } })] {
            let mut value = whole.clone();
            *value.pointer_mut(path).unwrap() = wrong.clone();
            let outcome = read("f", &value.to_string(), &|_| panic!());
            assert!(outcome.is_err_and(|problems| !problems.is_empty()), "{path} = {wrong}");
        }
    }
}

//! The schemas of the OAuth 2.0 grants and the one Rust type behind them say the same.

use serde_json::{Value, json};
use sluis_definition::{SCHEMA_TEXT, read};
use sluis_model::connector::{
    Assertion, ClientAuth, ClientAuthByStep, ClientAuths, ClientReference, ExpiresAs, KeyPlace, Oauth2,
    Oauth2Answer, OwnCall, RevokeUsing, TokenFormat, TokenMethod, TokenPlace, VariablesFrom,
};
use std::collections::{BTreeMap, BTreeSet};

fn text(value: &str) -> Option<String> {
    Some(value.to_owned())
}

fn texts() -> BTreeMap<String, String> {
    BTreeMap::from([("a".to_owned(), "b".to_owned())])
}

fn call() -> Option<OwnCall> {
    Some(OwnCall {
        method: "PUT".into(),
        url: "https://example.com/own".into(),
        query: texts(),
        headers: texts(),
        form: texts(),
        json: Some(json!({})),
    })
}

/// Parameters in which every field is set; a new field of the type does not compile here.
fn full() -> Oauth2 {
    let answer = Oauth2Answer {
        access_token: text("$.t"),
        refresh_token: text("$.r"),
        scope: text("$.s"),
        expires: text("$.e"),
        expires_as: ExpiresAs::Date,
        zero_is_never: true,
        refresh_expires: text("$.re"),
        lifetime_s: Some(60),
        refresh_lifetime_s: Some(60),
        error: text("$.code"),
        error_message: text("$.message"),
        error_codes: texts(),
        busy_statuses: vec![403],
    };
    let by_step = ClientAuthByStep {
        exchange: ClientAuth::Basic,
        refresh: Some(ClientAuth::Body),
        revoke: Some(ClientAuth::None),
    };
    Oauth2 {
        issuer: text("https://example.com"),
        require_iss: true,
        authorize_url: text("https://example.com/authorize"),
        token_url: text("https://example.com/token"),
        refresh_url: text("https://example.com/refresh"),
        revoke_url: text("https://example.com/revoke"),
        device_url: text("https://example.com/device"),
        par_url: text("https://example.com/par"),
        introspect_url: text("https://example.com/introspect"),
        revoke_using: RevokeUsing::AccessToken,
        revoke_call: call(),
        client: Some(ClientReference::Vault("x".into())),
        client_auth: ClientAuths::ByStep(by_step),
        scopes: vec!["read".into()],
        scope_separator: text(","),
        pkce: Some(false),
        audience: text("a"),
        resource: vec!["https://example.com/r".into()],
        authorize_params: texts(),
        token_params: texts(),
        refresh_params: texts(),
        revoke_params: texts(),
        token_headers: texts(),
        rename: texts(),
        code_parameter: text("auth_code"),
        token_method: TokenMethod::Get,
        token_format: TokenFormat::Json,
        refresh_with_scope: true,
        answer: Some(answer),
        token_in: Some(TokenPlace { place: KeyPlace::Query, name: text("t"), prefix: "p".into() }),
        variables_from: Some(VariablesFrom { token: texts(), callback: texts() }),
        long_lived: call(),
        renew_call: call(),
        assertion: Some(Assertion { audience: text("a"), lifetime_s: Some(60), scope_inside: true }),
        subject_token_type: text("urn:x"),
        requested_token_type: text("urn:y"),
    }
}

fn names(object: &Value) -> BTreeSet<String> {
    object.as_object().unwrap().keys().filter(|name| *name != "scheme").cloned().collect()
}

fn schema() -> Value {
    serde_json::from_str(SCHEMA_TEXT).unwrap()
}

/// The grants: `$defs` that are named after a scheme.
fn grants(schema: &Value) -> Vec<String> {
    let schemes = schema["$defs"]["auth"]["properties"]["scheme"]["enum"].as_array().unwrap();
    let names = schemes.iter().filter_map(Value::as_str).filter(|name| name.starts_with("oauth2_"));
    names.map(str::to_owned).collect()
}

#[test]
fn the_grants_together_know_every_field_and_no_other() {
    let (schema, fields) = (schema(), names(&serde_json::to_value(full()).unwrap()));
    let mut known = BTreeSet::new();
    for grant in grants(&schema) {
        known.extend(names(&schema["$defs"][grant]["properties"]));
    }
    assert_eq!(known, fields);
    let full = serde_json::to_value(full()).unwrap();
    for (def, field) in [
        ("oauth2_answer", "answer"),
        ("token_in", "token_in"),
        ("variables_from", "variables_from"),
        ("own_call", "long_lived"),
        ("assertion", "assertion"),
        ("client_auth_by_step", "client_auth"),
    ] {
        assert_eq!(names(&schema["$defs"][def]["properties"]), names(&full[field]), "{def}");
    }
}

#[test]
fn every_grant_reads_all_its_keys_and_suggests_one_for_a_typo() {
    let (schema, full) = (schema(), serde_json::to_value(full()).unwrap());
    let grants = grants(&schema);
    assert_eq!(grants.len(), 6);
    for grant in grants {
        let mut auth = json!({ "scheme": grant });
        for name in names(&schema["$defs"][&grant]["properties"]) {
            auth[&name] = full[&name].clone();
        }
        let mut file = json!({
            "sluis": 1, "namespace": "a", "service": {"name": "A"}, "hosts": ["api.example"], "auth": auth,
            "apis": {"list": {"method": "GET", "url": "https://api.example/items"}},
        });
        let definition =
            read("a.yaml", &file.to_string(), &|_| panic!()).unwrap_or_else(|p| panic!("{grant}: {p:#?}"));
        assert_eq!(serde_json::to_value(&definition.auth).unwrap()["scheme"], grant.as_str());
        file["auth"]["token_ulr"] = json!("https://example.com");
        let problems = read("a.yaml", &file.to_string(), &|_| panic!()).unwrap_err();
        assert!(
            problems.iter().any(|p| p.help.as_deref() == Some("did you mean `token_url`?")),
            "{problems:#?}"
        );
    }
}

//! Connection variables: which values are taken, and where they end up.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is an assertion")]

mod moment;

use moment::moment;
use serde_json::json;
use sluis_invoke::variables::{bind, check, settle};
use sluis_invoke::{CallData, CompiledConnector, prepare};
use sluis_model::connection::Variables;
use sluis_model::connector::ConnectorDefinition;

fn definition() -> ConnectorDefinition {
    serde_json::from_value(json!({
        "sluis": 1, "namespace": "shop", "service": {"name": "Shop", "base_url": "https://${shop}.example.com/v1"},
        "hosts": ["${shop}.example.com", "${host}"],
        "auth": {
            "scheme": "two_step_token", "fields": [], "token": "$.t",
            "calls": [{"url": "https://${host}/token/${tenant}", "body": {"form": {"t": "${tenant}"}}}],
        },
        "headers": {"X-Tenant": "${tenant}"},
        "connection": {
            "variables": [
                {"name": "shop", "format": "label", "suffix": ".example.com", "prefix": "https://",
                 "description": "It stands in the address bar."},
                {"name": "host", "format": "host", "within": ["example.org"], "default": "api.example.org"},
                {"name": "tenant", "pattern": "[a-z/ $]+", "default": "t"},
                {"name": "region", "enum": ["eu", "us"], "optional": true},
            ],
            "environments": {"sandbox": {"variables": {"host": "sandbox.example.org"}}},
        },
        "apis": {
            "get": {"method": "GET", "url": "https://${shop}.example.com/${tenant}/${id}",
                    "query": {"t": "${tenant}", "region": "${region}"}},
            "far": {"method": "GET", "url": "https://${host}/"},
        },
    }))
    .unwrap()
}

fn of<const N: usize>(values: [(&str, &str); N]) -> Variables {
    values.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[test]
fn a_value_goes_to_each_place_as_that_place_wants_it() {
    let definition = definition();
    assert_eq!(check(&definition), []);
    let given = of([("shop", "https://Acme.example.com"), ("tenant", "a/b c")]);
    let settled = settle(&definition.connection, Some("sandbox"), &given).unwrap();
    assert_eq!(settled["shop"], "acme", "what is pasted along is taken off");
    let bound = bind(&definition, &settled).unwrap();
    assert_eq!(bound.hosts, ["acme.example.com", "sandbox.example.org"]);
    assert_eq!(bound.service.base_url.as_deref(), Some("https://acme.example.com/v1"));
    let auth = serde_json::to_value(&bound.auth).unwrap();
    assert_eq!(auth["calls"][0]["url"], "https://sandbox.example.org/token/a%2Fb%20c");
    assert_eq!(auth["calls"][0]["body"]["form"]["t"], "a/b c");
    let compiled = CompiledConnector::compile(&bound).unwrap();
    let inputs = json!({"id": "${shop}"});
    let sent = prepare(compiled.api("get").unwrap(), &inputs.as_object().unwrap().clone().into(), moment())
        .unwrap()
        .request;
    assert_eq!(
        sent.url.as_str(),
        "https://acme.example.com/a%2Fb%20c/%24%7Bshop%7D?region=&t=a%2Fb+c",
        "an input is data, whatever it looks like"
    );
    assert_eq!(sent.headers["x-tenant"], "a/b c");
}

#[test]
fn no_value_leads_to_another_host() {
    let definition = definition();
    for (name, value) in [
        ("shop", "evil.example/"),
        ("shop", "a.b"),
        ("shop", "evil.com#"),
        ("shop", "x@evil.com"),
        ("shop", ""),
        ("shop", "-a"),
        ("host", "evil.com"),
        ("host", "evilexample.org"),
        ("host", "example.org.evil.com"),
        ("host", "user@api.example.org"),
        ("host", "api.example.org/x"),
        ("host", "127.0.0.1"),
        ("tenant", "a\r\nX: 1"),
        ("tenant", "${id}"),
        ("tenant", "a$"),
        ("region", "mars"),
    ] {
        let given = of([("shop", "acme"), (name, value)]);
        let settled = settle(&definition.connection, None, &given);
        assert!(settled.is_err(), "{name}={value:?} was taken when connecting");
        if !value.is_empty() {
            assert!(bind(&definition, &given).is_err(), "{name}={value:?} was taken from a token's answer");
        }
    }
}

#[test]
fn what_is_missing_or_unknown_is_told_with_what_would_do() {
    let settings = definition().connection;
    let missing = settle(&settings, None, &of([])).unwrap_err();
    assert_eq!(missing.message, "the variable `shop` is missing");
    assert_eq!(missing.help.as_deref(), Some("It stands in the address bar."));
    let unknown = settle(&settings, None, &of([("shpo", "a")])).unwrap_err();
    assert!(unknown.help.unwrap().contains("`shop`"));
    let unknown = settle(&settings, Some("sandbx"), &of([("shop", "a")])).unwrap_err();
    assert!(unknown.help.unwrap().contains("`sandbox`"));
}

#[test]
fn a_definition_is_compiled_before_there_is_any_connection() {
    assert!(CompiledConnector::compile(&definition()).is_ok());
    let mut text_in_host = definition();
    text_in_host.hosts.push("${tenant}".to_owned());
    let errors = CompiledConnector::compile(&text_in_host).unwrap_err();
    assert!(errors[0].to_string().contains("its format is `label` or `host`"), "{errors:?}");
    let mut elsewhere = definition();
    elsewhere.apis.get_mut("far").unwrap().url = "https://${shop}.example.net/".to_owned();
    let errors = CompiledConnector::compile(&elsewhere).unwrap_err();
    assert!(errors[0].to_string().contains("is not among the declared hosts"), "{errors:?}");
}

/// A connector whose revocation is a call of the service's own, and whose identity call asks for a token.
fn revoking(variable: &str) -> ConnectorDefinition {
    serde_json::from_value(json!({
        "sluis": 1, "namespace": "shop", "service": {"name": "Shop"}, "hosts": ["shop.example.com"],
        "auth": {
            "scheme": "oauth2_authorization_code", "client": "vault:shop",
            "authorize_url": "https://shop.example.com/authorize", "token_url": "https://shop.example.com/token",
            "revoke_call": {
                "url": "https://shop.example.com/${tenant}/${access_token}",
                "json": {"token": "${refresh_token}", "of": "${tenant} ${client_id} ${client_secret}"},
            },
        },
        "connection": {
            "variables": [{"name": variable, "default": "t"}],
            "identity": {"api": "me", "path": "$.email"},
            "test": {"api": "me"},
        },
        "apis": {"me": {"method": "GET", "url": "https://shop.example.com/me", "query": {"token": "${access_token}"}}},
    }))
    .unwrap()
}

#[test]
fn a_token_in_an_own_call_is_left_to_the_scheme_and_no_api_is_ever_filled_with_one() {
    let definition = revoking("tenant");
    assert_eq!(check(&definition), []);
    let bound = bind(&definition, &of([("tenant", "acme")])).unwrap();
    let call = &serde_json::to_value(&bound.auth).unwrap()["revoke_call"];
    assert_eq!(call["url"], "https://shop.example.com/acme/${access_token}");
    assert_eq!(
        call["json"],
        json!({"token": "${refresh_token}", "of": "acme ${client_id} ${client_secret}"})
    );
    // In an identity or test call, which is an API like others, it is an input that nobody gives.
    let compiled = CompiledConnector::compile(&bound).unwrap();
    let refused = prepare(compiled.api("me").unwrap(), &CallData::default(), moment()).unwrap_err();
    assert!(refused.to_string().contains("access_token"), "{refused}");
}

#[test]
fn a_variable_does_not_take_the_place_of_a_token() {
    for name in ["access_token", "refresh_token", "client_id", "client_secret"] {
        let problems = check(&revoking(name));
        assert!(
            problems.iter().any(|(_, why)| why.contains("part of the credential")),
            "{name}: {problems:?}"
        );
        assert!(CompiledConnector::compile(&revoking(name)).is_err(), "{name}");
    }
}

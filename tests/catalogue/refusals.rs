//! What services say when they refuse, as their documentation has it: each connector of the catalogue knows
//! what it is called and who can mend it, also where a refusal comes as a 200.

use crate::local::Connector;
use crate::requests::trials;
use axum::Router;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use sluis_model::connection_settings::Variable;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::ApiId;
use sluis_tests::place::Place;
use std::collections::BTreeMap;

/// Connector, API, status and body of the answer, what the error is called, who can mend it, and whether the
/// same call may succeed later.
type Case = (&'static str, &'static str, u16, &'static str, &'static str, &'static str, bool);

const REFUSALS: &[Case] = &[
    (
        "slack",
        "messages.send",
        200,
        r#"{"ok":false,"error":"missing_scope","needed":"chat:write"}"#,
        "scope_missing",
        "admin",
        false,
    ),
    (
        "slack",
        "messages.send",
        200,
        r#"{"ok":false,"error":"not_in_channel"}"#,
        "not_in_channel",
        "end_user",
        false,
    ),
    (
        "slack",
        "messages.send",
        200,
        r#"{"ok":false,"error":"channel_not_found"}"#,
        "not_found",
        "author",
        false,
    ),
    ("slack", "messages.send", 200, r#"{"ok":false,"error":"msg_too_long"}"#, "refused", "author", false),
    (
        "slack",
        "messages.send",
        429,
        r#"{"ok":false,"error":"ratelimited"}"#,
        "rate_limited",
        "provider",
        true,
    ),
    (
        "linear",
        "issues.get",
        200,
        r#"{"data":null,"errors":[{"message":"Entity not found: Issue","extensions":{"code":"INPUT_ERROR"}}]}"#,
        "not_found",
        "author",
        false,
    ),
    (
        "linear",
        "issues.get",
        400,
        r#"{"errors":[{"message":"Rate limit exceeded","extensions":{"code":"RATELIMITED"}}]}"#,
        "rate_limited",
        "provider",
        true,
    ),
    (
        "linear",
        "issues.create",
        200,
        r#"{"errors":[{"message":"Argument Validation Error","extensions":{"code":"INVALID_INPUT"}}]}"#,
        "refused",
        "author",
        false,
    ),
    (
        "shopify",
        "products.get",
        200,
        r#"{"errors":[{"message":"Throttled","extensions":{"code":"THROTTLED"}}]}"#,
        "rate_limited",
        "provider",
        true,
    ),
    (
        "shopify",
        "orders.list",
        200,
        r#"{"errors":[{"message":"Access denied for orders field.","extensions":{"code":"ACCESS_DENIED"}}],"data":{"orders":null}}"#,
        "scope_missing",
        "admin",
        false,
    ),
    (
        "shopify",
        "tags.add",
        200,
        r#"{"data":{"tagsAdd":{"node":null,"userErrors":[{"field":["id"],"message":"Resource does not exist"}]}}}"#,
        "refused",
        "author",
        false,
    ),
    (
        "shopify",
        "account",
        402,
        r#"{"errors":"This shop's plan does not have access to this feature"}"#,
        "shop_frozen",
        "admin",
        false,
    ),
    (
        "pipedrive",
        "account",
        200,
        r#"{"success":false,"error":"unauthorized access"}"#,
        "refused",
        "author",
        false,
    ),
    (
        "stripe",
        "payments.create",
        402,
        r#"{"error":{"type":"card_error","code":"card_declined","message":"Your card was declined."}}"#,
        "declined",
        "end_user",
        false,
    ),
    (
        "stripe",
        "balance",
        403,
        r#"{"error":{"message":"The provided key does not have the required permissions"}}"#,
        "not_allowed",
        "admin",
        false,
    ),
    (
        "github",
        "account",
        403,
        r#"{"message":"You have exceeded a secondary rate limit."}"#,
        "rate_limited",
        "provider",
        true,
    ),
    (
        "github",
        "account",
        403,
        r#"{"message":"Resource not accessible by personal access token"}"#,
        "scope_missing",
        "admin",
        false,
    ),
    (
        "google-drive",
        "files.get",
        403,
        r#"{"error":{"code":403,"message":"Request had insufficient authentication scopes.","errors":[{"reason":"insufficientPermissions"}]}}"#,
        "scope_missing",
        "admin",
        false,
    ),
    (
        "google-calendar",
        "events.get",
        403,
        r#"{"error":{"code":403,"errors":[{"reason":"userRateLimitExceeded"}]}}"#,
        "rate_limited",
        "provider",
        true,
    ),
    (
        "google-contacts",
        "contacts.update",
        400,
        r#"{"error":{"code":400,"status":"FAILED_PRECONDITION","message":"Request person.etag is different than the current person.etag."}}"#,
        "changed_meanwhile",
        "author",
        false,
    ),
    (
        "dropbox",
        "files.get",
        409,
        r#"{"error_summary":"path/not_found/..","error":{".tag":"path"}}"#,
        "not_found",
        "author",
        false,
    ),
    (
        "dropbox",
        "files.delete",
        401,
        r#"{"error_summary":"missing_scope/.","error":{".tag":"missing_scope","required_scope":"files.content.write"}}"#,
        "scope_missing",
        "admin",
        false,
    ),
    (
        "salesforce",
        "account",
        403,
        r#"[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"TotalRequests Limit exceeded."}]"#,
        "quota_used_up",
        "admin",
        false,
    ),
    (
        "quickbooks",
        "invoices.update",
        400,
        r#"{"Fault":{"Error":[{"Message":"Stale Object Error","code":"5010"}],"type":"ValidationFault"}}"#,
        "changed_meanwhile",
        "author",
        false,
    ),
    (
        "notion",
        "pages.get",
        404,
        r#"{"object":"error","status":404,"code":"object_not_found","message":"Could not find page"}"#,
        "not_found",
        "end_user",
        false,
    ),
    (
        "notion",
        "pages.get",
        409,
        r#"{"object":"error","code":"conflict_error","message":"Conflict occurred while saving"}"#,
        "conflict",
        "provider",
        true,
    ),
    (
        "sendgrid",
        "account",
        401,
        r#"{"errors":[{"message":"Maximum credits exceeded"}]}"#,
        "quota_used_up",
        "admin",
        false,
    ),
    ("trello", "cards.get", 401, "unauthorized card permission requested", "not_allowed", "admin", false),
    (
        "twilio",
        "messages.send",
        400,
        r#"{"code":21610,"message":"Attempt to send to unsubscribed recipient","status":400}"#,
        "unsubscribed",
        "end_user",
        false,
    ),
    (
        "zoom",
        "account",
        400,
        r#"{"code":4711,"message":"Invalid access token, does not contain scopes:[user:read:user]."}"#,
        "scope_missing",
        "admin",
        false,
    ),
    (
        "mailchimp",
        "members.upsert",
        400,
        r#"{"title":"Member Exists","status":400}"#,
        "conflict",
        "author",
        false,
    ),
    (
        "discord",
        "messages.send",
        403,
        r#"{"message":"Missing Access","code":50001}"#,
        "not_in_channel",
        "admin",
        false,
    ),
    (
        "box",
        "folders.create",
        409,
        r#"{"type":"error","status":409,"code":"item_name_in_use"}"#,
        "name_taken",
        "author",
        false,
    ),
    (
        "hubspot",
        "account",
        403,
        r#"{"status":"error","category":"MISSING_SCOPES"}"#,
        "scope_missing",
        "admin",
        false,
    ),
    ("xero", "organisation", 503, "The Organisation is offline", "service_trouble", "provider", true),
    (
        "aws-sqs",
        "queues.list",
        400,
        r#"{"__type":"com.amazonaws.sqs#RequestThrottled"}"#,
        "rate_limited",
        "provider",
        true,
    ),
];

/// Answers that are none, beside the same connectors' refusals.
const GOOD: &[(&str, &str, &str)] = &[
    ("slack", "messages.send", r#"{"ok":true,"message":{"text":"missing_scope"}}"#),
    ("linear", "issues.get", r#"{"data":{"issue":{"title":"FORBIDDEN RATELIMITED"}}}"#),
    ("shopify", "tags.add", r#"{"data":{"tagsAdd":{"node":{"id":"1"},"userErrors":[]}}}"#),
    ("pipedrive", "account", r#"{"success":true,"data":{}}"#),
    ("github", "account", r#"{"message":"rate limit"}"#),
];

/// Calls an API at a service that answers this to everything.
async fn called(folder: &str, api: &str, status: u16, body: &'static str) -> Result<u16, Box<Failure>> {
    let status = StatusCode::from_u16(status).unwrap();
    let kind = if body.starts_with(['{', '[']) { "application/json" } else { "text/plain" };
    let headers =
        HeaderMap::from_iter([(HeaderName::from_static("content-type"), HeaderValue::from_static(kind))]);
    let service = Router::new().fallback(move || async move { (status, headers.clone(), body) });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let serving = tokio::spawn(async move { axum::serve(listener, service).await });
    let connector = Connector::read(folder);
    let inputs = trials(&connector.apis()[api]).unwrap().remove(0).inputs;
    let mut connector = connector.moved(|_| Some(host.clone()));
    // What comes with the tokens of an authorization, which there is none of here.
    let variables = connector.definition.pointer_mut("/connection/variables");
    let variables = variables.and_then(|all| all.as_array_mut()).into_iter().flatten();
    for variable in variables.filter(|variable| variable["automatic"] == true) {
        let known: Variable = serde_json::from_value(variable.clone()).unwrap();
        variable["default"] = known.sample().into();
    }
    let place = Place::on_this_machine().await;
    connector.connect(&place, &BTreeMap::new()).await;
    let id = ApiId::of(&connector.namespace(), api).unwrap();
    let answer = place.engine.invoke(&place.org, &id, &inputs).await;
    serving.abort();
    answer.map(|answer| answer.status_code).map_err(Box::new)
}

#[tokio::test]
async fn each_refusal_is_told_by_name_and_by_who_can_mend_it() {
    let mut amiss = Vec::new();
    for (folder, api, status, body, code, who, retry) in REFUSALS {
        let told = match called(folder, api, *status, body).await {
            Ok(status) => Err(format!("status {status}")),
            Err(failure) => match (failure.reason, &failure.answer) {
                (Reason::ServiceError, Some(said)) => {
                    Ok((said.code.clone(), said.who.map(|who| who.as_str()), said.retry, said.status_code))
                }
                _ => Err(format!("{failure:?}")),
            },
        };
        let wanted = Ok(((*code).to_owned(), Some(*who), *retry, *status));
        if told != wanted {
            amiss.push(format!("{folder}.{api} {body}\n  wanted {wanted:?}\n  told   {told:?}"));
        }
    }
    assert!(amiss.is_empty(), "\n{}\n", amiss.join("\n"));
}

#[tokio::test]
async fn an_answer_that_mentions_an_error_is_none() {
    for (folder, api, body) in GOOD {
        assert_eq!(called(folder, api, 200, body).await.unwrap(), 200, "{folder}.{api}");
    }
}

#[tokio::test]
async fn words_of_a_refusal_say_what_to_do() {
    let lacking = r#"{"ok":false,"error":"missing_scope","needed":"chat:write"}"#;
    let failure = called("slack", "messages.send", 200, lacking).await.unwrap_err();
    assert_eq!(failure.message, "slack.messages.send: the token lacks the scope chat:write");
    assert_eq!(failure.help.as_deref(), Some("an admin of the organisation can mend it"));
    let declined = r#"{"error":{"type":"card_error","message":"Your card was declined."}}"#;
    let failure = called("stripe", "payments.create", 402, declined).await.unwrap_err();
    assert!(failure.message.contains("Your card was declined."), "{}", failure.message);
}

//! Calling an API of a connector.

use crate::access::Caller;
use crate::error::ApiError;
use crate::extract::{JsonOf, PathOf, QueryOf};
use crate::openapi::{ids, shapes};
use crate::state::App;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sluis_engine::{CallOptions, Invocation, LearnedFrom, PageRead, Through, Walk, Wanted, WantedOptions};
use sluis_lang::value::data::Data;
use sluis_model::error::{Failure, Reason};
use sluis_model::explanation::Explanation;
use sluis_model::id::{ApiId, ConnectionName, OrgId, UserId};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// `POST /api/v1/orgs/{org}/invoke/{api}`, `…/explain` and `…/options/{input}`, `GET /api/v1/orgs/{org}/budget/{api}`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(budget))
        .routes(routes!(invoke))
        .routes(routes!(explain))
        .routes(routes!(options))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CallRequest)]
struct Inputs {
    #[serde(default)]
    data: Option<Map<String, Value>>,
    /// Name of one of several connections.
    #[serde(default)]
    #[schema(value_type = Option<ids::ConnectionName>)]
    connection: Option<ConnectionName>,
    /// On whose behalf, where each user has connections of their own.
    #[serde(default)]
    #[schema(value_type = Option<ids::UserId>)]
    user: Option<UserId>,
    /// What the call wants otherwise than its definition says.
    #[serde(default)]
    options: Map<String, Value>,
    /// Asks for the first page of a list.
    #[serde(default)]
    page: Option<PageWanted>,
    /// Asks for the page that an answer before named; goes alone.
    #[serde(default)]
    next: Option<String>,
}

/// What is wanted of the pages of a list.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PageRequest)]
struct PageWanted {
    /// Rows on each page.
    #[serde(default)]
    page_size: Option<u64>,
    /// Rows in all.
    #[serde(default)]
    at_most: Option<u64>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Whose {
    #[serde(default)]
    #[param(value_type = ids::ConnectionName)]
    connection: ConnectionName,
    #[serde(default)]
    #[param(value_type = Option<ids::UserId>)]
    user: Option<UserId>,
}

/// How much of what a service takes is left.
#[derive(Serialize, ToSchema)]
#[schema(as = Budget)]
struct BudgetView {
    remaining: Option<u64>,
    limit: Option<u64>,
    /// Seconds.
    resets_in: Option<u64>,
    waiting: usize,
    /// `definition`, or the header that the last answers told it in.
    learned_from: Option<String>,
}

/// How much of what a service takes is left.
#[utoipa::path(
    get,
    path = "/orgs/{org}/budget/{api}",
    operation_id = "getBudget",
    tag = "calls",
    params(("org" = ids::OrgId, Path), ("api" = ids::ApiId, Path), Whose),
    responses((status = 200, description = "The tightest of the budgets that a call needs a part of", body = BudgetView))
)]
async fn budget(
    State(app): State<App>,
    caller: Caller,
    PathOf((org, api)): PathOf<(OrgId, ApiId)>,
    QueryOf(whose): QueryOf<Whose>,
) -> Result<Json<BudgetView>, ApiError> {
    let user = caller.on_behalf_of(&app, &org, whose.user).await?;
    let through = Through { name: whose.connection, user };
    let budget = app.engine.budget(&org, &api, &through).await?;
    let learned_from = match budget.learned_from.clone() {
        LearnedFrom::Nothing => None,
        LearnedFrom::Definition => Some("definition".to_owned()),
        LearnedFrom::Answer { header } => Some(header),
    };
    let sluis_engine::Budget { remaining, limit, resets_in, waiting, .. } = budget;
    Ok(Json(BudgetView { remaining, limit, resets_in, waiting, learned_from }))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct How {
    #[serde(default)]
    explain: bool,
}

/// The provider's answer. A 4xx or 5xx of the provider is an answer as well.
#[derive(Serialize, ToSchema)]
#[schema(as = CallAnswer)]
pub(super) struct Answer {
    status_code: u16,
    /// The text of the body, or the value that the connector makes of it.
    response: Value,
    headers: Map<String, Value>,
    /// What is known of why it was refused, and who can mend that.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

/// A value of a script as JSON.
fn json_of(value: Data) -> Value {
    match value {
        Data::Text(text) => Value::String(text),
        other => serde_json::from_str(&other.to_json()).unwrap_or_default(),
    }
}

impl From<Invocation> for Answer {
    fn from(mut invocation: Invocation) -> Self {
        Self {
            status_code: invocation.status_code,
            headers: joined(std::mem::take(&mut invocation.headers)),
            note: invocation.record.note.take(),
            response: json_of(invocation.into_value()),
        }
    }
}

/// Calls the API, or with `?explain=true` answers what would be sent, secrets starred.
#[utoipa::path(
    post,
    path = "/orgs/{org}/invoke/{api}",
    operation_id = "invoke",
    tag = "calls",
    params(("org" = ids::OrgId, Path), ("api" = ids::ApiId, Path), How),
    request_body = Inputs,
    responses((status = 200, description = "What the service answered, or with `explain` what would be sent", body = Invoked), (status = 202, description = "The answer comes later; `Location` is where to ask for it", body = Answer))
)]
async fn invoke(
    State(app): State<App>,
    caller: Caller,
    PathOf((org, api)): PathOf<(OrgId, ApiId)>,
    QueryOf(how): QueryOf<How>,
    JsonOf(inputs): JsonOf<Inputs>,
) -> Result<Response, ApiError> {
    let Inputs { data, connection, user, options: wishes, page, next } = inputs;
    if let Some(mark) = next {
        let others = data.is_some() || connection.is_some() || user.is_some() || !wishes.is_empty();
        if others || page.is_some() || how.explain {
            return Err(alone().into());
        }
        let engine = app.engine.clone();
        let call = async move { engine.page_of_mark(&org, &api, &mark).await };
        return Ok(paged(app.work.carry_out(call).await?));
    }
    let user = caller.on_behalf_of(&app, &org, user).await?;
    let mut options = CallOptions::default();
    for (name, value) in &wishes {
        options.set(name, value)?;
    }
    let (data, through) = (data.unwrap_or_default(), Through { name: connection.unwrap_or_default(), user });
    if how.explain {
        return Ok(Json(app.engine.explain(&org, &api, &data, &through).await?).into_response());
    }
    let engine = app.engine.clone();
    if let Some(PageWanted { page_size, at_most }) = page {
        let walk = Walk { api, inputs: data, wanted: Wanted { page_size, at_most }, options };
        let call = async move { engine.first_page(&org, through, walk).await };
        return Ok(paged(app.work.carry_out(call).await?));
    }
    let place = format!("/api/v1/orgs/{org}/calls/");
    let call = async move { engine.invoke_with(&org, &api, &data, &through, &options).await };
    let invocation = app.work.carry_out(call).await?;
    answered(&place, invocation)
}

/// 200 with the answer, or 202 with where to ask for it where the call was written down.
fn answered(calls: &str, invocation: Invocation) -> Result<Response, ApiError> {
    let Some(call) = invocation.accepted.clone() else {
        return Ok(Json(Answer::from(invocation)).into_response());
    };
    let place = HeaderValue::from_str(&format!("{calls}{call}"))
        .map_err(|_| Failure::new(Reason::Internal, "an id does not fit"))?;
    let body = Answer { response: json!({ "accepted": true, "call": call }), ..Answer::from(invocation) };
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, place)], Json(body)).into_response())
}

/// What a call would send, each part with where it comes from, and what would become of it.
#[utoipa::path(
    post,
    path = "/orgs/{org}/invoke/{api}/explain",
    operation_id = "explainCall",
    tag = "calls",
    params(("org" = ids::OrgId, Path), ("api" = ids::ApiId, Path)),
    request_body = Inputs,
    responses((status = 200, description = "The explanation; nothing was sent", body = shapes::Explanation))
)]
async fn explain(
    State(app): State<App>,
    caller: Caller,
    PathOf((org, api)): PathOf<(OrgId, ApiId)>,
    JsonOf(inputs): JsonOf<Inputs>,
) -> Result<Json<Explanation>, ApiError> {
    let user = caller.on_behalf_of(&app, &org, inputs.user).await?;
    let through = Through { name: inputs.connection.unwrap_or_default(), user };
    Ok(Json(app.engine.explain(&org, &api, &inputs.data.unwrap_or_default(), &through).await?))
}

/// A page of what a service lists.
#[derive(Serialize, ToSchema)]
#[schema(as = ServiceAnswer)]
struct Paged {
    #[serde(flatten)]
    answer: Answer,
    /// None where the API's definition does not say where rows stand, and the answer is no list.
    rows: Option<Vec<Value>>,
    /// The mark of the page after this one; none after the last.
    next: Option<String>,
}

/// What an invocation answers: the answer of the service, `rows` and `next` where a page was asked for,
/// or with `explain` what would be sent.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = InvokeAnswer)]
#[expect(
    dead_code,
    clippy::large_enum_variant,
    reason = "read by the macro that makes the document and never built"
)]
enum Invoked {
    Answer(Paged),
    Explanation(shapes::Explanation),
}

/// The answer of a page: as of a call, with its rows and the mark of the next page.
fn paged((read, next): (PageRead, Option<String>)) -> Response {
    let PageRead { invocation, rows, .. } = read;
    Json(Paged { answer: invocation.into(), rows, next }).into_response()
}

fn alone() -> Failure {
    Failure::new(Reason::InvalidInput, "`next` goes alone: it holds what the first page was asked for with")
        .help("send only `{\"next\": \"…\"}`, to the same address")
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OptionsRequest)]
struct OptionsWanted {
    /// What a person has typed so far.
    #[serde(default)]
    search: Option<String>,
    #[serde(default = "options_at_most")]
    limit: usize,
    /// The other inputs as far as they are known.
    #[serde(default)]
    data: Map<String, Value>,
    #[serde(default)]
    #[schema(value_type = ids::ConnectionName)]
    connection: ConnectionName,
    #[serde(default)]
    #[schema(value_type = Option<ids::UserId>)]
    user: Option<UserId>,
}

fn options_at_most() -> usize {
    100
}

/// The values that an input may have.
#[derive(Serialize, ToSchema)]
struct PickList {
    #[schema(value_type = Vec<PickOption>)]
    options: Vec<sluis_engine::PickOption>,
}

/// A value that an input may have.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by the macro that makes the document and never built")]
struct PickOption {
    /// What is sent.
    value: Value,
    /// What people read.
    label: String,
}

/// The values that an input may have.
#[utoipa::path(
    post,
    path = "/orgs/{org}/invoke/{api}/options/{input}",
    operation_id = "listInputOptions",
    tag = "calls",
    params(("org" = ids::OrgId, Path), ("api" = ids::ApiId, Path), ("input" = String, Path, example = "Group")),
    request_body = OptionsWanted,
    responses((status = 200, description = "The values", body = PickList))
)]
async fn options(
    State(app): State<App>,
    caller: Caller,
    PathOf((org, api, input)): PathOf<(OrgId, ApiId, String)>,
    JsonOf(wanted): JsonOf<OptionsWanted>,
) -> Result<Json<PickList>, ApiError> {
    let OptionsWanted { search, limit, data, connection: name, user } = wanted;
    let user = caller.on_behalf_of(&app, &org, user).await?;
    let (engine, through) = (app.engine.clone(), Through { name, user });
    let look = async move {
        let wanted = WantedOptions { search: search.as_deref(), limit, given: data };
        engine.pick_options(&org, &api, &input, &wanted, &through).await
    };
    let options = app.work.carry_out(look).await?;
    Ok(Json(PickList { options }))
}

/// One text for each header name; repeated ones are joined (RFC 9110 §5.3). Cookies that the provider
/// sets are between it and the connector and are left out.
fn joined(headers: Vec<(String, String)>) -> Map<String, Value> {
    let mut map = Map::new();
    for (name, value) in headers {
        let name = name.to_ascii_lowercase();
        if name == "set-cookie" {
            continue;
        }
        match map.get_mut(&name) {
            Some(Value::String(present)) => {
                present.push_str(", ");
                present.push_str(&value);
            }
            _ => {
                map.insert(name, Value::String(value));
            }
        }
    }
    map
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn repeated_headers_are_joined_and_cookies_left_out() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let map = joined(vec![pair("Link", "<a>"), pair("link", "<b>"), pair("Set-Cookie", "sid=1")]);
        assert_eq!(Value::Object(map), json!({ "link": "<a>, <b>" }));
    }
}

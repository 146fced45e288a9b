//! A stored function as an address of the API: its inputs go in, its value comes out. Whoever cannot wait says so
//! (`Prefer`, RFC 7240), and gets the address of the run.

use super::runs::{RunView, run_answer};
use crate::access::Caller;
use crate::error::{self, ApiError};
use crate::extract::{PathOf, RawBody};
use crate::openapi::{ids, shapes};
use crate::state::App;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use sluis_engine::{Enqueued, TailEvent, TailPlace, Unobserved};
use sluis_lang::value::data::Data;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{FunctionName, OrgId, RunId};
use sluis_model::run::{Run, RunStatus};
use sluis_model::run_state::RunState;
use sluis_model::trigger::Trigger;
use std::time::Duration;
use url::form_urlencoded;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Longest time that whoever asks can wait, in seconds.
const LONGEST_WAIT_S: u64 = 300;
const PREFER: HeaderName = HeaderName::from_static("prefer");
const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");
/// The run whose value is answered.
const X_RUN_ID: HeaderName = HeaderName::from_static("x-run-id");

/// `POST /api/v1/orgs/{org}/functions/{name}`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(call))
}

/// What whoever asks prefers (RFC 7240 §4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Preference {
    /// Nothing of what we know.
    None,
    /// The address of the run at once.
    RespondAsync,
    /// Its end, if it comes within so many seconds; else its address.
    Wait(u64),
}

impl Preference {
    /// What the headers say. Preferences that are not known are passed over, as the RFC wants.
    pub fn of(headers: &HeaderMap) -> Self {
        let all = headers.get_all(&PREFER).iter().filter_map(|value| value.to_str().ok());
        let named = all.flat_map(|value| value.split(',')).map(|one| {
            let one = one.split(';').next().unwrap_or_default();
            let (name, value) = one.split_once('=').unwrap_or((one, ""));
            (name.trim().to_ascii_lowercase(), value.trim().trim_matches('"').to_owned())
        });
        let (mut asynchronous, mut wait) = (false, None);
        for (name, value) in named {
            match name.as_str() {
                "respond-async" => asynchronous = true,
                // The first of a name counts.
                "wait" if wait.is_none() => wait = value.parse::<u64>().ok(),
                _ => {}
            }
        }
        match (wait, asynchronous) {
            (Some(seconds), _) if seconds > 0 => Self::Wait(seconds.min(LONGEST_WAIT_S)),
            (Some(_), _) | (None, true) => Self::RespondAsync,
            (None, false) => Self::None,
        }
    }

    fn applied(self) -> Option<HeaderValue> {
        match self {
            Self::None => None,
            Self::RespondAsync => Some(HeaderValue::from_static("respond-async")),
            Self::Wait(seconds) => HeaderValue::try_from(format!("wait={seconds}")).ok(),
        }
    }

    /// Puts a run into the queue, and waits as long as is preferred.
    pub async fn queued(self, app: &App, wanted: Enqueued) -> Result<Run, ApiError> {
        let (engine, org) = (app.engine.clone(), wanted.org.clone());
        let queueing = async move { engine.enqueue_run(wanted).await };
        let run = app.work.carry_out(queueing).await?;
        if let Self::Wait(seconds) = self {
            // Whether it has ended by then or not, the record tells.
            let ending = end_of(app, &org, &run);
            let _ = tokio::time::timeout(Duration::from_secs(seconds), ending).await;
        }
        Ok(app.engine.run_record(&org, &run).await?)
    }

    /// Tells whoever asks what was done of what they prefer.
    pub fn tell(self, answer: &mut Response) {
        answer.headers_mut().append(header::VARY, HeaderValue::from_name(PREFER));
        if let Some(applied) = self.applied() {
            answer.headers_mut().insert(PREFERENCE_APPLIED, applied);
        }
    }
}

async fn end_of(app: &App, org: &OrgId, run: &RunId) -> Result<(), Failure> {
    let mut tail = app.engine.tail_run(org, run, TailPlace::default()).await?;
    while let Some((_, event)) = tail.next().await? {
        match event {
            TailEvent::End(_) => break,
            // It waits for a person or a service: whoever waits with it, waits for longer than that.
            TailEvent::State(RunState::Waiting | RunState::AwaitingCallback) => break,
            _ => {}
        }
    }
    Ok(())
}

/// Runs a stored function: fields of the body or of the query are its inputs, its value is the answer.
#[utoipa::path(
    post,
    path = "/orgs/{org}/functions/{name}",
    operation_id = "callFunction",
    tag = "functions",
    params(
        ("org" = ids::OrgId, Path),
        ("name" = ids::FunctionName, Path),
        ("Prefer" = Option<String>, Header, description = "`respond-async`, or `wait=SECONDS` (RFC 7240)")
    ),
    request_body(content = Option<serde_json::Map<String, serde_json::Value>>, description = "Its inputs; a form will do as well"),
    responses(
        (status = 200, description = "Its value; `X-Run-Id` names the run", body = serde_json::Value),
        (status = 202, description = "It goes on, or waits; `Location` is where it is asked for", body = RunView),
        (status = 422, description = "Nothing caught a fault", body = shapes::Problem, content_type = "application/problem+json")
    )
)]
async fn call(
    State(app): State<App>,
    caller: Caller,
    PathOf((org, name)): PathOf<(OrgId, FunctionName)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: RawBody,
) -> Result<Response, ApiError> {
    let user = caller.on_behalf_of(&app, &org, None).await?;
    let args = inputs(query.as_deref().unwrap_or_default(), &body)?;
    let preference = Preference::of(&headers);
    let run = match preference {
        Preference::None => {
            let engine = app.engine.clone();
            let running = async move {
                let ended = engine.run_function(&org, &name, user, args, &mut Unobserved).await;
                ended.map(|end| end.run).map_err(|refused| error::script_refused(refused, ""))
            };
            app.work.carry_out(running).await?
        }
        _ => {
            let by = Trigger::Http;
            let wanted = Enqueued { org, function: name, args, by, user, dedupe: None, not_before: None };
            preference.queued(&app, wanted).await?
        }
    };
    let mut answer = answered(run)?;
    preference.tell(&mut answer);
    Ok(answer)
}

/// The value of a run that is done; of any other, how it stands.
fn answered(run: Run) -> Result<Response, ApiError> {
    let RunStatus::Done { value } = &run.status else { return run_answer(RunView::from(run)) };
    let json = HeaderValue::from_static("application/json");
    let mut answer = (StatusCode::OK, value.clone()).into_response();
    answer.headers_mut().insert(header::CONTENT_TYPE, json);
    if let Ok(id) = HeaderValue::from_str(run.id.as_str()) {
        answer.headers_mut().insert(X_RUN_ID, id);
    }
    Ok(answer)
}

/// What goes into a function: the fields of the body, and those of the query that it does not have.
fn inputs(query: &str, body: &RawBody) -> Result<Vec<(String, Data)>, ApiError> {
    let fields = |text: &[u8]| -> Vec<(String, Data)> {
        let all = form_urlencoded::parse(text);
        all.map(|(name, value)| (name.into_owned(), Data::Text(value.into_owned()))).collect()
    };
    let mut all = match body.media_type.as_str() {
        _ if body.bytes.iter().all(u8::is_ascii_whitespace) => Vec::new(),
        "application/x-www-form-urlencoded" => fields(&body.bytes),
        "application/json" => json_fields(&body.bytes)?,
        other => {
            let text = format!("`{other}` is no form that inputs of a function come in");
            let refused =
                ApiError::protocol(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", text);
            return Err(refused.help("send `application/json` or `application/x-www-form-urlencoded`"));
        }
    };
    for (name, value) in fields(query.as_bytes()) {
        if !all.iter().any(|(known, _)| *known == name) {
            all.push((name, value));
        }
    }
    Ok(all)
}

fn json_fields(body: &[u8]) -> Result<Vec<(String, Data)>, ApiError> {
    let text = std::str::from_utf8(body).map_err(|_| ApiError::invalid("the body is no UTF-8"))?;
    let body = Data::from_json(text).map_err(|fault| ApiError::invalid(fault.message.clone()))?;
    if !matches!(body, Data::Map(_)) {
        let refused = Failure::new(Reason::InvalidInput, "the body is no JSON object");
        return Err(refused.help("its fields are the inputs of the function").into());
    }
    let field = |(name, value): &(Data, Data)| Some((name.as_str()?.to_owned(), value.clone()));
    Ok(body.entries().iter().filter_map(field).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preferred(values: &[&'static str]) -> Preference {
        let headers = values.iter().map(|value| (PREFER, HeaderValue::from_static(value)));
        Preference::of(&headers.collect())
    }

    #[test]
    fn a_preference_is_read_as_the_rfc_writes_it() {
        assert_eq!(preferred(&[]), Preference::None);
        assert_eq!(preferred(&["return=minimal; foo=\"a, b\""]), Preference::None);
        assert_eq!(preferred(&["Respond-Async"]), Preference::RespondAsync);
        assert_eq!(preferred(&["respond-async, wait=10"]), Preference::Wait(10));
        assert_eq!(preferred(&["return=minimal", "wait = \"7\"; x=y, wait=9"]), Preference::Wait(7));
        assert_eq!(preferred(&["wait=0"]), Preference::RespondAsync);
        assert_eq!(preferred(&["wait=100000"]), Preference::Wait(LONGEST_WAIT_S));
        assert_eq!(preferred(&["wait=soon"]), Preference::None);
    }

    #[test]
    fn fields_of_the_body_go_before_those_of_the_query() {
        let of = |media_type: &str, body: &'static str| {
            let body = RawBody { bytes: body.into(), media_type: media_type.to_owned() };
            inputs("a=1&b=x+y", &body)
                .map(|all| Data::map(all).to_json())
                .map_err(|error| error.status().as_u16())
        };
        assert_eq!(of("application/json", r#"{"a":2.50}"#).unwrap(), r#"{"a":2.50,"b":"x y"}"#);
        assert_eq!(of("application/x-www-form-urlencoded", "b=2").unwrap(), r#"{"b":"2","a":"1"}"#);
        assert_eq!(of("", " ").unwrap(), r#"{"a":"1","b":"x y"}"#);
        assert_eq!(of("text/xml", "<a/>"), Err(415));
        assert_eq!(of("application/json", "[1]"), Err(400));
    }
}

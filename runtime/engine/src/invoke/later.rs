//! An answer that comes later is asked for until it is there.

use super::pipeline::Call;
use super::record::Stopwatch;
use super::{Argument, CallOptions, Inputs, Invocation, InvocationFailed};
use crate::builder::Engine;
use crate::ledger::{Known, Site};
use bytes::Bytes;
use http::Method;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use sluis_invoke::later::{Later, Progress, Where};
use sluis_invoke::{CompiledApi, PreparedRequest};
use sluis_model::connector::Effect;
use sluis_model::error::{Failure, Reason};
use std::time::Duration;
use url::Url;

/// One question for the answer of a call.
struct Question {
    prepared: PreparedRequest,
    /// The API as which it is asked: it takes part in its budgets, but has no key and is always waited for.
    api: CompiledApi,
    options: CallOptions,
    /// Where the answer is kept.
    kept: Option<Site>,
    /// The same place for questions whose answer may not be the last.
    asked: Option<Site>,
}

impl Question {
    fn call<'a>(&'a self, of: &Call<'a>, site: Option<&'a Site>) -> Call<'a> {
        Call { prepared: &self.prepared, api: Some(&self.api), options: &self.options, site, ..*of }
    }
}

impl Engine {
    /// The real answer of a call: `first`, or the last of those that it points to. A run that is run again
    /// asks where it was cut off, and not at all where it had the answer.
    pub(super) async fn awaited(
        &self,
        call: &Call<'_>,
        first: Invocation,
    ) -> Result<Invocation, Box<InvocationFailed>> {
        let inputs = &call.prepared.inputs;
        let later = call.api.and_then(|api| api.later.as_ref()).filter(|_| first.accepted.is_none());
        let Some(later) = later.filter(|later| later.begins(&first.view(), inputs)) else {
            return Ok(first);
        };
        let question = match self.question_of(call, later, &first) {
            Ok(question) => question,
            Err(failure) => return Err(given_up(failure, first)),
        };
        let kept = question.call(call, question.kept.as_ref());
        let mut keyed = self.keyed(&kept)?;
        // Asking changes nothing, however it is done.
        keyed.entry.effect = Effect::Read;
        if let Some(site) = kept.kept_site()
            && let Known::Answered(answer) = self.ledger_look(site, &keyed.entry).await?
        {
            let watch = Stopwatch::start(self.now());
            let mut last = self.replayed(&kept, &keyed, &answer, &watch).await?;
            if let Progress::Done(value) = later.progress(&last.view(), inputs) {
                last.value = value;
            }
            return Ok(last);
        }
        let last = self.asked(&question.call(call, question.asked.as_ref()), later, inputs, first).await?;
        self.keep_answer(&kept, &keyed, &last).await?;
        Ok(last)
    }

    /// Asks until the last answer is there.
    async fn asked(
        &self,
        question: &Call<'_>,
        later: &Later,
        inputs: &Inputs,
        first: Invocation,
    ) -> Result<Invocation, Box<InvocationFailed>> {
        let wished = question.options.timeout;
        let at_most = wished.map_or(later.at_most(), |wished| wished.min(later.at_most()));
        let deadline = self.now().0.saturating_add(i64::try_from(at_most.as_millis()).unwrap_or(i64::MAX));
        let mut last = first;
        loop {
            let pause = later.pause(&last.view());
            let next = self.now().0.saturating_add(i64::try_from(pause.as_millis()).unwrap_or(i64::MAX));
            if next > deadline {
                return Err(given_up(too_late(question, at_most, wished.is_some()), last));
            }
            self.timer().sleep(pause).await;
            last = self.round_trip(question).await?;
            match later.progress(&last.view(), inputs) {
                Progress::Pending => {}
                Progress::Done(value) => {
                    last.value = value;
                    return Ok(last);
                }
                Progress::Failed => {
                    let api = &question.prepared.api;
                    let text = format!("{api}: the service says that it did not succeed");
                    return Err(given_up(Failure::new(Reason::ServiceError, text), last));
                }
            }
        }
    }

    /// The request that asks for the answer. It goes to declared hosts only.
    fn question_of(&self, call: &Call<'_>, later: &Later, first: &Invocation) -> Result<Question, Failure> {
        let refuse = |why: String| {
            let api = &call.prepared.api;
            Failure::new(Reason::BadUpstream, format!("{api}: the answer comes later, but {why}"))
                .help("the connector's author corrects `async.poll` of the API")
        };
        let (Some((connector, _)), Some(api)) = (call.through, call.api) else {
            return Err(refuse("there is no connector".to_owned()));
        };
        let base = &call.prepared.request.url;
        let (prepared, api) = match later.place(&first.view(), &call.prepared.inputs, base).map_err(refuse)? {
            Where::Api(api, inputs) => {
                let api = connector.compiled.api(&api)?;
                (self.filled(api, &Argument::from(&inputs))?, api)
            }
            Where::Url(url) => {
                if !connector.compiled.hosts.iter().any(|host| host.covers(&url)) {
                    let host = url.host_str().unwrap_or_default();
                    return Err(refuse(format!(
                        "it lies on the host `{host}`, which the connector does not declare"
                    )));
                }
                if url.scheme() != base.scheme() || !url.username().is_empty() || url.password().is_some() {
                    return Err(refuse("its address names another scheme or a user".to_owned()));
                }
                (at(call.prepared, url), api)
            }
        };
        let mut api = api.clone();
        (api.manners.idempotency, api.manners.hands_over) = (None, false);
        let kept = call.site.map(|site| Site { place: format!("{}.later", site.place), ..site.clone() });
        Ok(Question {
            prepared,
            api,
            options: CallOptions { idempotency_key: None, wait: None, ..call.options.clone() },
            asked: kept.clone().map(|site| Site { kept: false, ..site }),
            kept,
        })
    }
}

/// The question at an address: with the headers of the call, but nothing of its body.
fn at(first: &PreparedRequest, url: Url) -> PreparedRequest {
    let mut question = first.clone();
    question.effect = Effect::Read;
    question.request.method = Method::GET;
    question.request.url = url;
    question.request.body = Bytes::new();
    question.request.headers.remove(CONTENT_TYPE);
    question.request.headers.remove(CONTENT_LENGTH);
    question
}

fn too_late(question: &Call<'_>, at_most: Duration, wished: bool) -> Failure {
    let text = format!("{}: no answer came within {} s", question.prepared.api, at_most.as_secs_f64());
    let says = if wished { "the option `timeout` of the call" } else { "`async.poll.at_most_s` of the API" };
    Failure::new(Reason::Timeout, text)
        .help(format!("the service still works on it; {says} says how long to wait"))
}

fn given_up(failure: Failure, last: Invocation) -> Box<InvocationFailed> {
    Box::new(InvocationFailed { failure, record: Some(last.record), wire: last.wire, was_sent: true })
}

//! What a script may ask for. The machine stops at each host call; [`answer`] finds who answers it.

pub(crate) mod arguments;
mod authorize;
mod budget;
mod call_task;
mod connection;
mod encryption;
pub(crate) mod files;
mod function_forms;
mod invoke_connector;
mod invokeapi;
mod invokeurl;
mod open_url;
mod pages;
mod send;
mod sendmail;
mod values;

use crate::builder::Engine;
use crate::callbacks::Shape;
use crate::keys::Place;
use crate::ledger::Site;
use crate::run::{Held, RunObserver};
use sluis_lang::value::data::Data;
use sluis_lang::vm::HostCall;
use sluis_model::error::{Failure, Reason};
use sluis_model::grant::Grant;
use sluis_model::id::{ApiId, DeliveryId, Namespace};
use sluis_model::run::{CallRecord, Run};
use std::sync::Arc;

pub(crate) use call_task::{part_at, task_answer};
pub(crate) use connection::Named;
pub(crate) use invoke_connector::{file_answer, script_answer};
pub(crate) use values::{call as value, is_value};

/// What a host call may use.
pub(crate) struct HostContext<'a> {
    /// The engine.
    pub engine: &'a Engine,
    /// The run, with the record so far.
    pub run: Run,
    /// Who watches.
    pub observer: &'a mut dyn RunObserver,
    /// The connection whose hook this run is.
    pub hook: Option<Place>,
    /// How many stored functions are being run around the present call.
    pub depth: usize,
    /// Fuel that stored functions have used.
    pub nested_fuel: u64,
    /// Whether the machine can be put into the store and go on in another process.
    pub parks: bool,
    /// Who has the run to themselves, where it is kept.
    pub held: Option<Arc<Held>>,
    /// The call whose answer is brought later, where the present host call has made one.
    pub awaiting: Option<Awaiting>,
    /// Where the present call stands in its script, and its line.
    at: (u32, u32),
    printed: usize,
}

/// The answer to a host call.
pub(crate) enum Answer {
    /// Goes on at once.
    Ready(Result<Data, Failure>),
    /// Goes on when a person has decided.
    Wait {
        /// The attempt.
        grant: Box<Grant>,
        /// Where the person goes.
        authorize_url: String,
    },
    /// Goes on when a service has brought its answer.
    Await(Awaiting),
}

/// A call whose answer is brought later.
#[derive(Debug, Clone)]
pub(crate) struct Awaiting {
    /// The call.
    pub call: DeliveryId,
    /// Its API.
    pub api: ApiId,
    /// What the script gets of the answer.
    pub shape: Shape,
}

/// Bytes of `info` lines kept in a run's record; the observer sees all of them.
const OUTPUT_KEPT: usize = 1 << 20;

impl<'a> HostContext<'a> {
    pub fn new(
        engine: &'a Engine,
        run: Run,
        observer: &'a mut dyn RunObserver,
        hook: Option<Place>,
        held: Option<Arc<Held>>,
    ) -> Self {
        let printed = run.output.iter().map(String::len).sum();
        let (parks, awaiting, depth, nested_fuel) = (hook.is_none(), None, 0, 0);
        Self { engine, run, observer, hook, depth, nested_fuel, parks, held, awaiting, at: (0, 0), printed }
    }

    /// The connector whose hook this is, if it is one.
    pub fn hook_of(&self) -> Option<&Namespace> {
        self.hook.as_ref().map(|hook| &hook.key.connector)
    }

    /// Where the present call stands in the run, counted: a script may come by more than once.
    pub fn next_site(&mut self) -> Site {
        let (start, line) = self.at;
        let place = match self.depth {
            0 => start.to_string(),
            depth => format!("{depth}-{start}"),
        };
        let count = self.run.sites.entry(place.clone()).or_default();
        *count = count.saturating_add(1);
        let place = format!("{place}.{count}");
        let run = &self.run;
        let parks = self.parks && self.depth == 0;
        Site { org: run.org.clone(), run: run.id.clone(), place, line, kept: run.ledger, parks }
    }

    /// Keeps a request in the record and shows it.
    pub fn record(&mut self, record: CallRecord, wire: &str) {
        self.observer.call(&record, wire);
        self.keep_call(record, None);
    }

    /// Keeps a request in the record: in place of the one at `place`, if that is given.
    pub fn keep_call(&mut self, record: CallRecord, place: Option<usize>) {
        if let Some(held) = &self.held {
            held.live.called(&record, place);
        }
        match place.and_then(|at| self.run.calls.get_mut(at)) {
            Some(kept) => *kept = record,
            None => self.run.calls.push(record),
        }
    }

    fn print(&mut self, line: &str) {
        self.observer.info(line);
        if self.printed > OUTPUT_KEPT {
            return;
        }
        self.printed += line.len();
        let line =
            if self.printed > OUTPUT_KEPT { "… more lines were printed than are kept" } else { line };
        if let Some(held) = &self.held {
            held.live.printed(line);
        }
        self.run.output.push(line.to_owned());
    }
}

/// Whether a host call may take long: it waits for others.
pub(crate) fn waits_for_others(name: &str) -> bool {
    name != "info" && name != "openUrl" && !is_value(name)
}

/// Answers a host call.
pub(crate) async fn answer(context: &mut HostContext<'_>, call: &HostCall) -> Answer {
    let args = call.args.as_slice();
    context.at = (call.span.start, call.line);
    let ready = match call.name {
        "info" => {
            context.print(call.text.as_deref().unwrap_or_default());
            Ok(Data::Null)
        }
        "invokeConnector" => invoke_connector::call(context, args).await,
        "rows" => pages::all(context, args, pages::Kind::Rows).await,
        "pages" => pages::all(context, args, pages::Kind::Pages).await,
        "firstRows" => pages::first(context, args, pages::Kind::Rows).await,
        "firstPages" => pages::first(context, args, pages::Kind::Pages).await,
        "nextPage" => pages::next(context, args).await,
        "callTask" => call_task::call(context, args).await,
        "invokeurl" => function_forms::invoke_url(context, args).await,
        "getUrl" => function_forms::get_url(context, args).await,
        "postUrl" => function_forms::post_url(context, args).await,
        "sendsms" => invoke_connector::task(context, "sendsms", "sms.send", args).await,
        "pushNotification" => invoke_connector::task(context, "pushNotification", "push.send", args).await,
        "budget" => budget::call(context, args).await,
        "invokeapi" => invokeapi::call(context, args).await,
        "sendmail" => sendmail::call(context, args).await,
        "openUrl" => open_url::call(context, args),
        "authorize" => return authorize::authorize(context, args).await,
        "isAuthorized" => authorize::is_authorized(context, args).await,
        "revoke" => authorize::revoke(context, args).await,
        name => values::call(context, name, args)
            .or_else(|| encryption::call(context, name, args))
            .unwrap_or_else(|| {
                Err(Failure::new(Reason::NotFound, format!("`{name}` is not offered here"))
                    .help("the machine that runs this script does not answer this call"))
            }),
    };
    match context.awaiting.take() {
        Some(awaiting) if ready.is_ok() => Answer::Await(awaiting),
        _ => Answer::Ready(ready),
    }
}

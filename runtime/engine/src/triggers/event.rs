//! What happens in Sluis, and the functions that wait for it.
//!
//! Whoever lets something happen adds [`Engine::event_change`] to the batch that does: a job that starts the functions.
//! It is there if and only if the rows say that it happened. Where nobody waits for an event, there is no job.

use super::arguments::Known;
use super::start::Start;
use crate::builder::Engine;
use crate::errors;
use serde::{Deserialize, Serialize};
use sluis_lang::value::data::Data;
use sluis_model::connection::ConnectionKey;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{FunctionName, Namespace, OrgId, RunId, TriggerName, UserId};
use sluis_model::run::{Run, RunStatus};
use sluis_model::time::Timestamp;
use sluis_model::trigger::Trigger;
use sluis_model::trigger_spec::{EventKind, EventRule, Occasion};
use sluis_store::{Change, DueJob, Job, Table, Worked};
use std::time::Duration;

/// Name of the task that tells functions of events. Part of what is stored.
pub(crate) const TASK: &str = "event";
const ATTEMPTS: u32 = 25;
const PAUSE: Duration = Duration::from_secs(10);
/// Most triggers that wait for one event of an org.
const WAITING: usize = 1_000;

/// Something that has happened. It names rows, and holds nothing of what stands in them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// What.
    pub kind: EventKind,
    /// When.
    pub at: Timestamp,
    /// The connector concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connector: Option<Namespace>,
    /// The name of its connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<String>,
    /// Whose connection it is, or on whose behalf was run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
    /// The run concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
    /// The function that it ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function: Option<FunctionName>,
}

impl Event {
    /// Something about a connection.
    pub fn of_connection(kind: EventKind, at: Timestamp, key: &ConnectionKey) -> Self {
        Self {
            kind,
            at,
            connector: Some(key.connector.clone()),
            connection: Some(key.name.to_string()),
            user: key.user.clone(),
            run: None,
            function: None,
        }
    }

    /// That a run failed, where functions may be told of it.
    pub fn of_failed_run(at: Timestamp, run: &Run) -> Option<Self> {
        let is_told = matches!(run.status, RunStatus::Failed { .. }) && run.by != Trigger::Hook;
        let function = run.function.clone().filter(|_| is_told)?;
        Some(Self {
            kind: EventKind::RunFailed,
            at,
            connector: None,
            connection: None,
            user: run.user.clone(),
            run: Some(run.id.clone()),
            function: Some(function),
        })
    }

    fn concerns(&self, rule: &EventRule) -> bool {
        rule.events.contains(&self.kind)
            && (rule.connector.is_none() || rule.connector == self.connector)
            && (rule.of.is_none() || rule.of == self.function)
    }
}

impl Engine {
    /// The change that has functions told of an event; none if nobody waits for it.
    pub(crate) async fn event_change(&self, org: &OrgId, event: &Event) -> Result<Option<Change>, Failure> {
        let prefix = format!("{}/", event.kind.as_str());
        let waiting = self.store().await?.list(Table::TriggerEvents, org, &prefix, None, 1).await;
        if waiting.map_err(errors::store)?.is_empty() {
            return Ok(None);
        }
        let payload = serde_json::to_string(event)
            .map_err(|_| Failure::new(Reason::Internal, "an event cannot be written down"))?;
        let job = Job {
            task: TASK.to_owned(),
            org: org.clone(),
            payload,
            key: None,
            run_at: None,
            max_attempts: ATTEMPTS,
        };
        Ok(Some(Change::Enqueue { job }))
    }

    /// Starts the functions that wait for an event.
    pub(crate) async fn work_event(&self, due: &DueJob) -> Worked {
        let Ok(event) = serde_json::from_str::<Event>(&due.job.payload) else {
            return Worked::GiveUp { why: "it names no event".to_owned() };
        };
        match self.tell(&due.job.org, &event, due.id).await {
            Ok(()) => Worked::Done,
            Err(failure) => Worked::Again { after: Some(PAUSE), why: failure.message },
        }
    }

    async fn tell(&self, org: &OrgId, event: &Event, job: u64) -> Result<(), Failure> {
        let prefix = format!("{}/", event.kind.as_str());
        let rows = self.store().await?.list(Table::TriggerEvents, org, &prefix, None, WAITING).await;
        let known = self.known_event(org, event).await?;
        for (id, _) in rows.map_err(errors::store)? {
            let Some(Ok(name)) = id.strip_prefix(&prefix).map(str::parse::<TriggerName>) else { continue };
            let Some((_, trigger)) = self.found_trigger(org, &name).await? else { continue };
            let Occasion::Event(rule) = &trigger.spec.on else { continue };
            if trigger.paused || !event.concerns(rule) {
                continue;
            }
            let dedupe = Some(format!("event/{}/{}/{job}/{}", name, trigger.made_at.0, event.at.0));
            let start = Start { org, trigger: &trigger, by: Trigger::Hook, dedupe };
            match self.start_run(start, &known).await {
                Ok(_) => {}
                Err(failure) if matches!(failure.reason, Reason::Internal | Reason::Unavailable) => {
                    return Err(failure);
                }
                Err(failure) => {
                    tracing::warn!(%org, trigger = %name, %failure, "an event could not start a function");
                    let outcome = super::FiringOutcome::Failed { why: failure.message };
                    self.note_firing(org, &name, outcome).await;
                }
            }
        }
        Ok(())
    }

    /// What expressions read of an event.
    async fn known_event(&self, org: &OrgId, event: &Event) -> Result<Known, Failure> {
        let text = |value: &str| Data::Text(value.to_owned());
        let mut fields = vec![
            ("event".to_owned(), text(event.kind.as_str())),
            ("org".to_owned(), text(org.as_str())),
            ("at".to_owned(), Data::DateTime(event.at.0)),
        ];
        let mut add =
            |name: &str, value: Option<Data>| fields.extend(value.map(|value| (name.to_owned(), value)));
        add("connector", event.connector.as_ref().map(|connector| text(connector.as_str())));
        add("connection", event.connection.as_deref().map(text));
        add("user", event.user.as_ref().map(|user| text(user.as_str())));
        add("run", event.run.as_ref().map(|run| text(run.as_str())));
        add("function", event.function.as_ref().map(|function| text(function.as_str())));
        let run = match &event.run {
            Some(run) => self.run_record(org, run).await.ok(),
            None => None,
        };
        if let Some(RunStatus::Failed { code, message, line, .. }) = run.map(|run| run.status) {
            add("code", Some(text(&code)));
            add("message", Some(text(&message)));
            add("line", Some(Data::Int(i64::from(line))));
        }
        Ok(vec![("event".to_owned(), Data::map(fields))])
    }

    /// What expressions read of an event that somebody makes up to try a trigger.
    pub(super) async fn known_sample(&self, org: &OrgId, kind: EventKind) -> Result<Known, Failure> {
        let event = Event {
            kind,
            at: self.now(),
            connector: None,
            connection: None,
            user: None,
            run: None,
            function: None,
        };
        self.known_event(org, &event).await
    }
}

//! Tries a trigger by hand: what would its function get, and, if wanted, what does it make of it.

use super::arguments::{self, Known};
use super::receive::{known, lets_by};
use super::schedule;
use super::start::Start;
use super::store::StoredTrigger;
use crate::builder::Engine;
use crate::callbacks::BroughtRequest;
use sluis_lang::value::data::Data;
use sluis_model::error::Failure;
use sluis_model::id::{OrgId, RunId, TriggerName};
use sluis_model::trigger::Trigger;
use sluis_model::trigger_spec::{EventKind, Occasion};

/// What is made up to try a trigger.
#[derive(Debug, Clone, Default)]
pub struct Sample {
    /// A request, for one that has an address. It need not be signed.
    pub request: Option<BroughtRequest>,
    /// What happened, for one that waits for events; the fields of the event.
    pub event: Option<Data>,
    /// Whether the function is started.
    pub run: bool,
}

/// What a trigger makes of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Sampled {
    /// Whether it would start the function; `when` may say that it does not.
    pub counts: bool,
    /// What the function would get.
    pub args: Vec<(String, Data)>,
    /// The run, if one was started.
    pub run: Option<RunId>,
}

impl Engine {
    /// Tries a trigger, also one that rests. What it starts counts as started by hand.
    pub async fn sample_trigger(
        &self,
        org: &OrgId,
        name: &TriggerName,
        sample: Sample,
    ) -> Result<Sampled, Failure> {
        let (_, trigger) = self.trigger_row(org, name).await?;
        let known = self.sample_known(org, &trigger, &sample).await?;
        let when = match &trigger.spec.on {
            Occasion::Url(rule) => rule.when.as_deref(),
            Occasion::Webhook(rule) => rule.when.as_deref(),
            Occasion::Schedule(_) | Occasion::Event(_) => None,
        };
        let counts = !lets_by(when, &known);
        let function = self.function(org, &trigger.spec.function).await?;
        let args = arguments::arguments(&trigger.spec, &function, &known)?;
        let run = match sample.run && counts {
            true => {
                let start = Start { org, trigger: &trigger, by: Trigger::ByHand, dedupe: None };
                Some(self.start_run(start, &known).await?.0)
            }
            false => None,
        };
        Ok(Sampled { counts, args, run })
    }

    async fn sample_known(
        &self,
        org: &OrgId,
        trigger: &StoredTrigger,
        sample: &Sample,
    ) -> Result<Known, Failure> {
        match &trigger.spec.on {
            Occasion::Url(_) | Occasion::Webhook(_) => {
                Ok(known(&sample.request.clone().unwrap_or_default(), &[]))
            }
            Occasion::Schedule(_) => {
                let moment = self.coming_moments(trigger, 1).first().copied().unwrap_or_else(|| self.now());
                Ok(schedule::known(moment, self.now()))
            }
            Occasion::Event(rule) => match &sample.event {
                Some(event) => Ok(vec![("event".to_owned(), event.clone())]),
                None => {
                    let kind = rule.events.first().copied().unwrap_or(EventKind::RunFailed);
                    self.known_sample(org, kind).await
                }
            },
        }
    }
}

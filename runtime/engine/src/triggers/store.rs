//! Writes and reads triggers. A trigger, what leads to it and what is planned for it change in one batch.

use super::address::{self, NewAddress};
use super::calendar::Calendar;
use super::schedule;
use super::state::TriggerState;
use crate::builder::Engine;
use crate::{errors, keys};
use serde::{Deserialize, Serialize};
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{OrgId, TriggerName, UserId};
use sluis_model::run::RunStatus;
use sluis_model::time::Timestamp;
use sluis_model::trigger_spec::{Occasion, TriggerSpec};
use sluis_store::{Change, Expect, StoreError, Table, get_json, put_json};

/// A trigger as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredTrigger {
    /// Its name.
    pub name: TriggerName,
    /// What starts what.
    pub spec: TriggerSpec,
    /// Whether it rests.
    #[serde(default)]
    pub paused: bool,
    /// Hash of the secret in its address; none if it has no address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// How many secrets count.
    #[serde(default)]
    pub secrets: usize,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A trigger and how it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct TriggerView {
    /// The trigger.
    pub trigger: StoredTrigger,
    /// How it stands.
    pub state: TriggerState,
    /// How the run that it started last stands; none if there is none, or none any more.
    pub last_status: Option<RunStatus>,
}

/// A trigger that was stored.
#[derive(Debug, Clone)]
pub struct PutTrigger {
    /// The trigger.
    pub trigger: StoredTrigger,
    /// Its address, if it got one now. It is shown this one time.
    pub address: Option<NewAddress>,
}

/// Whether a change may go ahead over what is stored.
pub type AgreesTrigger<'a> = dyn Fn(Option<&StoredTrigger>) -> bool + Send + Sync + 'a;

impl Engine {
    /// Stores a trigger, if what is stored under the name is what the caller has seen; none if it is not.
    ///
    /// # Errors
    /// `invalid_input`, `function_not_found` and what else [`check`](super) finds, with how to mend it.
    pub async fn put_trigger(
        &self,
        org: &OrgId,
        name: &TriggerName,
        spec: TriggerSpec,
        agrees: &AgreesTrigger<'_>,
    ) -> Result<Option<PutTrigger>, Failure> {
        self.org(org).await?;
        self.check_trigger(org, &spec).await?;
        loop {
            let before = self.found_trigger(org, name).await?;
            if !agrees(before.as_ref().map(|(_, trigger)| trigger)) {
                return Ok(None);
            }
            let expect = before.as_ref().map_or(Expect::Absent, |(version, _)| Expect::Version(*version));
            let before = before.map(|(_, trigger)| trigger);
            let keeps_address =
                spec.on.has_address() && before.as_ref().is_some_and(|b| b.spec.on.has_address());
            let mut trigger = StoredTrigger {
                name: name.clone(),
                paused: before.as_ref().is_some_and(|before| before.paused),
                address: before.as_ref().filter(|_| keeps_address).and_then(|before| before.address.clone()),
                secrets: 0,
                made_at: before.as_ref().map_or_else(|| self.now(), |before| before.made_at),
                updated_at: self.now(),
                spec: spec.clone(),
            };
            let mut changes = Vec::new();
            match (&spec.on, &before) {
                (Occasion::Webhook(_), Some(before)) => trigger.secrets = before.secrets,
                // A webhook that it may become again begins without.
                _ => changes
                    .push(Change::Delete { key: keys::trigger_secrets(org, name), expect: Expect::Any }),
            }
            let mut address = None;
            if spec.on.has_address() && !keeps_address {
                let made = self.make_address(org, name)?;
                trigger.address = Some(made.digest);
                changes.push(made.change);
                address = Some(made.address);
            }
            changes.extend(self.changes_between(org, before.as_ref(), Some(&trigger)).await?);
            changes.push(put_json(keys::trigger(org, name), &trigger, expect).map_err(errors::store)?);
            match self.store().await?.apply(changes).await {
                Ok(_) => {
                    tracing::info!(%org, trigger = %name, kind = spec.on.kind(), function = %spec.function, "a trigger was stored");
                    return Ok(Some(PutTrigger { trigger, address }));
                }
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(errors::store(error)),
            }
        }
    }

    /// Forgets a trigger, if it is what the caller has seen: whether it was. Runs that it started go on.
    pub async fn remove_trigger(
        &self,
        org: &OrgId,
        name: &TriggerName,
        agrees: &AgreesTrigger<'_>,
    ) -> Result<bool, Failure> {
        loop {
            let (version, trigger) = self.trigger_row(org, name).await?;
            if !agrees(Some(&trigger)) {
                return Ok(false);
            }
            let mut changes = self.changes_between(org, Some(&trigger), None).await?;
            let delete = |key, expect| Change::Delete { key, expect };
            changes.push(delete(keys::trigger(org, name), Expect::Version(version)));
            changes.push(delete(keys::trigger_state(org, name), Expect::Any));
            changes.push(delete(keys::trigger_secrets(org, name), Expect::Any));
            match self.store().await?.apply(changes).await {
                Ok(_) => {
                    tracing::info!(%org, trigger = %name, "a trigger was removed");
                    return Ok(true);
                }
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(errors::store(error)),
            }
        }
    }

    /// Lets a trigger rest, or work again. Moments that pass while it rests are not made good.
    pub async fn pause_trigger(
        &self,
        org: &OrgId,
        name: &TriggerName,
        paused: bool,
    ) -> Result<StoredTrigger, Failure> {
        loop {
            let (version, before) = self.trigger_row(org, name).await?;
            let trigger = StoredTrigger { paused, ..before.clone() };
            if trigger == before {
                return Ok(before);
            }
            let mut changes = self.changes_between(org, Some(&before), Some(&trigger)).await?;
            let put = put_json(keys::trigger(org, name), &trigger, Expect::Version(version));
            changes.push(put.map_err(errors::store)?);
            match self.store().await?.apply(changes).await {
                Ok(_) => {
                    tracing::info!(%org, trigger = %name, paused, "a trigger was paused or goes on");
                    return Ok(trigger);
                }
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(errors::store(error)),
            }
        }
    }

    /// Lets all triggers of an org rest that start functions on a user's behalf.
    pub(crate) async fn pause_triggers_of(&self, org: &OrgId, user: &UserId) -> Result<(), Failure> {
        for trigger in self.triggers(org).await? {
            if trigger.spec.user.as_ref() == Some(user) && !trigger.paused {
                self.pause_trigger(org, &trigger.name, true).await?;
            }
        }
        Ok(())
    }

    /// What has to change beside the row of a trigger: where its address leads, which events it waits for, what is
    /// planned.
    async fn changes_between(
        &self,
        org: &OrgId,
        before: Option<&StoredTrigger>,
        after: Option<&StoredTrigger>,
    ) -> Result<Vec<Change>, Failure> {
        let mut changes = Vec::new();
        let old = before.and_then(|before| before.address.as_deref());
        if let Some(old) = old.filter(|old| after.and_then(|after| after.address.as_deref()) != Some(*old)) {
            changes.push(address::forget_address(old));
        }
        let Some(named) = after.or(before) else { return Ok(changes) };
        let name = &named.name;
        for event in events(before) {
            changes.push(Change::Delete { key: keys::trigger_event(org, event, name), expect: Expect::Any });
        }
        for event in events(after) {
            let put = put_json(keys::trigger_event(org, event, name), name, Expect::Any);
            changes.push(put.map_err(errors::store)?);
        }
        match after.map(|after| (after, &after.spec.on)) {
            Some((after, Occasion::Schedule(rule))) if !after.paused => {
                // Whoever changes a schedule begins anew: what was missed before is not made good.
                let calendar = Calendar::of(rule, after.made_at)?;
                let next = calendar.after(self.now());
                let (expect, mut state) = self.trigger_state(org, name).await?;
                (state.next, state.owed) = (next, Vec::new());
                let put = put_json(keys::trigger_state(org, name), &state, expect);
                changes.push(put.map_err(errors::store)?);
                changes.push(match next {
                    Some(next) => Change::Enqueue { job: schedule::job(org, name, next) },
                    None => schedule::unplan(org, name),
                });
            }
            _ if is_schedule(before) => {
                changes.push(schedule::unplan(org, name));
                let (expect, mut state) = self.trigger_state(org, name).await?;
                if state.next.take().is_some() {
                    state.owed.clear();
                    let put = put_json(keys::trigger_state(org, name), &state, expect);
                    changes.push(put.map_err(errors::store)?);
                }
            }
            _ => {}
        }
        Ok(changes)
    }

    /// A trigger and how it stands.
    pub async fn trigger(&self, org: &OrgId, name: &TriggerName) -> Result<TriggerView, Failure> {
        let (_, trigger) = self.trigger_row(org, name).await?;
        let (_, state) = self.trigger_state(org, name).await?;
        let last_status = match &state.last_run {
            Some(run) => self.run_record(org, run).await.ok().map(|run| run.status),
            None => None,
        };
        Ok(TriggerView { trigger, state, last_status })
    }

    /// All triggers of an org, by name.
    pub async fn triggers(&self, org: &OrgId) -> Result<Vec<StoredTrigger>, Failure> {
        self.org(org).await?;
        self.list_json(Table::Triggers, org, "").await
    }

    /// The row of a trigger and its version.
    pub(super) async fn trigger_row(
        &self,
        org: &OrgId,
        name: &TriggerName,
    ) -> Result<(u64, StoredTrigger), Failure> {
        match self.found_trigger(org, name).await? {
            Some(found) => Ok(found),
            None => {
                let known: Vec<String> =
                    self.triggers(org).await?.into_iter().map(|trigger| trigger.name.to_string()).collect();
                let failure = Failure::new(Reason::NotFound, format!("there is no trigger `{name}`"));
                Err(failure.help(sluis_model::suggest::help(name.as_str(), &known, "triggers")))
            }
        }
    }

    /// The same where there need be none.
    pub(super) async fn found_trigger(
        &self,
        org: &OrgId,
        name: &TriggerName,
    ) -> Result<Option<(u64, StoredTrigger)>, Failure> {
        get_json(self.store().await?, &keys::trigger(org, name)).await.map_err(errors::store)
    }
}

/// The events that a trigger waits for. A trigger that rests waits for none.
fn events(trigger: Option<&StoredTrigger>) -> impl Iterator<Item = &'static str> {
    let rule = trigger.filter(|trigger| !trigger.paused).and_then(|trigger| match &trigger.spec.on {
        Occasion::Event(rule) => Some(rule),
        _ => None,
    });
    rule.into_iter().flat_map(|rule| rule.events.iter().map(|event| event.as_str()))
}

fn is_schedule(trigger: Option<&StoredTrigger>) -> bool {
    trigger.is_some_and(|trigger| matches!(trigger.spec.on, Occasion::Schedule(_)))
}

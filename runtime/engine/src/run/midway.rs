//! The state of a run in mid-course, sealed: what another process goes on with if this one dies. It is sealed
//! while a host call takes long, and when a run that was parked goes on.

use super::drive::host_fault;
use super::lease::Held;
use crate::builder::Engine;
use crate::host::HostContext;
use crate::{errors, keys};
use serde::{Deserialize, Serialize};
use sluis_lang::value::data::Data;
use sluis_lang::vm::{HostFault, Vm};
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{OrgId, RunId};
use sluis_model::run::Run;
use sluis_store::{Change, Expect, get_json, put_json};
use sluis_vault::field;
use std::collections::BTreeMap;

/// What stands beside the machine.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Midway {
    /// How often the script had come by each place that calls out.
    pub sites: BTreeMap<String, u32>,
    /// Lines printed.
    pub printed: usize,
    /// Calls made.
    pub calls: usize,
    /// Fuel that stored functions had used.
    pub nested_fuel: u64,
    /// What the host call that it stopped at answers; none if the call is to be made.
    pub answer: Option<Answered>,
}

/// What a host call has answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Answered {
    /// A value.
    Value(Data),
    /// A fault.
    Fault {
        /// Its name.
        reason: String,
        /// In words.
        message: String,
        /// What to do about it.
        help: Option<String>,
        /// What else the script may read of it.
        data: Option<Data>,
    },
}

impl Answered {
    /// As it is kept.
    pub fn of(answer: Result<Data, Failure>) -> Self {
        match answer.map_err(host_fault) {
            Ok(value) => Self::Value(value),
            Err(HostFault { reason, message, help, data }) => Self::Fault { reason, message, help, data },
        }
    }

    /// As the machine takes it.
    pub fn into_result(self) -> Result<Data, HostFault> {
        match self {
            Self::Value(value) => Ok(value),
            Self::Fault { reason, message, help, data } => Err(HostFault { reason, message, help, data }),
        }
    }
}

impl Midway {
    /// Before the host call that is about to be made.
    pub fn before_call(context: &HostContext<'_>) -> Self {
        Self {
            sites: context.run.sites.clone(),
            printed: context.run.output.len(),
            calls: context.run.calls.len(),
            nested_fuel: context.nested_fuel,
            answer: None,
        }
    }

    /// Of a run that stood still, and gets an answer.
    pub fn answered(run: &Run, answer: Answered) -> Self {
        Self {
            sites: run.sites.clone(),
            printed: run.output.len(),
            calls: run.calls.len(),
            nested_fuel: 0,
            answer: Some(answer),
        }
    }

    /// Makes a record what it was at this point.
    pub fn rewind(&self, run: &mut Run) {
        run.sites.clone_from(&self.sites);
        run.output.truncate(self.printed);
        run.calls.truncate(self.calls);
    }
}

/// The two parts as one text: JSON holds no line break, the machine may hold anything.
fn packed(midway: &Midway, machine: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = serde_json::to_vec(midway).ok()?;
    bytes.push(b'\n');
    bytes.extend_from_slice(machine);
    Some(bytes)
}

fn unpacked(bytes: &[u8]) -> Option<(Midway, &[u8])> {
    let at = bytes.iter().position(|byte| *byte == b'\n')?;
    let (head, machine) = bytes.split_at_checked(at)?;
    Some((serde_json::from_slice(head).ok()?, machine.get(1..)?))
}

fn subject(run: &RunId) -> String {
    format!("~/{run}")
}

/// The change that forgets it.
pub(crate) fn forget(org: &OrgId, run: &RunId) -> Change {
    Change::Delete { key: keys::midway(org, run), expect: Expect::Any }
}

impl Engine {
    /// The change that keeps the state of a run; none of a machine that is too large to be kept.
    pub(crate) async fn midway_change(
        &self,
        org: &OrgId,
        run: &RunId,
        midway: &Midway,
        machine: &[u8],
    ) -> Result<Option<Change>, Failure> {
        let Some(bytes) = packed(midway, machine).filter(|bytes| bytes.len() < KEPT_AT_MOST) else {
            tracing::warn!(%org, %run, bytes = machine.len(), "a machine is too large to be kept in mid-course");
            return Ok(None);
        };
        let vault = self.vault_of(org).await?;
        let bytes = vault.seal(&subject(run), field::SNAPSHOT, &bytes);
        Ok(Some(Change::Put { key: keys::midway(org, run), bytes, expect: Expect::Any }))
    }

    /// The state that was kept last, if one was.
    pub(crate) async fn midway(&self, run: &Run) -> Result<Option<(Midway, Vm)>, Failure> {
        let key = keys::midway(&run.org, &run.id);
        let Some(record) = self.store().await?.get(&key).await.map_err(errors::store)? else {
            return Ok(None);
        };
        let vault = self.vault_of(&run.org).await?;
        let opened = vault.open(&subject(&run.id), field::SNAPSHOT, &record.bytes).map_err(errors::vault)?;
        let damaged =
            || Failure::new(Reason::Internal, format!("the kept state of run `{}` is damaged", run.id));
        let (midway, machine) = unpacked(opened.expose()).ok_or_else(damaged)?;
        let vm = self.machine(run, machine)?;
        Ok(Some((midway, vm)))
    }

    /// Keeps the state of a run that goes on, with all that it has done so far.
    pub(crate) async fn keep_midway(&self, held: &Held, midway: &Midway, vm: &mut Vm) -> Result<(), Failure> {
        let mut record = held.live.record();
        record.fuel = vm.fuel_used().saturating_add(midway.nested_fuel);
        let Some(change) = self.midway_change(&record.org, &record.id, midway, &vm.snapshot()).await? else {
            return Ok(());
        };
        let key = keys::run(&record.org, &record.id);
        held.write(vec![put_json(key, &record, Expect::Any).map_err(errors::store)?, change]).await
    }

    /// Keeps what a run has printed and called, now and then.
    pub(crate) async fn keep_progress(&self, held: &Held, fuel: u64) -> Result<(), Failure> {
        let Some(mut record) = held.live.due(self.run_rules().keeps_every) else { return Ok(()) };
        record.fuel = fuel;
        let key = keys::run(&record.org, &record.id);
        held.write(vec![put_json(key, &record, Expect::Any).map_err(errors::store)?]).await
    }

    /// The record of a run as it stands in the store, with its version.
    pub(crate) async fn stored_run(&self, org: &OrgId, id: &RunId) -> Result<Option<(u64, Run)>, Failure> {
        get_json::<Run>(self.store().await?, &keys::run(org, id)).await.map_err(errors::store)
    }
}

/// Larger states are not kept, in bytes; the store takes 32 MiB, sealed.
const KEPT_AT_MOST: usize = 31 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_read_back_whatever_the_machine_holds() {
        let fault = Answered::of(Err(Failure::new(Reason::Timeout, "late\nvery")));
        let midway = Midway { printed: 3, calls: 1, answer: Some(fault.clone()), ..Midway::default() };
        for machine in [&b""[..], b"\n\n{", &[0, 255, 10]] {
            let bytes = packed(&midway, machine).unwrap();
            assert_eq!(unpacked(&bytes), Some((midway.clone(), machine)));
        }
        assert_eq!(unpacked(b"no break"), None);
        assert_eq!(fault.into_result().unwrap_err().reason, "timeout");
    }
}

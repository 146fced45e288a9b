//! Where each thing stands in the store. The org is part of every key; what belongs to no org
//! stands under the store's system tenant.

use sluis_model::connection::ConnectionKey;
use sluis_model::id::{
    AcceptedId, DeliveryId, FunctionName, GrantId, Namespace, OrgId, OutboxId, RunId, TriggerName, UserId,
};
use sluis_store::{Key, Table};

/// The number of the newest release of a connector.
pub fn latest(namespace: &Namespace) -> Key {
    Key::system(Table::Releases, format!("latest/{namespace}"))
}

/// Prefix under which [`latest`] stands.
pub const LATEST_PREFIX: &str = "latest/";

/// One release; numbers are padded so that they sort.
pub fn release(namespace: &Namespace, number: u32) -> Key {
    Key::system(Table::Releases, format!("release/{namespace}/{number:010}"))
}

/// The org that a connector belongs to; no row if it is the operator's.
pub fn owner(namespace: &Namespace) -> Key {
    Key::system(Table::Releases, format!("owner/{namespace}"))
}

/// Where an installed connector comes from; no row if it was released here.
pub fn provenance(namespace: &Namespace) -> Key {
    Key::system(Table::Releases, format!("package/{namespace}"))
}

/// A client registration, by [`client_id`].
pub fn client(id: &str) -> Key {
    Key::system(Table::Clients, id.to_owned())
}

/// What a registration is sealed and stored under: its name for the operator's, with its org for an
/// org's own. Names hold no `@`, so neither can be taken for the other.
pub fn client_id(owner: Option<&OrgId>, name: &str) -> String {
    match owner {
        None => name.to_owned(),
        Some(org) => format!("{name}@{org}"),
    }
}

/// An org.
pub fn org(org: &OrgId) -> Key {
    Key::system(Table::Orgs, org.as_str().to_owned())
}

/// Place of a connection: the one in use, or one that is not yet or no longer so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Slot {
    /// The one that scripts use.
    Active,
    /// Not yet agreed to by the on-authorize hook of this attempt.
    Pending(GrantId),
    /// On its way out: only its on-revoke hook and its revocation may use it.
    Revoking(OutboxId),
}

/// A connection and where it is to be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Which connection.
    pub key: ConnectionKey,
    /// Where it is to be found.
    pub slot: Slot,
}

impl Place {
    /// The connection that scripts use.
    pub fn active(key: ConnectionKey) -> Self {
        Self { key, slot: Slot::Active }
    }
}

fn slot_id(key: &ConnectionKey, slot: &Slot) -> String {
    match slot {
        Slot::Active => key.to_string(),
        Slot::Pending(grant) => format!("{key}~{grant}"),
        Slot::Revoking(out) => format!("{key}~{out}"),
    }
}

/// Whether the id of a connection's row is that of a [`Slot::Pending`]; keys hold no `~`.
pub fn is_pending_connection(id: &str) -> bool {
    id.contains("~grn_")
}

/// What is to be done about an authorization on its way out.
pub fn outbox(org: &OrgId, out: &OutboxId) -> Key {
    Key { table: Table::Outbox, org: org.clone(), id: out.as_str().to_owned() }
}

/// A connection.
pub fn connection(key: &ConnectionKey, slot: &Slot) -> Key {
    Key { table: Table::Connections, org: key.org.clone(), id: slot_id(key, slot) }
}

/// The sealed credential of a connection.
pub fn credential(key: &ConnectionKey, slot: &Slot) -> Key {
    Key { table: Table::Credentials, org: key.org.clone(), id: slot_id(key, slot) }
}

/// The sealed renewal that is under way for a connection, or was when somebody died.
pub fn intent(key: &ConnectionKey, slot: &Slot) -> Key {
    Key { table: Table::Intents, org: key.org.clone(), id: slot_id(key, slot) }
}

/// A grant attempt.
pub fn grant(org: &OrgId, grant: &GrantId) -> Key {
    Key { table: Table::Grants, org: org.clone(), id: grant.as_str().to_owned() }
}

/// The sealed PKCE verifier of an attempt.
pub fn verifier(org: &OrgId, grant: &GrantId) -> Key {
    Key { table: Table::Verifiers, org: org.clone(), id: grant.as_str().to_owned() }
}

/// Where the browser of an attempt goes back to, sealed, beside its verifier.
pub fn grant_return(org: &OrgId, grant: &GrantId) -> Key {
    Key { table: Table::Verifiers, org: org.clone(), id: format!("{grant}/return") }
}

/// A call that was accepted.
pub fn accepted(org: &OrgId, call: &AcceptedId) -> Key {
    Key { table: Table::Accepted, org: org.clone(), id: call.as_str().to_owned() }
}

/// Finds an attempt by the hash of its `state`; the org is not known yet when a callback arrives.
pub fn grant_state(state_hash: &str) -> Key {
    Key::system(Table::GrantStates, state_hash.to_owned())
}

/// Finds an attempt by the hash of the one-time link that people are given.
pub fn grant_link(link_hash: &str) -> Key {
    Key::system(Table::GrantStates, format!("link/{link_hash}"))
}

/// A run.
pub fn run(org: &OrgId, run: &RunId) -> Key {
    Key { table: Table::Runs, org: org.clone(), id: run.as_str().to_owned() }
}

/// Prefix of what the index says of all runs, newest first.
pub const ALL_RUNS: &str = "all/";
/// Prefix of the texts by which runs were asked for, as hashes.
pub const ASKED_FOR: &str = "asked/";
/// Prefix of what it says of those that have failed for good.
pub const DEAD_RUNS: &str = "dead/";

/// Prefix of what the index says of the runs of a function.
pub fn runs_of(function: &FunctionName) -> String {
    format!("of/{function}/")
}

/// What an index says of a run, by its place in it.
pub fn indexed(org: &OrgId, prefix: &str, place: &str) -> Key {
    Key { table: Table::RunIndex, org: org.clone(), id: format!("{prefix}{place}") }
}

/// Who works on a run.
pub fn lease(org: &OrgId, run: &RunId) -> Key {
    Key { table: Table::Leases, org: org.clone(), id: run.as_str().to_owned() }
}

/// Prefix of the places of an org's runs.
pub const ORG_SLOTS: &str = "slot/org/";

/// Prefix of the places of a function's runs.
pub fn function_slots(function: &FunctionName) -> String {
    format!("slot/of/{function}/")
}

/// One of the places that are taken where few may run at once, or a run's in the line before them.
pub fn lease_row(org: &OrgId, id: String) -> Key {
    Key { table: Table::Leases, org: org.clone(), id }
}

/// Prefix of the runs that wait for a place.
pub const LINE: &str = "line/";

/// What an org says about its runs.
pub fn run_settings(org: &OrgId) -> Key {
    Key { table: Table::RunSettings, org: org.clone(), id: "org".to_owned() }
}

/// What it says about those of a function.
pub fn function_settings(org: &OrgId, function: &FunctionName) -> Key {
    Key { table: Table::RunSettings, org: org.clone(), id: format!("function/{function}") }
}

/// What an org has used on a day, written `2026-11-23`.
pub fn usage(org: &OrgId, day: &str) -> Key {
    Key { table: Table::Usage, org: org.clone(), id: day.to_owned() }
}

/// The sealed state of a run in mid-course. No namespace is called so.
pub fn midway(org: &OrgId, run: &RunId) -> Key {
    Key { table: Table::Snapshots, org: org.clone(), id: format!("~/{run}") }
}

/// The sealed machine of a run that waits for a connector; there is one exactly while it waits.
pub fn snapshot(org: &OrgId, namespace: &Namespace, run: &RunId) -> Key {
    Key { table: Table::Snapshots, org: org.clone(), id: format!("{namespace}/{run}") }
}

/// The sealed link of a waiting run, beside the other sealed halves of authorizations that are under
/// way. Ids of runs and of attempts differ by their prefix.
pub fn waiting_link(org: &OrgId, run: &RunId) -> Key {
    Key { table: Table::Verifiers, org: org.clone(), id: run.as_str().to_owned() }
}

/// Prefix of the snapshots of all runs that wait for a connector.
pub fn snapshots_of(namespace: &Namespace) -> String {
    format!("{namespace}/")
}

/// A stored function.
pub fn function(org: &OrgId, name: &FunctionName) -> Key {
    Key { table: Table::Functions, org: org.clone(), id: name.as_str().to_owned() }
}

/// A sealed call of a run, by its place there.
pub fn ledger(org: &OrgId, run: &RunId, place: &str) -> Key {
    Key { table: Table::Ledger, org: org.clone(), id: format!("{run}/{place}") }
}

/// A sealed call that was handed over.
pub fn delivery(org: &OrgId, id: &DeliveryId) -> Key {
    Key { table: Table::Deliveries, org: org.clone(), id: id.as_str().to_owned() }
}

/// A sealed call whose answer the service brings by itself.
pub fn awaited(org: &OrgId, id: &DeliveryId) -> Key {
    Key { table: Table::Awaited, org: org.clone(), id: id.as_str().to_owned() }
}

/// Finds such a call by the hash of the secret in its address; the org is not known yet when somebody calls it.
pub fn callback_token(hash: &str) -> Key {
    Key::system(Table::CallbackTokens, hash.to_owned())
}

/// Prefix of the ledger of a run.
pub fn ledger_of(run: &RunId) -> String {
    format!("{run}/")
}

/// The place in a ledger where the arguments of the run are kept; no call has it.
pub const LEDGER_ARGS: &str = "args";

/// What is kept of a request that its caller may send again, by the hash of who asks and their key.
pub fn repeat(org: &OrgId, hash: &str) -> Key {
    Key { table: Table::Repeats, org: org.clone(), id: hash.to_owned() }
}

/// An account.
pub fn account(user: &UserId) -> Key {
    Key::system(Table::Accounts, user.as_str().to_owned())
}

/// A member of an org.
pub fn member(org: &OrgId, user: &UserId) -> Key {
    Key { table: Table::Members, org: org.clone(), id: user.as_str().to_owned() }
}

/// The same membership, to be found by its user. Ids of users hold no `/`.
pub fn membership(user: &UserId, org: &OrgId) -> Key {
    Key::system(Table::Members, format!("{user}/{org}"))
}

/// Prefix of the memberships of a user.
pub fn memberships_of(user: &UserId) -> String {
    format!("{user}/")
}

/// A session, by the hash of its cookie.
pub fn session(hash: &str) -> Key {
    Key::system(Table::Sessions, hash.to_owned())
}

/// An invitation, by the hash of its text.
pub fn invitation(hash: &str) -> Key {
    Key::system(Table::Invitations, hash.to_owned())
}

/// Sign-ins with an address that failed. Hashed, because anybody may have made it up.
pub fn failed_sign_ins(user: &UserId) -> Key {
    Key::system(Table::FailedSignIns, sluis_vault::hash_token(user.as_str()))
}

/// A trigger.
pub fn trigger(org: &OrgId, name: &TriggerName) -> Key {
    Key { table: Table::Triggers, org: org.clone(), id: name.as_str().to_owned() }
}

/// How a trigger stands.
pub fn trigger_state(org: &OrgId, name: &TriggerName) -> Key {
    Key { table: Table::TriggerStates, org: org.clone(), id: name.as_str().to_owned() }
}

/// The sealed secrets of a trigger.
pub fn trigger_secrets(org: &OrgId, name: &TriggerName) -> Key {
    Key { table: Table::TriggerSecrets, org: org.clone(), id: name.as_str().to_owned() }
}

/// Finds a trigger by the hash of the secret in its address; the org is not known yet when somebody calls it.
pub fn trigger_token(hash: &str) -> Key {
    Key::system(Table::TriggerTokens, hash.to_owned())
}

/// That a trigger waits for an event.
pub fn trigger_event(org: &OrgId, event: &str, name: &TriggerName) -> Key {
    Key { table: Table::TriggerEvents, org: org.clone(), id: format!("{event}/{name}") }
}

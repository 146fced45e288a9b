//! What Sluis does: releases connectors, gets consent, renews tokens, invokes APIs, runs scripts
//! and revokes. Server, CLI, REPL and tests call this one [`Engine`]; they differ only in the
//! ports it is built with.
//!
//! Read in this order: [`builder`] (the ports), [`connectors`] (releases), [`grants`] (consent to
//! revocation), [`renewal`], [`invoke`], [`run`] (the driving loop), [`host`] (what a script may ask for),
//! [`triggers`] (what starts functions), [`connector_proxy`] (the same for workflow backends).

mod accepted;
pub mod accounts;
pub mod activity;
pub mod api_tokens;
pub mod builder;
pub mod callbacks;
pub mod clients;
mod compiled;
pub mod connector_proxy;
pub mod connectors;
pub mod custody;
pub mod deliveries;
pub mod diff;
pub mod doctor;
mod ends;
mod errors;
pub mod export;
pub mod functions;
pub mod grants;
pub mod host;
pub mod invoke;
pub mod jobs;
mod keys;
pub mod ledger;
pub mod mail;
mod measured;
pub mod orgs;
pub mod outbox;
pub mod packages;
pub mod pages;
mod readiness;
pub mod recover;
pub mod renewal;
pub mod repeats;
pub mod run;
mod scopes;
pub mod search;
mod tasks;
pub mod trial;
pub mod triggers;

pub use activity::Activity;
pub use builder::{Engine, EngineBuilder, Opened, Opener, User};
pub use callbacks::{BroughtRequest, Settled};
pub use compiled::check_definition;
pub use connector_proxy::{ProxyAnswer, ProxySettings};
pub use connectors::{ReleaseNotes, ReleaseRefused};
pub use deliveries::{DeliveryState, HandedOver};
pub use functions::StoredFunction;
pub use grants::{
    Arrival, ConnectForm, LinkOpened, MassRevoked, NewConnection, Question, Revocation, RevokedAtProvider,
    Started, Tried,
};
pub use invoke::{CallOptions, Invocation, PickOption, Through, WantedOptions};
pub use ledger::{OpenCall, Settlement};
pub use outbox::{Given, OutboxEntry, OutboxStep, OutboxWorked};
pub use pages::{PageRead, Position, Walk, Wanted};
pub use readiness::Unready;
pub use recover::Recovered;
pub use renewal::{RenewalRound, RenewalRules};
pub use run::index::{RunSummary, RunsWanted};
pub use run::meter::Usage;
pub use run::tail::{RunTail, TailEvent, TailPlace};
pub use run::{
    Enqueued, EntryPoint, RunEnd, RunObserver, RunRefused, RunRequest, RunRules, SessionRun, SessionStep,
    Unobserved,
};
pub use sluis_invoke::limiter::{Budget, LearnedFrom};
pub use trial::{EnteredCredential, Overrides, Trial, TrialAnswer};

//! Which budgets a call needs a part of, and how they stand.

use super::Through;
use super::pipeline::Call;
use crate::builder::Engine;
use crate::compiled::ReadyConnector;
use crate::keys::Place;
use sluis_invoke::CompiledApi;
use sluis_invoke::limiter::{BucketKey, Budget, Limited, Permit, Time, Wanted};
use sluis_model::connection::ConnectionKey;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{ApiId, OrgId};
use sluis_model::rate::{RatePer, RateRule};
use sluis_model::time::Timestamp;

/// The budgets of a call: that of its API, if it has one of its own, then that of the whole connector.
pub(super) fn wanted<'a>(connector: &ReadyConnector, place: &Place, api: &'a CompiledApi) -> Vec<Wanted<'a>> {
    let key = &place.key;
    let of = |rule: Option<&'a RateRule>, own: bool| {
        let per = rule.map(|rule| rule.per).unwrap_or_default();
        let whose = match per {
            RatePer::Connection | RatePer::Api => connection_of(key),
            RatePer::Org => key.org.to_string(),
            // An org may bring a registration of its own, which then is nobody else's.
            RatePer::App => connector.release.definition.namespace.to_string(),
        };
        let api = (own || per == RatePer::Api).then(|| api.id.to_string());
        Wanted { key: BucketKey { connector: key.connector.to_string(), per, whose, api }, rule }
    };
    let own = api.manners.own_rate.as_ref().map(|rule| of(Some(rule), true));
    own.into_iter().chain([of(api.manners.shared_rate.as_ref(), false)]).collect()
}

fn connection_of(key: &ConnectionKey) -> String {
    format!("{}/{}", key.org, key.in_scripts())
}

impl Engine {
    /// How much of the budgets of an API is left: the tightest of them.
    pub async fn budget(&self, org: &OrgId, api: &ApiId, through: &Through) -> Result<Budget, Failure> {
        self.org(org).await?;
        let place = Place::active(self.key_of_call(org, &api.namespace(), through).await?);
        self.budget_at(&place, api).await
    }

    /// The same for the connection at a place.
    pub(crate) async fn budget_at(&self, place: &Place, api: &ApiId) -> Result<Budget, Failure> {
        let connector = self.ready_connector(&place.key.connector).await?;
        let api = connector.compiled.api(api.api())?;
        Ok(self.limiter().budget(&wanted(&connector, place, api), self.now()))
    }

    /// Waits for a call's turn.
    pub(super) async fn turn_of(
        &self,
        call: &Call<'_>,
        wanted: &[Wanted<'_>],
        deadline: Timestamp,
    ) -> Result<Permit, Failure> {
        let Some((_, place)) = call.through else { return Ok(Permit::default()) };
        let time = Time { clock: self.clock(), timer: self.timer() };
        let turn = self.limiter().acquire(wanted, &place.key.org, deadline, time).await;
        turn.map_err(|limited| too_much(&call.prepared.api, &limited))
    }

    /// Takes in what an answer tells of a call's budgets: the narrowest is the one it is about.
    pub(super) fn learn(&self, wanted: &[Wanted<'_>], signal: &sluis_invoke::wait::Signal) {
        if let Some(narrowest) = wanted.first() {
            self.limiter().learn(narrowest, signal, self.now());
        }
    }
}

/// A call that may not go out in its time.
fn too_much(api: &str, limited: &Limited) -> Failure {
    match limited {
        Limited::TooLong { seconds: Some(seconds) } => would_wait(api, *seconds),
        Limited::TooLong { seconds: None } => Failure::new(
            Reason::RateLimited,
            format!(
                "`{api}` has waited for its turn as long as it may, and none of the calls before it has ended"
            ),
        )
        .help("send less at a time, or give the call more time: {\"timeout\": 120}"),
        Limited::QueueFull { waiting } => Failure::new(
            Reason::RateLimited,
            format!("`{api}` is not queued up: {waiting} calls wait for the same budget already"),
        )
        .help("send less at a time; budget(\"…\") tells what is left"),
    }
}

/// A call that would have to wait longer than it may.
pub(super) fn would_wait(api: &str, seconds: u64) -> Failure {
    Failure::new(
        Reason::RateLimited,
        format!("`{api}` would wait {seconds} s, longer than the call may take: its budget is used up"),
    )
    .help(format!(
        "call it again in {seconds} s, or give the call more time: {{\"timeout\": {}}}; budget(\"{api}\") tells what is left",
        seconds.saturating_add(30).min(300)
    ))
}

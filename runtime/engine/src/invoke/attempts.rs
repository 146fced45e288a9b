//! The tries of a call: each waits for its turn, goes out, and is followed by another if the rule says so
//! and it may be repeated. All of it stays within the call's time.

use super::account::Account;
use super::budgets::{wanted, would_wait};
use super::pipeline::Call;
use super::record;
use super::watch::{Exchange, Watched};
use crate::builder::Engine;
use sluis_invoke::breaker::{BreakerKey, Health};
use sluis_invoke::hosts::shown_host;
use sluis_invoke::limiter::Wanted;
use sluis_invoke::retry::{Repeatable, Standing, Tried, Verdict, seconds, verdict};
use sluis_invoke::wait::{Signal, signal};
use sluis_invoke::{HttpAnswer, TransportError};
use sluis_model::error::{Failure, Reason};
use sluis_model::retry::RetryRule;
use sluis_model::run::WireRecord;
use sluis_model::time::Timestamp;
use std::time::Duration;

/// How a call has ended.
pub(super) struct Ended {
    /// The last answer, or why there is none.
    pub result: Result<HttpAnswer, Failure>,
    /// Why there is none, as the transport says it.
    pub error: Option<TransportError>,
    /// Whether something may have reached the service.
    pub was_sent: bool,
    /// How it went.
    pub wire: WireRecord,
}

/// A call between its tries.
struct Tries<'a> {
    call: &'a Call<'a>,
    wanted: Vec<Wanted<'a>>,
    breaker: Option<BreakerKey>,
    rule: RetryRule,
    deadline: Timestamp,
    began: Timestamp,
    ended: Ended,
    /// The pause before the next try.
    pause: Duration,
}

impl Engine {
    /// Makes a call as often as it takes and may be.
    pub(super) async fn attempts(
        &self,
        call: &Call<'_>,
        account: Option<&Account>,
        repeatable: Repeatable,
    ) -> Ended {
        let http = Watched::over(self.http());
        let mut tries = self.begin(call);
        let mut count = 0;
        loop {
            count += 1;
            let Some((last, told)) = self.one_try(&mut tries, &http, account, count).await else {
                return tries.ended;
            };
            let tried = match (&last.ended, &told) {
                (Ok(status), _) => Tried::Answered { status: *status, signal: &told },
                (Err(error), _) => Tried::Failed(error),
            };
            let now = self.now();
            let standing = Standing { tries: count, now, deadline: tries.deadline, chance: self.chance() };
            match verdict(&tries.rule, tried, repeatable, standing) {
                Verdict::Settled => return tries.ended,
                Verdict::TooLong { seconds } => {
                    tries.ended.result = Err(would_wait(&call.prepared.api, seconds));
                    return tries.ended;
                }
                Verdict::Again(pause) => {
                    tries.pause = pause;
                    self.timer().sleep(pause).await;
                }
            }
        }
    }

    fn begin<'a>(&self, call: &'a Call<'a>) -> Tries<'a> {
        let manners = call.api.map(|api| &api.manners);
        let rule = call.options.retry.as_ref().or(manners.and_then(|manners| manners.retry.as_ref()));
        let connector = call.through.map(|(connector, _)| connector.release.definition.namespace.to_string());
        let host = shown_host(&call.prepared.request.url);
        let began = self.now();
        let millis = i64::try_from(call.timeout().as_millis()).unwrap_or(i64::MAX);
        Tries {
            call,
            wanted: match (call.through, call.api) {
                (Some((connector, place)), Some(api)) => wanted(connector, place, api),
                _ => Vec::new(),
            },
            breaker: connector.map(|connector| BreakerKey { connector, host }),
            rule: rule.cloned().unwrap_or_else(RetryRule::never),
            deadline: Timestamp(began.0.saturating_add(millis)),
            began,
            ended: Ended {
                result: Err(Failure::new(Reason::Internal, "the call was not made")),
                error: None,
                was_sent: false,
                wire: WireRecord::default(),
            },
            pause: Duration::ZERO,
        }
    }

    /// One try; what the transport saw last of it, and what the answer tells of budgets. Nothing where the
    /// call is at its end.
    async fn one_try(
        &self,
        tries: &mut Tries<'_>,
        http: &Watched<'_>,
        account: Option<&Account>,
        count: u32,
    ) -> Option<(Exchange, Signal)> {
        let call = tries.call;
        let turn = self.turn_of(call, &tries.wanted, tries.deadline).await;
        let now = self.now();
        let left = Duration::from_millis(tries.deadline.0.saturating_sub(now.0).max(1).unsigned_abs());
        let let_through = turn.and_then(|turn| self.pass(tries.breaker.as_ref(), now, left).map(|()| turn));
        let mut turn = match let_through {
            Ok(turn) => turn,
            Err(failure) => {
                // An answer that was there already tells more than why there is no other.
                if count == 1 {
                    tries.ended.result = Err(failure);
                }
                return None;
            }
        };
        if count == 1 {
            tries.ended.wire.queued_ms = now.0.saturating_sub(tries.began.0).max(0).unsigned_abs();
        }
        turn.used();
        // What is allowed is told as it was written where nothing of it is gone.
        let waited = tries.ended.wire.queued_ms > 0 || count > 1;
        let within = if waited { left } else { call.timeout() };
        let result = self.attempt(call, account, http, within).await;
        drop(turn);
        let seen = http.take();
        let wire = &mut tries.ended.wire;
        record::add_attempt(wire, &seen, tries.pause);
        tries.ended.was_sent |=
            seen.iter().any(|one| one.ended.as_ref().map_or_else(|e| !e.nothing_was_sent(), |_| true));
        let told = result.as_ref().map(|answer| self.signal_of(call, answer)).unwrap_or_default();
        let failed = result.is_err();
        tries.ended.result = result;
        let last = seen.into_iter().next_back();
        if let Some(key) = &tries.breaker {
            self.breakers().tell(key, health(last.as_ref(), &told), self.now());
        }
        self.learn(&tries.wanted, &told);
        let last = last?;
        tries.ended.error = last.ended.as_ref().err().cloned();
        // Not the transport failed but something else, such as the renewal of a token.
        if failed && last.ended.is_ok() {
            return None;
        }
        Some((last, told))
    }

    fn signal_of(&self, call: &Call<'_>, answer: &HttpAnswer) -> Signal {
        let manners = call.api.map(|api| &api.manners);
        let own = manners.and_then(|manners| manners.own_rate.as_ref());
        let shared = manners.and_then(|manners| manners.shared_rate.as_ref());
        let rules: Vec<_> = own.into_iter().chain(shared).collect();
        signal(answer.status, &answer.headers, &answer.body, &rules, self.now())
    }

    fn pass(&self, key: Option<&BreakerKey>, now: Timestamp, left: Duration) -> Result<(), Failure> {
        let Some(key) = key else { return Ok(()) };
        let within = i64::try_from(left.as_secs().saturating_add(1)).unwrap_or(i64::MAX);
        self.breakers().pass(key, now, within).map_err(|open| {
            let seconds = seconds(open.until.0 - now.0);
            Failure::new(
                Reason::CircuitOpen,
                format!(
                    "`{}` has failed several times in a row and is left alone; it is tried again in {seconds} s",
                    key.host
                ),
            )
            .help("nothing was sent; look whether the service is up, and call it again then")
        })
    }

    /// A number between 0 and 1 by chance.
    fn chance(&self) -> f64 {
        let mut bytes = [0u8; 4];
        self.randomness().fill(&mut bytes);
        f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX)
    }
}

/// What a try says about the host: a gateway's errors and no answer at all are failures of the host, all
/// other answers show that it works.
fn health(last: Option<&Exchange>, told: &Signal) -> Health {
    match last.map(|last| &last.ended) {
        Some(Ok(502..=504)) if !told.limited && told.wait.is_none() => Health::Fails,
        // A mail server that says no works.
        Some(Ok(_) | Err(TransportError::Mail(_))) => Health::Works,
        Some(Err(
            TransportError::NotConnected { .. }
            | TransportError::Tls { .. }
            | TransportError::Unreachable { .. }
            | TransportError::Timeout { .. },
        )) => Health::Fails,
        Some(Err(_)) | None => Health::Unknown,
    }
}

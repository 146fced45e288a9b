//! Renewing without being asked by a call: what is used, ahead of its end; what lies idle, before
//! its refresh token dies; what was left half done; and what a person asks for.

use super::health;
use super::intent::Found;
use crate::builder::Engine;
use crate::keys::{Place, Slot};
use sha2::{Digest as _, Sha256};
use sluis_auth::renewal_due_at;
use sluis_model::connection::{Connection, ConnectionKey, ConnectionState};
use sluis_model::credential::TokenSet;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::ConnectionId;
use sluis_model::time::Timestamp;
use std::future::Future;
use std::time::Duration;
use tokio::task::JoinSet;

/// Renewals begun at a time by a round; each host has its own, smaller limit.
const AT_ONCE: usize = 64;
/// The longest that a connection may be renewed before its time for the sake of spreading, in
/// milliseconds.
const SPREAD_AT_MOST_MS: i64 = 300_000;

/// What a round did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RenewalRound {
    /// Connections renewed.
    pub renewed: usize,
    /// Connections whose renewal failed; each says why itself.
    pub failed: usize,
}

impl Engine {
    /// Renews what is due. Call at start and then every half minute or so; [`Engine::keep_renewing`]
    /// does.
    pub async fn renew_due(&self) -> Result<RenewalRound, Failure> {
        let mut due = self.places_left_behind().await?;
        for org in self.orgs().await? {
            for connection in self.connections(&org.id).await? {
                if self.is_due(&connection).await && !due.iter().any(|place| place.key == connection.key()) {
                    due.push(Place::active(connection.key()));
                }
            }
        }
        let mut round = RenewalRound::default();
        let mut under_way = JoinSet::new();
        let mut count = |ended: Result<Result<(), Failure>, tokio::task::JoinError>| match ended {
            Ok(Ok(())) => round.renewed += 1,
            Ok(Err(failure)) => {
                tracing::debug!(%failure, "a connection was not renewed ahead of time");
                round.failed += 1;
            }
            Err(_) => round.failed += 1,
        };
        for place in due {
            if under_way.len() >= AT_ONCE
                && let Some(ended) = under_way.join_next().await
            {
                count(ended);
            }
            let engine = self.clone();
            under_way.spawn(async move { engine.renew_at(&place, false).await });
        }
        while let Some(ended) = under_way.join_next().await {
            count(ended);
        }
        Ok(round)
    }

    /// Rounds without end, `pause` apart, until `stop` completes. A round that fails, or breaks off,
    /// is told in the log and followed by the next.
    pub async fn keep_renewing(&self, pause: Duration, stop: impl Future<Output = ()>) {
        tokio::pin!(stop);
        loop {
            let engine = self.clone();
            let round = tokio::spawn(async move { engine.renew_due().await });
            tokio::select! {
                // What it has begun goes on in tasks of its own.
                () = &mut stop => return,
                ended = round => match ended {
                    Ok(Ok(round)) if round != RenewalRound::default() => {
                        tracing::info!(renewed = round.renewed, failed = round.failed, "renewed ahead of time");
                    }
                    Ok(Ok(_)) => {}
                    Ok(Err(failure)) => tracing::warn!(%failure, "a round of renewals failed"),
                    Err(error) => tracing::error!(%error, "a round of renewals broke off"),
                },
            }
            tokio::select! {
                () = &mut stop => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Renews a connection because a person asks for it: pauses do not count, and a connection that
    /// was given up is taken up again.
    ///
    /// # Errors
    /// What stands in the way, and who can mend it.
    pub async fn renew_now(&self, key: &ConnectionKey) -> Result<Connection, Failure> {
        self.org(&key.org).await?;
        let place = Place::active(key.clone());
        let unknown = || {
            Failure::new(Reason::NotAuthorized, format!("`{key}` is not authorized for `{}`", key.org))
                .help(format!("authorize it first: sluis authorize {}", key.connector))
        };
        let connection = self.connection(key, &Slot::Active).await?.ok_or_else(unknown)?;
        if connection.state == ConnectionState::Revoking {
            return Err(Failure::new(Reason::Conflict, format!("`{key}` is being revoked")));
        }
        if !connection.refreshable {
            let text = format!("`{key}` holds nothing that could be renewed");
            return Err(Failure::new(Reason::InvalidInput, text)
                .help(format!("authorize it again when it has ended: sluis authorize {}", key.connector)));
        }
        self.renew_at(&place, true).await?;
        self.connection(key, &Slot::Active).await?.ok_or_else(unknown)
    }

    async fn is_due(&self, connection: &Connection) -> bool {
        let pauses = health::pausing(self.now(), connection).is_some();
        if !connection.is_active() || !connection.refreshable || pauses {
            return false;
        }
        // What cannot be opened is told to whoever uses it.
        let Ok(stored) = self.credential(connection, &Slot::Active).await else { return false };
        let Some(tokens) = stored.credential.tokens else { return false };
        let used = self.last_use().since(tokens.issued_at, &connection.id);
        is_due_at(self.now(), &connection.id, &tokens, used, self.renewal_rules().idle_s)
    }

    /// Connections with a renewal that nobody is at any more.
    async fn places_left_behind(&self) -> Result<Vec<Place>, Failure> {
        let mut left = Vec::new();
        for place in self.places_of_intents().await? {
            if let Found::Intent(_, intent) = self.intent_at(&place).await?
                && intent.phase != super::intent::Phase::Resting
            {
                left.push(place);
            }
        }
        Ok(left)
    }
}

/// Whether tokens are due ahead of time: used ones a little before a call would have to wait for
/// them, idle ones at half the life of their refresh token.
fn is_due_at(now: Timestamp, id: &ConnectionId, tokens: &TokenSet, used: bool, idle_s: i64) -> bool {
    let spread = spread_of(id);
    if used && let Some(due) = renewal_due_at(tokens) {
        let lifetime = due.0.saturating_sub(tokens.issued_at.0).max(0);
        return now.0 >= due.0.saturating_sub(part((lifetime / 10).min(SPREAD_AT_MOST_MS), spread));
    }
    if tokens.refresh_token.is_none() {
        return false;
    }
    let rest = match tokens.refresh_expires_at {
        Some(end) => end.0.saturating_sub(tokens.issued_at.0).max(0) / 2,
        None => idle_s.saturating_mul(1000),
    };
    now.0 >= tokens.issued_at.0.saturating_add(rest).saturating_sub(part(rest / 10, spread))
}

fn part(whole: i64, spread: u16) -> i64 {
    i64::try_from(i128::from(whole) * i128::from(spread) / i128::from(u16::MAX)).unwrap_or_default()
}

/// Where in its span a connection is renewed: always the same place, and another one for each.
fn spread_of(id: &ConnectionId) -> u16 {
    let digest = Sha256::digest(id.as_str());
    u16::from_be_bytes([digest[0], digest[1]])
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3600;

    fn id(n: usize) -> ConnectionId {
        format!("con_{n:026}").parse().unwrap()
    }

    fn tokens(lifetime_s: Option<i64>, refresh_s: Option<i64>) -> TokenSet {
        TokenSet {
            refresh_token: Some("r".into()),
            expires_at: lifetime_s.map(|s| Timestamp(0).plus_seconds(s)),
            refresh_expires_at: refresh_s.map(|s| Timestamp(0).plus_seconds(s)),
            ..TokenSet::of("a", Timestamp(0))
        }
    }

    fn due_s(id: &ConnectionId, tokens: &TokenSet, used: bool, up_to: i64) -> Option<i64> {
        let due = |s: &i64| is_due_at(Timestamp(0).plus_seconds(*s), id, tokens, used, 7 * 24 * HOUR);
        (0..up_to).step_by(10).find(due)
    }

    #[test]
    fn connections_that_end_together_are_renewed_one_after_another() {
        let tokens = tokens(Some(HOUR), None);
        let mut moments: Vec<i64> = (0..1000).filter_map(|n| due_s(&id(n), &tokens, true, HOUR)).collect();
        moments.sort_unstable();
        assert_eq!(moments.len(), 1000);
        let (first, last) = (moments[0], moments[999]);
        assert!(first >= HOUR - 60 - 310 && last <= HOUR - 50, "{first} to {last}");
        assert!(last - first > 280, "they spread over nearly five minutes: {}", last - first);
        let busiest = (first..=last).step_by(10).map(|t| moments.iter().filter(|m| **m == t).count()).max();
        assert!(busiest < Some(80), "{busiest:?} within ten seconds");
    }

    #[test]
    fn what_nobody_uses_is_left_alone_until_its_refresh_token_needs_it() {
        let known = tokens(Some(HOUR), Some(20 * HOUR));
        let at = due_s(&id(1), &known, false, 30 * HOUR).unwrap();
        assert!((9 * HOUR..=10 * HOUR).contains(&at), "{at}");
        let unknown = tokens(Some(HOUR), None);
        let at = due_s(&id(1), &unknown, false, 8 * 24 * HOUR).unwrap();
        assert!((151 * HOUR..=168 * HOUR).contains(&at), "{at}");
    }

    #[test]
    fn tokens_without_end_or_refresh_token_are_not_renewed_ahead() {
        assert_eq!(due_s(&id(1), &tokens(None, None), true, 24 * HOUR), None);
        let bare = TokenSet { refresh_token: None, ..tokens(Some(HOUR), None) };
        assert_eq!(due_s(&id(1), &bare, false, 30 * 24 * HOUR), None);
    }

    #[test]
    fn no_clock_makes_it_panic() {
        let tokens = tokens(Some(HOUR), Some(HOUR));
        for now in [i64::MIN, -1, 0, i64::MAX] {
            is_due_at(Timestamp(now), &id(1), &tokens, true, i64::MAX);
            is_due_at(Timestamp(now), &id(1), &tokens, false, i64::MAX);
        }
    }
}

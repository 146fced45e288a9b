//! Sessions: a browser that is signed in. The cookie holds 256 random bits, the store their hash.

use super::account::Account;
use super::sign_in::Failed;
use crate::builder::Engine;
use crate::{errors, keys};
use serde::{Deserialize, Serialize};
use sluis_model::error::{Failure, Reason};
use sluis_model::id::UserId;
use sluis_model::secret::SecretText;
use sluis_model::time::Timestamp;
use sluis_store::{Change, Expect, Store, StoreError, Table, get_json, list_json, put_json, system_org};
use sluis_vault::hash_token;
use std::time::Duration;

/// Longest time of a session, in seconds.
pub const LONGEST_S: i64 = 14 * 24 * 3_600;
/// Longest pause between two requests, in seconds.
pub const IDLE_S: i64 = 12 * 3_600;
/// The last use is written down once in so many seconds.
const NOTED_EVERY_S: i64 = 300;

/// A session as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Who is signed in.
    pub user: UserId,
    /// Since when.
    pub created_at: Timestamp,
    /// When it was last used, to five minutes.
    pub last_used_at: Timestamp,
}

impl Session {
    /// When it ends if nothing more is asked with it.
    pub fn expires_at(&self) -> Timestamp {
        self.created_at.plus_seconds(LONGEST_S).min(self.last_used_at.plus_seconds(IDLE_S))
    }
}

fn signed_out() -> Failure {
    Failure::new(Reason::Unauthenticated, "nobody is signed in here, or not any more").help("sign in again")
}

impl Engine {
    pub(super) async fn begin_session(&self, account: &Account) -> Result<(SecretText, Session), Failure> {
        let now = self.now();
        let session = Session { user: account.user.clone(), created_at: now, last_used_at: now };
        let text = sluis_auth::pending::random_token(self.randomness());
        let row = keys::session(&hash_token(text.expose()));
        let change = put_json(row, &session, Expect::Absent).map_err(errors::store)?;
        self.store().await?.apply(vec![change]).await.map_err(errors::store)?;
        Ok((text, session))
    }

    /// Who is signed in with a cookie's text, if it counts now.
    pub async fn session(&self, text: &SecretText) -> Result<(Session, Account), Failure> {
        let key = keys::session(&hash_token(text.expose()));
        let store = self.store().await?;
        let found = get_json::<Session>(store, &key).await.map_err(errors::store)?;
        let (version, session) = found.ok_or_else(signed_out)?;
        let now = self.now();
        let account = self.account_row(&session.user).await?.map(|(_, account)| account);
        let counts = |account: &Account| {
            account.ended_at.is_none()
                && session.created_at >= account.sessions_since
                && now < session.expires_at()
        };
        let account = account.filter(counts).ok_or_else(signed_out)?;
        if now.seconds_since(session.last_used_at) < NOTED_EVERY_S {
            return Ok((session, account));
        }
        let used = Session { last_used_at: now, ..session };
        let noted = put_json(key, &used, Expect::Version(version)).map_err(errors::store)?;
        match store.apply(vec![noted]).await {
            // Somebody else noted it, or signed out: the next request sees that.
            Ok(_) | Err(StoreError::Conflict { .. }) => Ok((used, account)),
            Err(error) => Err(errors::store(error)),
        }
    }

    /// Ends a session; one that has ended stays so.
    pub async fn sign_out(&self, text: &SecretText) -> Result<(), Failure> {
        let ended = Change::Delete { key: keys::session(&hash_token(text.expose())), expect: Expect::Any };
        self.store().await?.apply(vec![ended]).await.map_err(errors::store)?;
        Ok(())
    }

    /// Forgets what is over, again and again; ends only when it is dropped, which it may be at any moment.
    pub async fn keep_forgetting(&self, every: Duration) {
        let mut round = tokio::time::interval(every);
        round.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            round.tick().await;
            match self.forget_ended_sessions().await {
                Ok(0) => {}
                Ok(count) => tracing::debug!(count, "sessions and invitations that are over were removed"),
                Err(error) => tracing::error!(%error, "sessions that are over could not be removed"),
            }
            match self.forget_old_runs().await {
                Ok(0) => {}
                Ok(count) => tracing::info!(count, "runs that are not kept any longer were removed"),
                Err(error) => {
                    tracing::error!(%error, "runs that are not kept any longer could not be removed")
                }
            }
            if let Err(failure) = self.plan_schedules().await {
                tracing::error!(%failure, "what schedules do next could not be planned anew");
            }
        }
    }

    /// Removes sessions, invitations, failures and kept answers whose time is over; answers how many.
    pub async fn forget_ended_sessions(&self) -> Result<usize, Failure> {
        let now = self.now();
        let store = self.store().await?;
        let sessions =
            forget::<Session>(store, Table::Sessions, |session| now >= session.expires_at()).await?;
        let over = |invitation: &super::Invitation| now >= invitation.expires_at;
        let invitations = forget::<super::Invitation>(store, Table::Invitations, over).await?;
        let failed = forget::<Failed>(store, Table::FailedSignIns, |failed| failed.is_forgotten(now)).await?;
        Ok(sessions + invitations + failed + self.remove_ended(store).await?)
    }
}

/// Deletes the rows of a table that are over, page by page.
async fn forget<T: serde::de::DeserializeOwned>(
    store: &dyn Store,
    table: Table,
    over: impl Fn(&T) -> bool,
) -> Result<usize, Failure> {
    const PAGE: usize = 200;
    let (mut after, mut count) = (None::<String>, 0);
    loop {
        let page = list_json::<T>(store, table, &system_org(), "", after.as_deref(), PAGE).await;
        let page = page.map_err(errors::store)?;
        let last = page.len() < PAGE;
        after = page.last().map(|(id, _, _)| id.clone());
        for (id, version, _) in page.into_iter().filter(|(_, _, row)| over(row)) {
            let key = sluis_store::Key::system(table, id);
            match store.apply(vec![Change::Delete { key, expect: Expect::Version(version) }]).await {
                Ok(_) => count += 1,
                // It was used at this moment.
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(errors::store(error)),
            }
        }
        if last {
            return Ok(count);
        }
    }
}

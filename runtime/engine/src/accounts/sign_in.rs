//! Signing in with a password. Guessing is slowed down by address, whether or not somebody has it, so
//! that neither answers nor waiting tell who has an account.

use super::account::{Account, address, no_account};
use super::sessions::Session;
use crate::builder::Engine;
use crate::{errors, keys};
use serde::{Deserialize, Serialize};
use sluis_model::error::{Failure, Reason};
use sluis_model::id::UserId;
use sluis_model::secret::SecretText;
use sluis_model::time::Timestamp;
use sluis_store::{Change, Expect, get_json, put_json};
use sluis_vault::password;
use std::sync::LazyLock;
use tokio::sync::Semaphore;

/// Sign-ins that may fail before the next has to wait.
const FREE_FAILURES: u32 = 5;
/// The longest wait, in seconds.
const LONGEST_WAIT_S: i64 = 900;
/// After so many seconds without another one failures are forgotten.
const FORGOTTEN_AFTER_S: i64 = 24 * 3_600;

/// Each hash takes 19 MiB and a core for a while: a few at once, whoever asks.
static HASHING: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(2));

/// Sign-ins of an address that failed in a row.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Failed {
    count: u32,
    last: Timestamp,
}

impl Failed {
    /// Whether it is so long ago that it counts no more.
    pub(super) fn is_forgotten(self, now: Timestamp) -> bool {
        now.seconds_since(self.last) >= FORGOTTEN_AFTER_S
    }

    /// Seconds until the next may be tried.
    fn wait_s(self, now: Timestamp) -> i64 {
        let Some(beyond) = self.count.checked_sub(FREE_FAILURES) else { return 0 };
        // Beyond ten doublings it is the longest wait anyway; a shift by 63 would be a negative one.
        let wait = (1_i64 << beyond.min(10)).min(LONGEST_WAIT_S);
        (wait - now.seconds_since(self.last)).clamp(0, wait)
    }
}

fn wrong_password() -> Failure {
    Failure::new(Reason::Unauthenticated, "address and password do not fit together")
        .help("whoever invited you can make a link to choose a new password")
}

impl Engine {
    /// The hash of a new password, made beside the threads that serve.
    pub(super) async fn hash_password(
        &self,
        password: &SecretText,
        user: &UserId,
    ) -> Result<String, Failure> {
        let (password, user, engine) = (password.clone(), user.clone(), self.clone());
        let hash = move || password::hash(&password, user.as_str(), engine.randomness());
        on_a_free_core(hash).await?.map_err(errors::custody)
    }

    /// Whether a password is the one that was hashed.
    async fn verify_password(&self, password: &SecretText, hashed: Option<String>) -> Result<bool, Failure> {
        let password = password.clone();
        let verify = move || password::verify(&password, hashed.as_deref());
        on_a_free_core(verify).await?.map_err(errors::custody)
    }

    /// Signs somebody in: the text for their browser's cookie, and the session that it stands for.
    ///
    /// # Errors
    /// `unauthenticated` for whatever does not fit, without telling what; `rate_limited` after too many
    /// failures.
    pub async fn sign_in(
        &self,
        user: &UserId,
        password: &SecretText,
    ) -> Result<(SecretText, Session), Failure> {
        let account = self.check_password(user, password).await?;
        self.begin_session(&account).await
    }

    /// The account that address and password belong to.
    pub(super) async fn check_password(
        &self,
        given: &UserId,
        password: &SecretText,
    ) -> Result<Account, Failure> {
        let user = address(given).map_err(|_| wrong_password())?;
        let key = keys::failed_sign_ins(&user);
        let failed = get_json::<Failed>(self.store().await?, &key).await.map_err(errors::store)?;
        let now = self.now();
        let failed = failed.filter(|(_, failed)| !failed.is_forgotten(now));
        let wait = failed.map_or(0, |(_, failed)| failed.wait_s(now));
        if wait > 0 {
            let message = "there were too many sign-ins with this address that failed";
            return Err(Failure::new(Reason::RateLimited, message).help(format!("try again in {wait} s")));
        }
        // Counted before the password is looked at: those who ask at the same time meet here.
        let counted =
            Failed { count: failed.map_or(0, |(_, failed)| failed.count).saturating_add(1), last: now };
        let expect = failed.map_or(Expect::Any, |(version, _)| Expect::Version(version));
        let counting = put_json(key.clone(), &counted, expect).map_err(errors::store)?;
        self.store().await?.apply(vec![counting]).await.map_err(errors::store)?;
        let account = self.account_row(&user).await?.map(|(_, account)| account);
        let account = account.filter(|account| account.ended_at.is_none());
        let hashed = account.as_ref().and_then(|account| account.password.clone());
        let fits = self.verify_password(password, hashed).await?;
        let Some(account) = account.filter(|_| fits) else {
            tracing::warn!(failures = counted.count, "a sign-in was refused");
            return Err(wrong_password());
        };
        let forgotten = Change::Delete { key, expect: Expect::Any };
        self.store().await?.apply(vec![forgotten]).await.map_err(errors::store)?;
        Ok(account)
    }

    /// Gives somebody who is signed in another password: all their sessions end, and a new one begins.
    pub async fn change_password(
        &self,
        user: &UserId,
        present: &SecretText,
        wanted: &SecretText,
    ) -> Result<(SecretText, Session), Failure> {
        self.check_password(user, present).await?;
        let hashed = self.hash_password(wanted, user).await?;
        let (version, mut account) = self.account_row(user).await?.ok_or_else(|| no_account(user))?;
        account.password = Some(hashed);
        account.sessions_since = self.now();
        let change =
            put_json(keys::account(user), &account, Expect::Version(version)).map_err(errors::store)?;
        self.store().await?.apply(vec![change]).await.map_err(errors::store)?;
        tracing::info!(%user, "a password was changed");
        self.begin_session(&account).await
    }
}

/// Runs what keeps a core busy where it holds up nobody.
async fn on_a_free_core<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
    let internal = || Failure::new(Reason::Internal, "the server failed while it worked on this");
    let _turn = HASHING.acquire().await.map_err(|_| internal())?;
    tokio::task::spawn_blocking(work).await.map_err(|_| internal())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_doubles_after_five_failures_and_ends() {
        let wait = |count, after: i64| Failed { count, last: Timestamp(0) }.wait_s(Timestamp(after * 1000));
        assert_eq!([wait(1, 0), wait(4, 0), wait(5, 0), wait(6, 0), wait(9, 0)], [0, 0, 1, 2, 16]);
        assert_eq!([wait(6, 1), wait(6, 2), wait(6, 100)], [1, 0, 0]);
        assert_eq!([wait(40, 0), wait(68, 0), wait(200, 0), wait(u32::MAX, 899)], [900, 900, 900, 1]);
        assert_eq!(wait(9, -1_000), 16, "a clock that was set back locks nobody out");
    }
}

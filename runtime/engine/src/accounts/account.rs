//! A person who can sign in.

use crate::builder::Engine;
use crate::{errors, keys};
use serde::{Deserialize, Serialize};
use sluis_model::access::Office;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::UserId;
use sluis_model::time::Timestamp;
use sluis_store::{Change, Expect, Table, get_json, put_json, system_org};
use std::collections::BTreeSet;
use std::fmt;

/// An account as it is kept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The address by which it is found, in lower case.
    pub user: UserId,
    /// What others call them.
    pub name: String,
    /// What they are above orgs.
    #[serde(default)]
    pub offices: BTreeSet<Office>,
    /// Argon2id hash of the password. Without one nobody signs in by password; other ways to sign in
    /// stand beside it.
    #[serde(default)]
    pub(super) password: Option<String>,
    /// Sessions that began before count no more.
    pub(super) sessions_since: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its access was ended.
    #[serde(default)]
    pub ended_at: Option<Timestamp>,
}

impl fmt::Debug for Account {
    /// Without the hash.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("user", &self.user)
            .field("offices", &self.offices)
            .finish_non_exhaustive()
    }
}

/// What is to change about an account. What is left out stays as it is.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountChange {
    /// What others call them.
    #[serde(default)]
    pub name: Option<String>,
    /// All that they are above orgs.
    #[serde(default)]
    pub offices: Option<BTreeSet<Office>>,
    /// Whether they may sign in.
    #[serde(default)]
    pub active: Option<bool>,
}

/// An address as it is compared: without case.
///
/// # Errors
/// One without `@`, for an invitation has to reach somebody.
pub fn address(given: &UserId) -> Result<UserId, Failure> {
    let lower = given.as_str().to_lowercase();
    let sound = lower.split_once('@').is_some_and(|(name, domain)| !name.is_empty() && !domain.is_empty());
    match lower.parse() {
        Ok(user) if sound => Ok(user),
        _ => Err(Failure::new(Reason::InvalidInput, "a user is named by an e-mail address")
            .help("write it as ada@example.com")),
    }
}

/// A name that can be shown.
pub(super) fn checked_name(name: &str) -> Result<String, Failure> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
        return Err(Failure::new(Reason::InvalidInput, "a user's name has 1 to 100 characters on one line"));
    }
    Ok(name.to_owned())
}

pub(super) fn no_account(user: &UserId) -> Failure {
    Failure::new(Reason::NotFound, format!("there is no user `{user}`"))
}

impl Engine {
    /// An account and the version of its row.
    pub(super) async fn account_row(&self, user: &UserId) -> Result<Option<(u64, Account)>, Failure> {
        get_json(self.store().await?, &keys::account(user)).await.map_err(errors::store)
    }

    /// A person who can sign in, or could.
    pub async fn account(&self, user: &UserId) -> Result<Account, Failure> {
        let user = address(user)?;
        Ok(self.account_row(&user).await?.ok_or_else(|| no_account(&user))?.1)
    }

    /// All of them, by address.
    pub async fn accounts(&self) -> Result<Vec<Account>, Failure> {
        self.list_json(Table::Accounts, &system_org(), "").await
    }

    /// Whether nobody can sign in yet.
    pub async fn has_no_accounts(&self) -> Result<bool, Failure> {
        let first = self.store().await?.list(Table::Accounts, &system_org(), "", None, 1).await;
        Ok(first.map_err(errors::store)?.is_empty())
    }

    /// Changes an account. Its open sessions end when its offices shrink or its access ends; with its access, triggers
    /// that start functions on its behalf rest.
    pub async fn change_account(&self, user: &UserId, change: AccountChange) -> Result<Account, Failure> {
        let user = address(user)?;
        let now = self.now();
        let (version, mut account) = self.account_row(&user).await?.ok_or_else(|| no_account(&user))?;
        let before = account.clone();
        if let Some(name) = change.name {
            account.name = checked_name(&name)?;
        }
        if let Some(offices) = change.offices {
            account.offices = offices;
        }
        if let Some(active) = change.active {
            account.ended_at = if active { None } else { before.ended_at.or(Some(now)) };
        }
        if !before.offices.is_subset(&account.offices) || account.ended_at.is_some() {
            account.sessions_since = now;
        }
        let was_operator = before.offices.contains(&Office::Operator) && before.ended_at.is_none();
        let is_operator = account.offices.contains(&Office::Operator) && account.ended_at.is_none();
        let mut changes =
            vec![put_json(keys::account(&user), &account, Expect::Version(version)).map_err(errors::store)?];
        if was_operator && !is_operator {
            changes.extend(self.another_operator(&user).await?);
        }
        if before.ended_at.is_none() && account.ended_at.is_some() {
            for member in self.orgs_of(&user).await? {
                self.pause_triggers_of(&member.org, &user).await?;
            }
        }
        self.store().await?.apply(changes).await.map_err(errors::store)?;
        tracing::info!(%user, offices = ?account.offices, ended = account.ended_at.is_some(), "an account was changed");
        Ok(account)
    }

    /// The condition that somebody else can run the server, as a change that meets another one of the same
    /// kind.
    async fn another_operator(&self, user: &UserId) -> Result<Option<Change>, Failure> {
        for other in self.accounts().await? {
            if other.user != *user
                && other.ended_at.is_none()
                && other.offices.contains(&Office::Operator)
                && let Some((version, other)) = self.account_row(&other.user).await?
                && other.offices.contains(&Office::Operator)
            {
                let same = put_json(keys::account(&other.user), &other, Expect::Version(version));
                return same.map(Some).map_err(errors::store);
            }
        }
        Err(Failure::new(Reason::Conflict, format!("`{user}` is the last operator"))
            .help("make somebody else an operator first"))
    }
}

//! How people come in: an invitation to an org, to an office above orgs, or to choose a new password.
//! Its text is shown once, to whoever invites; the store holds its hash.

use super::account::{Account, address, checked_name};
use super::members::{Member, member_rows};
use crate::builder::Engine;
use crate::{errors, keys};
use serde::{Deserialize, Serialize};
use sluis_model::access::{Office, Role};
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{OrgId, UserId};
use sluis_model::secret::SecretText;
use sluis_model::time::Timestamp;
use sluis_store::{Change, Expect, get_json, put_json};
use sluis_vault::hash_token;
use std::collections::BTreeSet;

/// How long an invitation is good.
pub const GOOD_FOR_S: i64 = 7 * 24 * 3_600;
/// How long a chance to choose a new password is good.
pub const RESET_GOOD_FOR_S: i64 = 3_600;

/// What somebody is invited to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "to")]
pub enum Invited {
    /// To belong to an org.
    Join {
        /// Which.
        org: OrgId,
        /// As what.
        role: Role,
    },
    /// To hold offices above orgs; none is a plain account.
    Office {
        /// Which.
        offices: BTreeSet<Office>,
    },
    /// To choose a new password.
    Password,
}

/// An invitation as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// Who is invited.
    pub user: UserId,
    /// To what.
    #[serde(flatten)]
    pub invited: Invited,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

/// What whoever accepts an invitation gives with it.
#[derive(Debug)]
pub struct Acceptance {
    /// The invitation's text.
    pub invitation: SecretText,
    /// What others call them; only for an account that does not exist yet.
    pub name: Option<String>,
    /// The password to sign in with from now on; for an account that exists, the one that it has.
    pub password: SecretText,
}

fn belongs(user: &UserId, org: &OrgId) -> Failure {
    Failure::new(Reason::Conflict, format!("`{user}` belongs to `{org}` already"))
        .help("an admin of the org can change their role")
}

impl Engine {
    /// Invites somebody. The text is answered here and never again; whoever shows it is taken for them.
    pub async fn invite(&self, user: &UserId, invited: Invited) -> Result<(SecretText, Invitation), Failure> {
        let user = address(user)?;
        let good_for = match &invited {
            Invited::Join { org, .. } => {
                self.org(org).await?;
                if self.member_row(org, &user).await?.is_some() {
                    return Err(belongs(&user, org));
                }
                GOOD_FOR_S
            }
            Invited::Office { .. } => GOOD_FOR_S,
            Invited::Password => {
                self.account(&user).await?;
                RESET_GOOD_FOR_S
            }
        };
        let invitation = Invitation { user, invited, expires_at: self.now().plus_seconds(good_for) };
        let text = sluis_auth::pending::random_token(self.randomness());
        let row = keys::invitation(&hash_token(text.expose()));
        let change = put_json(row, &invitation, Expect::Absent).map_err(errors::store)?;
        self.store().await?.apply(vec![change]).await.map_err(errors::store)?;
        tracing::info!(user = %invitation.user, invited = ?invitation.invited, "an invitation was made");
        Ok((text, invitation))
    }

    /// An invitation that is still good.
    pub async fn invitation(&self, text: &SecretText) -> Result<Invitation, Failure> {
        Ok(self.invitation_row(text).await?.1)
    }

    async fn invitation_row(&self, text: &SecretText) -> Result<(u64, Invitation), Failure> {
        let key = keys::invitation(&hash_token(text.expose()));
        let found = get_json::<Invitation>(self.store().await?, &key).await.map_err(errors::store)?;
        found.filter(|(_, invitation)| self.now() < invitation.expires_at).ok_or_else(|| {
            Failure::new(Reason::NotFound, "this invitation is used up, has expired or never was")
                .help("ask whoever invited you for another one")
        })
    }

    /// Accepts an invitation, once: afterwards the person can sign in and is what they were invited to.
    pub async fn accept_invitation(&self, given: &Acceptance) -> Result<Account, Failure> {
        let (version, invitation) = self.invitation_row(&given.invitation).await?;
        let now = self.now();
        let user = &invitation.user;
        let (expect, mut account) = match self.account_row(user).await? {
            Some((version, account)) => (Expect::Version(version), account),
            None => (Expect::Absent, self.new_account(user, given, now)?),
        };
        if account.ended_at.is_some() {
            return Err(Failure::new(Reason::Forbidden, format!("the access of `{user}` has been ended"))
                .help("an operator can give it back"));
        }
        let chooses = account.password.is_none() || invitation.invited == Invited::Password;
        if chooses {
            account.password = Some(self.hash_password(&given.password, user).await?);
            account.sessions_since = now;
        } else {
            // With the pauses of signing in: whoever invites must not be able to guess at leisure.
            self.check_password(user, &given.password).await?;
        }
        let used = keys::invitation(&hash_token(given.invitation.expose()));
        let mut changes = vec![Change::Delete { key: used, expect: Expect::Version(version) }];
        match &invitation.invited {
            Invited::Join { org, role } => {
                self.org(org).await?;
                // Else an old invitation would undo a change of role, past the rule of the last admin.
                if self.member_row(org, user).await?.is_some() {
                    return Err(belongs(user, org));
                }
                let member = Member { user: user.clone(), org: org.clone(), role: *role, since: now };
                changes.extend(member_rows(&member, Expect::Absent)?);
            }
            Invited::Office { offices } => account.offices.extend(offices),
            Invited::Password => {
                changes.push(Change::Delete { key: keys::failed_sign_ins(user), expect: Expect::Any })
            }
        }
        changes.push(put_json(keys::account(user), &account, expect).map_err(errors::store)?);
        self.store().await?.apply(changes).await.map_err(errors::store)?;
        tracing::info!(%user, invited = ?invitation.invited, "an invitation was accepted");
        Ok(account)
    }

    fn new_account(&self, user: &UserId, given: &Acceptance, now: Timestamp) -> Result<Account, Failure> {
        let name =
            given.name.as_deref().unwrap_or_else(|| user.as_str().split('@').next().unwrap_or_default());
        Ok(Account {
            user: user.clone(),
            name: checked_name(name)?,
            offices: BTreeSet::new(),
            password: None,
            sessions_since: now,
            created_at: now,
            ended_at: None,
        })
    }
}

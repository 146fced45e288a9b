//! Who belongs to an org, and as what. A membership stands twice: under the org, which lists its
//! members, and under the system, which finds the orgs of a person; both are written in one batch.

use super::account::{address, no_account};
use crate::builder::Engine;
use crate::{errors, keys};
use serde::{Deserialize, Serialize};
use sluis_model::access::Role;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{OrgId, UserId};
use sluis_model::time::Timestamp;
use sluis_store::{Change, Expect, Table, get_json, put_json, system_org};

/// A person in an org.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Who.
    pub user: UserId,
    /// The org.
    pub org: OrgId,
    /// As what.
    pub role: Role,
    /// Since when.
    pub since: Timestamp,
}

/// Both rows of a membership.
pub(super) fn member_rows(member: &Member, expect: Expect) -> Result<[Change; 2], Failure> {
    let own = put_json(keys::member(&member.org, &member.user), member, expect).map_err(errors::store)?;
    let found = put_json(keys::membership(&member.user, &member.org), member, Expect::Any);
    Ok([own, found.map_err(errors::store)?])
}

impl Engine {
    pub(super) async fn member_row(
        &self,
        org: &OrgId,
        user: &UserId,
    ) -> Result<Option<(u64, Member)>, Failure> {
        get_json(self.store().await?, &keys::member(org, user)).await.map_err(errors::store)
    }

    /// What somebody is in an org, if they belong to it and their access has not ended.
    pub async fn role_in(&self, org: &OrgId, user: &UserId) -> Result<Option<Role>, Failure> {
        let Some((_, member)) = self.member_row(org, user).await? else { return Ok(None) };
        let account = self.account_row(user).await?;
        Ok(account.filter(|(_, account)| account.ended_at.is_none()).map(|_| member.role))
    }

    /// Everybody who belongs to an org, by address.
    pub async fn members(&self, org: &OrgId) -> Result<Vec<Member>, Failure> {
        self.org(org).await?;
        self.list_json(Table::Members, org, "").await
    }

    /// The orgs that somebody belongs to.
    pub async fn orgs_of(&self, user: &UserId) -> Result<Vec<Member>, Failure> {
        self.list_json(Table::Members, &system_org(), &keys::memberships_of(user)).await
    }

    /// Gives a member another role, from their next request on.
    pub async fn change_role(&self, org: &OrgId, user: &UserId, role: Role) -> Result<Member, Failure> {
        let user = address(user)?;
        let (version, mut member) = self.member_row(org, &user).await?.ok_or_else(|| no_account(&user))?;
        let lost = member.role == Role::Admin && role != Role::Admin;
        member.role = role;
        let mut changes = Vec::from(member_rows(&member, Expect::Version(version))?);
        if lost {
            changes.extend(self.another_admin(org, &user).await?);
        }
        self.store().await?.apply(changes).await.map_err(errors::store)?;
        tracing::info!(%org, %user, %role, "a member's role was changed");
        Ok(member)
    }

    /// Ends somebody's belonging to an org: their next request is refused, and so are API tokens that
    /// they made for it. Triggers that start functions on their behalf rest from then on.
    pub async fn remove_member(&self, org: &OrgId, user: &UserId) -> Result<Member, Failure> {
        let user = address(user)?;
        let (version, member) = self.member_row(org, &user).await?.ok_or_else(|| no_account(&user))?;
        let mut changes = vec![
            Change::Delete { key: keys::member(org, &user), expect: Expect::Version(version) },
            Change::Delete { key: keys::membership(&user, org), expect: Expect::Any },
        ];
        if member.role == Role::Admin {
            changes.extend(self.another_admin(org, &user).await?);
        }
        // Before they are gone: where this process ends between the two, an admin finds triggers that rest.
        self.pause_triggers_of(org, &user).await?;
        self.store().await?.apply(changes).await.map_err(errors::store)?;
        tracing::info!(%org, %user, "a member was removed");
        Ok(member)
    }

    /// The condition that an org keeps an admin: the row of another one, as it is. Two admins who
    /// remove each other meet there, and one of them is refused.
    async fn another_admin(&self, org: &OrgId, user: &UserId) -> Result<[Change; 1], Failure> {
        for member in self.members(org).await? {
            if member.user == *user || self.role_in(org, &member.user).await? != Some(Role::Admin) {
                continue;
            }
            if let Some((version, other)) = self.member_row(org, &member.user).await? {
                let same = put_json(keys::member(org, &other.user), &other, Expect::Version(version));
                return Ok([same.map_err(errors::store)?]);
            }
        }
        Err(Failure::new(Reason::Conflict, format!("`{user}` is the last admin of `{org}`"))
            .help("make somebody else an admin first"))
    }
}

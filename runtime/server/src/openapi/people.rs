//! Shapes of people and their invitations as the document describes them; see [`super::shapes`].
#![expect(dead_code, reason = "these types are read by the macro that makes the document and never built")]

use super::ids::{Office, OrgId, Role};
use utoipa::ToSchema;

/// What somebody is invited to.
#[derive(ToSchema)]
#[serde(tag = "to", rename_all = "snake_case")]
pub enum Invited {
    /// To belong to an organisation.
    Join {
        /// Which.
        org: OrgId,
        /// As what.
        role: Role,
    },
    /// To hold offices above organisations; none is a plain account.
    Office {
        /// Which.
        offices: Vec<Office>,
    },
    /// To choose a new password.
    Password,
}

/// What is to change about a person. What is left out stays as it is.
#[derive(ToSchema)]
pub struct AccountChange {
    /// What others call them.
    name: Option<String>,
    /// All that they are above organisations.
    offices: Option<Vec<Office>>,
    /// Whether they may sign in.
    active: Option<bool>,
}

//! Several ways to authenticate of which none has been chosen yet.

use crate::error::AuthError;
use crate::http_value::HttpRequest;
use crate::scheme::{Connects, Context, Scheme};
use sluis_model::credential::Credential;

/// What a choice is before it is made: a scheme that can do nothing.
pub(super) struct Undecided;

impl Scheme for Undecided {
    fn name(&self) -> &'static str {
        "choice"
    }

    fn connects(&self) -> Connects {
        Connects::ByFields
    }

    fn apply(&self, _: Context<'_>, _: &Credential, _: &mut HttpRequest) -> Result<(), AuthError> {
        Err(AuthError::NoSuchStep { scheme: self.name(), step: "apply" })
    }

    fn sketch(&self, _: Context<'_>, _: &mut HttpRequest) -> Result<(), AuthError> {
        Ok(())
    }
}

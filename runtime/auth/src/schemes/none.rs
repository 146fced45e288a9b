//! No credential at all.

use crate::error::AuthError;
use crate::http_value::HttpRequest;
use crate::scheme::{Connects, Context, Scheme};
use sluis_model::credential::Credential;

/// The scheme of connectors that anyone may call.
pub(super) struct NoCredential;

impl Scheme for NoCredential {
    fn name(&self) -> &'static str {
        "none"
    }

    fn connects(&self) -> Connects {
        Connects::Freely
    }

    fn apply(&self, _: Context<'_>, _: &Credential, _: &mut HttpRequest) -> Result<(), AuthError> {
        Ok(())
    }
}

//! No credential at all.

use crate::error::AuthError;
use crate::scheme::Scheme;
use http::header::HeaderName;
use sluis_model::credential::TokenSet;
use sluis_model::secret::SecretText;

/// The scheme of connectors that anyone may call.
pub(super) struct NoCredential;

impl Scheme for NoCredential {
    fn name(&self) -> &'static str {
        "none"
    }

    fn apply(&self, _tokens: &TokenSet) -> Result<Option<(HeaderName, SecretText)>, AuthError> {
        Ok(None)
    }
}

//! What an authorization that has begun must remember: state and PKCE verifier.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use sluis_model::ports::Randomness;
use sluis_model::secret::SecretText;
use std::fmt;
use url::Url;

/// An authorization that has begun.
pub struct Begun {
    /// Where the person's browser goes. It carries the state, so treat it as known to that person
    /// only.
    pub authorize_url: Url,
    /// The `state` parameter, 256 bits; store its [`state_digest`] only.
    pub state: SecretText,
    /// What the exchange will need again: the PKCE verifier (RFC 7636 §4.1), a request token's secret
    /// (RFC 5849 §2.1); store it sealed.
    pub kept: SecretText,
}

impl fmt::Debug for Begun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Begun")
            .field("host", &self.authorize_url.host_str())
            .field("state", &self.state)
            .field("kept", &self.kept)
            .finish()
    }
}

/// 256 random bits in base64url, 43 characters: fit for `state` and for a PKCE verifier.
pub fn random_token(randomness: &dyn Randomness) -> SecretText {
    let mut bytes = [0u8; 32];
    randomness.fill(&mut bytes);
    SecretText::new(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

/// SHA-256 of a `state` in base64url: what is stored and looked up, so that a reader of the store
/// cannot finish someone's authorization.
pub fn state_digest(state: &SecretText) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(state.expose().as_bytes()))
}

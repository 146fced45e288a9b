//! What a device authorization (RFC 8628) begins with and comes to.

use crate::conversation::Obtained;
use sluis_model::secret::SecretText;
use url::Url;

/// A device authorization that has begun (RFC 8628 §3.2).
#[derive(Debug, Clone)]
pub struct DeviceBegun {
    /// What is asked with; store it sealed.
    pub device_code: SecretText,
    /// What the person enters.
    pub user_code: String,
    /// Where the person enters it.
    pub verification_uri: Url,
    /// The same with the code in it, if the provider offers that.
    pub verification_uri_complete: Option<Url>,
    /// How long the codes are good, in seconds.
    pub expires_in_s: i64,
    /// Least pause between two questions, in seconds.
    pub interval_s: i64,
}

/// How a device authorization stands (RFC 8628 §3.5). A refusal and an expired code are errors.
#[derive(Debug)]
pub enum Polled {
    /// Nobody has decided yet.
    Pending,
    /// Nobody has decided yet, and we ask too often: 5 seconds more between questions from now on.
    SlowDown,
    /// The person has agreed.
    Obtained(Box<Obtained>),
}

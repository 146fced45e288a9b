//! What the one who starts the provider chooses.

use crate::secret;
use std::fmt;
use std::time::Duration;

/// The scope that allows reading contacts.
pub const READ: &str = "contacts.read";
/// The scope that allows creating and deleting contacts.
pub const WRITE: &str = "contacts.write";

/// Every scope with the words the consent page uses for it, in the order they are shown.
pub const SCOPES: &[(&str, &str)] = &[
    (READ, "See the contacts in your address book"),
    (WRITE, "Add contacts to your address book and delete them"),
];

/// What becomes of a refresh token that was used once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// Nothing: it stays good, and every answer tells it again.
    Never,
    /// A second use ends the whole grant (RFC 9700 §4.14.2), however soon it comes.
    Strict,
    /// For this many seconds after its use the old token is taken once more and again, and answered
    /// with the same successor, as long as that has not been used itself. Later it ends the grant.
    Leeway {
        /// How long the old token is taken, in seconds.
        seconds: u64,
    },
}

impl Rotation {
    /// How long a used token is still taken, where there are successors at all.
    pub(crate) fn leeway(self) -> Duration {
        match self {
            Self::Never | Self::Strict => Duration::ZERO,
            Self::Leeway { seconds } => Duration::from_secs(seconds),
        }
    }
}

/// The choices of a provider. [`Settings::default`] fits a demo; a test shortens the lifetimes.
#[derive(Clone)]
pub struct Settings {
    /// How long an access token lives, in seconds.
    pub access_token_lifetime_s: u64,
    /// How long a refresh token may lie unused, in seconds.
    pub refresh_token_lifetime_s: u64,
    /// What a second use of a refresh token does.
    pub rotation: Rotation,
    /// How long an authorization code lives, in seconds. RFC 6749 §4.1.2 wants ten minutes at most.
    pub code_lifetime_s: u64,
    /// Whether a person is asked. When false the provider consents by itself and sends the
    /// browser straight back, which is what an unattended demo needs.
    pub ask_person: bool,
    /// Identifier of the one registered client.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// The name that the consent page gives it.
    pub client_name: String,
    /// Its redirect URIs. They are compared character by character (RFC 9700 §2.1).
    pub redirect_uris: Vec<String>,
    /// Name of the person who has an account here.
    pub person: String,
    /// E-mail address of that person.
    pub email: String,
}

impl Settings {
    /// The default choices with the given redirect URIs.
    pub fn with_redirect_uris<I, S>(uris: I) -> Self
    where
        I: IntoIterator<Item = S>,
        S: Into<String>,
    {
        Self { redirect_uris: uris.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    pub(crate) fn access_token_lifetime(&self) -> Duration {
        Duration::from_secs(self.access_token_lifetime_s)
    }

    pub(crate) fn refresh_token_lifetime(&self) -> Duration {
        Duration::from_secs(self.refresh_token_lifetime_s)
    }

    pub(crate) fn code_lifetime(&self) -> Duration {
        Duration::from_secs(self.code_lifetime_s)
    }
}

impl Default for Settings {
    /// An hour for access tokens, thirty days for refresh tokens, one minute for codes; strict rotation; a
    /// person is asked; the secret is new in every process. No redirect URI is registered yet.
    fn default() -> Self {
        Self {
            access_token_lifetime_s: 3600,
            refresh_token_lifetime_s: 30 * 24 * 3600,
            rotation: Rotation::Strict,
            code_lifetime_s: 60,
            ask_person: true,
            client_id: "sluis-demo".to_owned(),
            client_secret: secret::random(),
            client_name: "Sluis".to_owned(),
            redirect_uris: Vec::new(),
            person: "Sam Sample".to_owned(),
            email: "sam@sample.example".to_owned(),
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("access_token_lifetime_s", &self.access_token_lifetime_s)
            .field("refresh_token_lifetime_s", &self.refresh_token_lifetime_s)
            .field("rotation", &self.rotation)
            .field("code_lifetime_s", &self.code_lifetime_s)
            .field("ask_person", &self.ask_person)
            .field("client_id", &self.client_id)
            .field("client_secret", &"***")
            .field("client_name", &self.client_name)
            .field("redirect_uris", &self.redirect_uris)
            .field("person", &self.person)
            .field("email", &self.email)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_does_not_show_in_debug() {
        let settings = Settings::default();
        assert!(!format!("{settings:?}").contains(&settings.client_secret));
    }
}

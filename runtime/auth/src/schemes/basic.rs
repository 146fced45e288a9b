//! User name and password on every request (RFC 7617).

use crate::error::AuthError;
use crate::field::{Field, FieldKind, entered};
use crate::http_value::HttpRequest;
use crate::scheme::{Connects, Context, Scheme};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::header::AUTHORIZATION;
use sluis_model::connector::Basic;
use sluis_model::credential::Credential;
use sluis_model::secret::SecretText;

/// Field of the user name.
pub(super) const USER: &str = "user";
/// Field of the password.
pub(super) const PASSWORD: &str = "password";

/// The scheme, bound to its parameters.
pub(super) struct UserAndPassword<'a> {
    config: &'a Basic,
}

impl<'a> UserAndPassword<'a> {
    /// Binds the scheme.
    pub(super) fn new(config: &'a Basic) -> Self {
        Self { config }
    }
}

impl Scheme for UserAndPassword<'_> {
    fn name(&self) -> &'static str {
        "basic"
    }

    fn connects(&self) -> Connects {
        Connects::ByFields
    }

    fn fields(&self) -> Vec<Field> {
        let config = self.config;
        let mut fields = Vec::new();
        if config.user.is_none() {
            // With a fixed password the name is the key.
            let kind = if config.password.is_some() { FieldKind::Secret } else { FieldKind::Text };
            fields.push(Field::new(USER, config.user_label.as_deref().unwrap_or("User name"), kind));
        }
        if config.password.is_none() {
            let label = config.password_label.as_deref().unwrap_or("Password");
            fields.push(Field::new(PASSWORD, label, FieldKind::Secret));
        }
        if let Some(last) = fields.last_mut() {
            last.help.clone_from(&config.help);
        }
        fields
    }

    fn apply(
        &self,
        _: Context<'_>,
        credential: &Credential,
        request: &mut HttpRequest,
    ) -> Result<(), AuthError> {
        let value = |fixed: &Option<String>, field| match fixed {
            Some(fixed) => Ok(SecretText::new(fixed.clone())),
            None => entered(credential, field).cloned(),
        };
        put(request, &value(&self.config.user, USER)?, &value(&self.config.password, PASSWORD)?)
    }
}

/// Puts user name and password on a request, in UTF-8.
pub(super) fn put(
    request: &mut HttpRequest,
    user: &SecretText,
    password: &SecretText,
) -> Result<(), AuthError> {
    let refuse =
        |field: &str, why: &str| Err(AuthError::BadField { field: field.to_owned(), why: why.to_owned() });
    // RFC 7617 §2: the first colon ends the name; no control characters.
    if user.expose().contains(':') {
        return refuse(USER, "it holds a colon, which ends the name");
    }
    for (field, value) in [(USER, user), (PASSWORD, password)] {
        if value.expose().chars().any(char::is_control) {
            return refuse(field, "it holds a control character");
        }
    }
    let pair = SecretText::new(format!("{}:{}", user.expose(), password.expose()));
    let value = SecretText::new(format!("Basic {}", BASE64_STANDARD.encode(pair.expose())));
    request.set_secret_header(AUTHORIZATION, &value)
}

//! Where an access token stands on a request: as a bearer token, or where the connector file says.

use super::Oauth;
use crate::bearer;
use crate::error::AuthError;
use crate::http_value::HttpRequest;
use crate::schemes::placed::{Place, place};
use sluis_model::connector::KeyPlace;
use sluis_model::credential::Credential;
use sluis_model::secret::SecretText;

/// Name of a parameter that holds the token (RFC 6750 §2.2 and §2.3).
const ACCESS_TOKEN: &str = "access_token";

impl Oauth<'_> {
    /// Puts the access token on a request. One that could break out of a header is refused.
    pub(in crate::schemes) fn apply(
        &self,
        credential: &Credential,
        request: &mut HttpRequest,
    ) -> Result<(), AuthError> {
        let Some(wanted) = &self.config.token_in else { return bearer::apply(credential, request) };
        let missing = || AuthError::MissingField { field: ACCESS_TOKEN.to_owned() };
        let token = credential.tokens.as_ref().ok_or_else(missing)?.access_token.expose();
        if wanted.place == KeyPlace::Header && !bearer::is_header_safe(token) {
            return Err(AuthError::UnusableToken);
        }
        let default = if wanted.place == KeyPlace::Header { "Authorization" } else { ACCESS_TOKEN };
        let name = wanted.name.as_deref().unwrap_or(default);
        let value = SecretText::new(format!("{}{token}", wanted.prefix));
        place(request, Place { place: wanted.place, name, field: ACCESS_TOKEN }, &value)
    }
}

//! OAuth 2.0 password grant (RFC 6749 §4.3), which OAuth 2.1 drops: for services that offer nothing better. The
//! password is kept only to ask again when the refresh token is gone.

use super::oauth2::Oauth;
use super::oauth2::by_fields::Grant;
use crate::error::AuthError;
use crate::field::{Field, FieldKind};
use crate::http_value::HttpRequest;
use crate::scheme::Context;
use sluis_model::connector::Oauth2;
use sluis_model::credential::Credential;

/// The grant.
pub(super) struct Password;

impl Grant for Password {
    const NAME: &'static str = "oauth2_password";

    fn fields(_: &Oauth2) -> Vec<Field> {
        vec![
            Field::new("username", "User name", FieldKind::Text),
            Field::new("password", "Password", FieldKind::Secret),
        ]
    }

    fn request(
        oauth: &Oauth<'_>,
        cx: Context<'_>,
        credential: &Credential,
    ) -> Result<HttpRequest, AuthError> {
        oauth.password(cx, credential)
    }
}

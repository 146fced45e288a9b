//! OAuth 2.0 token exchange (RFC 8693): a token of one place is turned into one of another.

use super::oauth2::Oauth;
use super::oauth2::by_fields::Grant;
use crate::error::AuthError;
use crate::field::{Field, FieldKind};
use crate::http_value::HttpRequest;
use crate::scheme::Context;
use sluis_model::connector::Oauth2;
use sluis_model::credential::Credential;

/// The grant.
pub(super) struct TokenExchange;

impl Grant for TokenExchange {
    const NAME: &'static str = "oauth2_token_exchange";

    fn fields(_: &Oauth2) -> Vec<Field> {
        vec![Field::new("subject_token", "Token to exchange", FieldKind::Secret)]
    }

    fn request(
        oauth: &Oauth<'_>,
        cx: Context<'_>,
        credential: &Credential,
    ) -> Result<HttpRequest, AuthError> {
        oauth.token_exchange(cx, credential)
    }
}

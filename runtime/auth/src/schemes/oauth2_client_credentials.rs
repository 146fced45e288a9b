//! OAuth 2.0 client credentials grant (RFC 6749 §4.4): the client acts for itself. Where the connector names no
//! client, each org enters its own.

use super::oauth2::by_fields::Grant;
use super::oauth2::{CLIENT_ID, CLIENT_SECRET, Oauth};
use crate::error::AuthError;
use crate::field::{Field, FieldKind};
use crate::http_value::HttpRequest;
use crate::scheme::Context;
use sluis_model::connector::Oauth2;
use sluis_model::credential::Credential;

/// The grant.
pub(super) struct ClientCredentials;

impl Grant for ClientCredentials {
    const NAME: &'static str = "oauth2_client_credentials";

    fn fields(config: &Oauth2) -> Vec<Field> {
        if config.client.is_some() {
            return Vec::new();
        }
        vec![
            Field::new(CLIENT_ID, "Client id", FieldKind::Text),
            Field::new(CLIENT_SECRET, "Client secret", FieldKind::Secret),
        ]
    }

    fn request(
        oauth: &Oauth<'_>,
        cx: Context<'_>,
        credential: &Credential,
    ) -> Result<HttpRequest, AuthError> {
        oauth.client_credentials(cx, credential)
    }
}

//! OAuth 2.0 grant of a service account, which signs an assertion with a key of its own (RFC 7523), RS256.

use super::oauth2::Oauth;
use super::oauth2::by_fields::Grant;
use crate::error::AuthError;
use crate::field::{Field, FieldKind};
use crate::http_value::HttpRequest;
use crate::scheme::Context;
use sluis_model::connector::Oauth2;
use sluis_model::credential::Credential;

/// The grant.
pub(super) struct JwtBearer;

impl Grant for JwtBearer {
    const NAME: &'static str = "oauth2_jwt_bearer";

    fn fields(_: &Oauth2) -> Vec<Field> {
        vec![
            Field::new("private_key", "Private key", FieldKind::Document)
                .help("the RSA key in PEM, or the JSON key file as the provider hands it out"),
            Field::new("service_account", "Service account", FieldKind::Text)
                .help("its name at the provider; leave it empty if the JSON key file holds it")
                .optional(),
            Field::new("subject", "Acts for", FieldKind::Text)
                .help("the user whose data is used; leave it empty if the service account acts for itself")
                .optional(),
        ]
    }

    fn request(
        oauth: &Oauth<'_>,
        cx: Context<'_>,
        credential: &Credential,
    ) -> Result<HttpRequest, AuthError> {
        oauth.jwt_bearer(cx, credential)
    }
}

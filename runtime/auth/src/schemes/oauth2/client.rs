//! How the client proves who it is: one way at a time, never two at once (RFC 6749 §2.3).

use super::assertion::{self, Claims};
use super::parameters::Parameters;
use super::{Oauth, Step};
use crate::error::AuthError;
use crate::http_value::HttpRequest;
use crate::scheme::Context;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::header::AUTHORIZATION;
use sluis_model::connector::ClientAuth;
use sluis_model::credential::ClientCredentials;
use sluis_model::secret::SecretText;
use url::Url;

/// What an assertion is for (RFC 7523 §2.2).
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

impl Oauth<'_> {
    /// Puts into the parameters what goes there of the client's proof; what goes into a header is
    /// answered.
    pub(super) fn prove(
        &self,
        cx: Context<'_>,
        step: Step,
        client: &ClientCredentials,
        token_url: &Url,
        parameters: &mut Parameters,
    ) -> Result<Option<SecretText>, AuthError> {
        let way = self.client_auth(step);
        let secret = client.secret.as_ref();
        match (way, secret) {
            (ClientAuth::Basic, Some(secret)) => {
                return Ok(Some(basic(&encoded(&client.id), &SecretText::new(encoded(secret.expose())))));
            }
            (ClientAuth::BasicUnencoded, Some(_)) if client.id.contains(':') => {
                let why = "its id holds a colon, which would end it".to_owned();
                return Err(AuthError::UnusableClient { why });
            }
            (ClientAuth::BasicUnencoded, Some(secret)) => return Ok(Some(basic(&client.id, secret))),
            (ClientAuth::Body, Some(secret)) => {
                parameters.set("client_id", client.id.as_str());
                parameters.set("client_secret", secret.clone());
            }
            // A client without a secret is a public one and says who it is only.
            (ClientAuth::None | ClientAuth::Basic | ClientAuth::BasicUnencoded | ClientAuth::Body, _) => {
                parameters.set("client_id", client.id.as_str());
            }
            (ClientAuth::PrivateKeyJwt | ClientAuth::ClientSecretJwt, _) => {
                let audience = self.config.issuer.as_deref().unwrap_or(token_url.as_str());
                let claims = Claims::of_client(cx, &client.id, audience);
                let assertion = match way {
                    ClientAuth::PrivateKeyJwt => assertion::by_client_key(client, &claims)?,
                    _ => assertion::by_client_secret(client, &claims)?,
                };
                parameters.set("client_id", client.id.as_str());
                parameters.set("client_assertion_type", JWT_BEARER);
                parameters.set("client_assertion", assertion);
            }
        }
        Ok(None)
    }
}

/// Form encoding, which RFC 6749 §2.3.1 wants before that of HTTP Basic.
fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// The header of HTTP Basic.
fn basic(id: &str, secret: &SecretText) -> SecretText {
    let pair = SecretText::new(format!("{id}:{}", secret.expose()));
    SecretText::new(format!("Basic {}", BASE64_STANDARD.encode(pair.expose())))
}

/// Puts the proof on a request, if it goes into a header.
pub(super) fn put(request: &mut HttpRequest, proof: Option<&SecretText>) -> Result<(), AuthError> {
    match proof {
        Some(proof) => request.set_secret_header(AUTHORIZATION, proof),
        None => Ok(()),
    }
}

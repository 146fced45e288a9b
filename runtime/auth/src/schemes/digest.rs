//! User name and password of which only digests are sent (RFC 7616). The server's challenge is
//! remembered, so that only the first call needs two rounds.

use super::basic::{PASSWORD, USER};
use crate::error::AuthError;
use crate::field::{Field, FieldKind, entered};
use crate::http_value::{Answer, HttpRequest};
use crate::pending::random_token;
use crate::scheme::{Connects, Context, Scheme};
use digest_auth::{AuthContext, HttpMethod, Qop, WwwAuthenticateHeader};
use http::StatusCode;
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use sluis_model::connector::Digest;
use sluis_model::credential::Credential;
use sluis_model::secret::SecretText;

/// The scheme, bound to its parameters.
pub(super) struct DigestAccess<'a> {
    config: &'a Digest,
}

impl<'a> DigestAccess<'a> {
    /// Binds the scheme.
    pub(super) fn new(config: &'a Digest) -> Self {
        Self { config }
    }
}

impl Scheme for DigestAccess<'_> {
    fn name(&self) -> &'static str {
        "digest"
    }

    fn connects(&self) -> Connects {
        Connects::ByFields
    }

    fn fields(&self) -> Vec<Field> {
        let user = self.config.user_label.as_deref().unwrap_or("User name");
        let password = self.config.password_label.as_deref().unwrap_or("Password");
        vec![Field::new(USER, user, FieldKind::Text), Field::new(PASSWORD, password, FieldKind::Secret)]
    }

    fn apply(
        &self,
        cx: Context<'_>,
        credential: &Credential,
        request: &mut HttpRequest,
    ) -> Result<(), AuthError> {
        let key = key(credential, request)?;
        match cx.challenges.with(&key, |challenge| respond(cx, credential, challenge, request)) {
            Some(header) => request.set_secret_header(AUTHORIZATION, &header?),
            // Nothing is known of the server yet; it will ask.
            None => Ok(()),
        }
    }

    fn answer_challenge(
        &self,
        cx: Context<'_>,
        credential: &Credential,
        answer: &Answer,
        request: &mut HttpRequest,
    ) -> Result<bool, AuthError> {
        if answer.status != StatusCode::UNAUTHORIZED {
            return Ok(false);
        }
        let Some(mut challenge) = strongest(answer) else { return Ok(false) };
        let header = respond(cx, credential, &mut challenge, request)?;
        request.set_secret_header(AUTHORIZATION, &header)?;
        cx.challenges.remember(key(credential, request)?, challenge);
        Ok(true)
    }
}

/// Server and user: a nonce is the server's, and some count its uses for each user.
fn key(credential: &Credential, request: &HttpRequest) -> Result<String, AuthError> {
    let user = entered(credential, USER)?;
    Ok(format!("{} {}", request.url.origin().ascii_serialization(), user.expose().as_str()))
}

fn respond(
    cx: Context<'_>,
    credential: &Credential,
    challenge: &mut WwwAuthenticateHeader,
    request: &HttpRequest,
) -> Result<SecretText, AuthError> {
    let target = match request.url.query() {
        Some(query) => format!("{}?{query}", request.url.path()),
        None => request.url.path().to_owned(),
    };
    let mut context = AuthContext::new_with_method(
        entered(credential, USER)?.expose().as_str(),
        entered(credential, PASSWORD)?.expose().as_str(),
        target,
        Some(&request.body[..]),
        HttpMethod::from(request.method.as_str().to_owned()),
    );
    context.set_custom_cnonce(random_token(cx.randomness).expose().clone());
    let refuse = |_| AuthError::BadRequest {
        why: "the server's challenge asks for a kind of digest that is not known".to_owned(),
    };
    Ok(SecretText::new(challenge.respond(&context).map_err(refuse)?.to_header_string()))
}

/// The challenge with the strongest digest: servers offer several, each in a header of its own.
fn strongest(answer: &Answer) -> Option<WwwAuthenticateHeader> {
    let texts = answer.headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
    let digests = texts.filter(|text| text.get(..7).is_some_and(|name| name.eq_ignore_ascii_case("digest ")));
    let parsed = digests.filter_map(|text| WwwAuthenticateHeader::parse(text).ok());
    let mut strongest = parsed.max_by_key(|challenge| match challenge.algorithm.algo {
        digest_auth::AlgorithmType::MD5 => 0,
        digest_auth::AlgorithmType::SHA2_256 => 1,
        digest_auth::AlgorithmType::SHA2_512_256 => 2,
    })?;
    // A digest of the body is given only to servers that take nothing less: TLS guards it better, and not
    // all that offer it compute it right.
    if let Some(offered) = strongest.qop.as_mut().filter(|offered| offered.contains(&Qop::AUTH)) {
        *offered = vec![Qop::AUTH];
    }
    Some(strongest)
}

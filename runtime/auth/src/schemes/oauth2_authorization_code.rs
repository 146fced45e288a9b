//! OAuth 2.0 authorization code grant (RFC 6749 §4.1) with PKCE S256 (RFC 7636), refresh (§6) and
//! revocation (RFC 7009).
//!
//! The `oauth2` crate builds the requests; its "HTTP client" here only keeps what it is given.
//! Answers are read by [`crate::token_answer`], which forgives more than that crate does.

use crate::bearer;
use crate::callback::Returned;
use crate::conversation::{Obtained, Talk, ask_once, settled};
use crate::error::AuthError;
use crate::http_value::{HttpRequest, is_local};
use crate::pending::{Begun, random_token};
use crate::revocation::{Revocation, read_revocation_at};
use crate::scheme::{Connects, Context, Scheme};
use crate::token_answer::read_tokens_at;
use bytes::Bytes;
use http::header::AUTHORIZATION;
use oauth2::basic::BasicClient;
use oauth2::{
    AccessToken, AuthType, AuthUrl, AuthorizationCode as Code, ClientId, ClientSecret, CsrfToken,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken, RevocationUrl, Scope,
    StandardRevocableToken, TokenUrl,
};
use sluis_model::connector::{ClientAuth, ClientReference, Oauth2AuthorizationCode, RevokeUsing};
use sluis_model::credential::{ClientCredentials, Credential};
use sluis_model::secret::SecretText;
use std::cell::RefCell;
use url::Url;

/// Parameters that the flow sets, and such as would make the answer come back by another way.
const RESERVED: &[&str] = &[
    "response_type",
    "response_mode",
    "client_id",
    "client_secret",
    "redirect_uri",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
    "request",
    "request_uri",
];

/// The scheme, bound to its parameters.
pub(super) struct AuthorizationCode<'a> {
    config: &'a Oauth2AuthorizationCode,
}

impl<'a> AuthorizationCode<'a> {
    /// Binds the scheme.
    pub(super) fn new(config: &'a Oauth2AuthorizationCode) -> Self {
        Self { config }
    }

    fn client_of(&self, client: &ClientCredentials) -> BasicClient {
        let auth_type = match self.config.client_auth {
            ClientAuth::Basic => AuthType::BasicAuth,
            ClientAuth::Body => AuthType::RequestBody,
        };
        let bare = BasicClient::new(ClientId::new(client.id.clone())).set_auth_type(auth_type);
        match &client.secret {
            Some(secret) => bare.set_client_secret(ClientSecret::new(secret.expose().clone())),
            None => bare,
        }
    }

    fn authorize_endpoint(&self) -> Result<Url, AuthError> {
        let url = endpoint("authorize_url", &self.config.authorize_url)?;
        let own = self.config.authorize_params.keys().cloned();
        let in_url = url.query_pairs().map(|(name, _)| name.into_owned());
        match own.chain(in_url).find(|name| RESERVED.contains(&name.as_str())) {
            Some(name) => Err(AuthError::ReservedParameter { name }),
            None => Ok(url),
        }
    }
}

impl Scheme for AuthorizationCode<'_> {
    fn name(&self) -> &'static str {
        "oauth2_authorization_code"
    }

    fn connects(&self) -> Connects {
        Connects::ByConsent
    }

    fn client(&self) -> Option<&ClientReference> {
        Some(&self.config.client)
    }

    fn issuer(&self) -> Option<&str> {
        self.config.issuer.as_deref()
    }

    fn scopes(&self) -> &[String] {
        &self.config.scopes
    }

    fn begin<'a>(&'a self, cx: Context<'a>, redirect_uri: &'a str) -> Result<Talk<'a, Begun>, AuthError> {
        let endpoint = self.authorize_endpoint()?;
        let (state, verifier) = (random_token(cx.randomness), random_token(cx.randomness));
        let challenge =
            PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(verifier.expose().clone()));
        let oauth = self
            .client_of(cx.client(self)?)
            .set_auth_uri(AuthUrl::from_url(endpoint))
            .set_redirect_uri(redirect(redirect_uri)?);
        let request = oauth
            .authorize_url(|| CsrfToken::new(state.expose().clone()))
            .set_pkce_challenge(challenge)
            .add_scopes(self.config.scopes.iter().cloned().map(Scope::new));
        let extra = self.config.authorize_params.iter();
        let (authorize_url, _) =
            extra.fold(request, |request, (name, value)| request.add_extra_param(name, value)).url();
        Ok(settled(Begun { authorize_url, state, kept: verifier }))
    }

    fn exchange<'a>(
        &'a self,
        cx: Context<'a>,
        returned: &'a Returned,
        kept: &'a SecretText,
        redirect_uri: &'a str,
    ) -> Result<Talk<'a, Obtained>, AuthError> {
        let url = endpoint("token_url", &self.config.token_url)?;
        let oauth = self
            .client_of(cx.client(self)?)
            .set_token_uri(TokenUrl::from_url(url.clone()))
            .set_redirect_uri(redirect(redirect_uri)?);
        let request = oauth
            .exchange_code(Code::new(returned.code.expose().clone()))
            .set_pkce_verifier(PkceCodeVerifier::new(kept.expose().clone()));
        let request = captured("token_url", url, |catch| drop(request.request(&|sent| catch(sent))))?;
        Ok(ask_once(request, |now, answer| read_tokens_at(now, answer, None).map(Obtained::from)))
    }

    fn renew<'a>(
        &'a self,
        cx: Context<'a>,
        credential: &'a Credential,
    ) -> Result<Option<Talk<'a, Obtained>>, AuthError> {
        let Some(tokens) = &credential.tokens else { return Ok(None) };
        let Some(refresh_token) = &tokens.refresh_token else { return Ok(None) };
        let (field, text) = match &self.config.refresh_url {
            Some(url) => ("refresh_url", url),
            None => ("token_url", &self.config.token_url),
        };
        let url = endpoint(field, text)?;
        let oauth = self.client_of(cx.client(self)?).set_token_uri(TokenUrl::from_url(url.clone()));
        let token = RefreshToken::new(refresh_token.expose().clone());
        let request = oauth.exchange_refresh_token(&token);
        let request = captured(field, url, |catch| drop(request.request(&|sent| catch(sent))))?;
        let read = move |now, answer: &_| read_tokens_at(now, answer, Some(tokens)).map(Obtained::from);
        Ok(Some(ask_once(request, read)))
    }

    fn is_renewable(&self, credential: &Credential) -> bool {
        credential.tokens.as_ref().is_some_and(|tokens| tokens.refresh_token.is_some())
    }

    fn renewal_is_delicate(&self) -> bool {
        true
    }

    fn revoke<'a>(
        &'a self,
        cx: Context<'a>,
        credential: &'a Credential,
    ) -> Result<Option<Talk<'a, Revocation>>, AuthError> {
        let Some(tokens) = &credential.tokens else { return Ok(None) };
        let Some(text) = &self.config.revoke_url else { return Ok(None) };
        let url = endpoint("revoke_url", text)?;
        let token: StandardRevocableToken = match (self.config.revoke_using, &tokens.refresh_token) {
            (RevokeUsing::RefreshToken, Some(refresh)) => RefreshToken::new(refresh.expose().clone()).into(),
            _ => AccessToken::new(tokens.access_token.expose().clone()).into(),
        };
        // The crate refuses plain http even on loopback. Whether http is allowed is the egress
        // policy's question, so it gets a stand-in; the captured request carries the real URL.
        let stand_in = RevocationUrl::new("https://revocation.invalid/".to_owned())
            .map_err(|error| AuthError::BadEndpoint { field: "revoke_url", why: error.to_string() })?;
        let oauth = self.client_of(cx.client(self)?).set_revocation_url(stand_in);
        let request = oauth
            .revoke_token(token)
            .map_err(|error| AuthError::BadEndpoint { field: "revoke_url", why: error.to_string() })?;
        let request = captured("revoke_url", url, |catch| drop(request.request(&|sent| catch(sent))))?;
        Ok(Some(ask_once(request, read_revocation_at)))
    }

    fn apply(
        &self,
        _: Context<'_>,
        credential: &Credential,
        request: &mut HttpRequest,
    ) -> Result<(), AuthError> {
        bearer::apply(credential, request)
    }
}

/// The answer of the stand-in HTTP client: nothing was sent.
#[derive(Debug, thiserror::Error)]
#[error("kept, not sent")]
struct Kept;

/// Takes the request that `send` hands to its HTTP client and gives it the URL of our config.
fn captured(
    field: &'static str,
    url: Url,
    send: impl FnOnce(&dyn Fn(oauth2::HttpRequest) -> Result<oauth2::HttpResponse, Kept>),
) -> Result<HttpRequest, AuthError> {
    let kept = RefCell::new(None);
    send(&|request| {
        kept.replace(Some(request));
        Err(Kept)
    });
    let request = kept
        .into_inner()
        .ok_or(AuthError::BadEndpoint { field, why: "no request can be sent to it".to_owned() })?;
    let (parts, body) = request.into_parts();
    let mut headers = parts.headers;
    if let Some(value) = headers.get_mut(AUTHORIZATION) {
        value.set_sensitive(true);
    }
    Ok(HttpRequest {
        headers,
        body: Bytes::from(body),
        secret_body: true,
        ..HttpRequest::new(parts.method, url)
    })
}

/// An endpoint of the auth config: absolute, https, without user info or fragment. Plain http is
/// accepted for hosts that cannot be public only; the egress policy decides on those once more.
fn endpoint(field: &'static str, text: &str) -> Result<Url, AuthError> {
    let refuse = |why: String| AuthError::BadEndpoint { field, why };
    let url = Url::parse(text)
        .map_err(|error| refuse(format!("`{}` is not an absolute URL: {error}", shown(text))))?;
    match url.scheme() {
        "https" => {}
        "http" if is_local(&url) => {}
        "http" => {
            return Err(refuse("it starts with `http://`; tokens are sent over `https://` only".to_owned()));
        }
        other => {
            return Err(refuse(format!("it starts with `{other}:`; an endpoint starts with `https://`")));
        }
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refuse("it holds a user name or password; the client belongs under `client`".to_owned()));
    }
    if url.fragment().is_some() {
        return Err(refuse("it holds a fragment (`#…`), which RFC 6749 §3.1 forbids".to_owned()));
    }
    Ok(url)
}

fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(80).collect()
}

fn redirect(text: &str) -> Result<RedirectUrl, AuthError> {
    let refuse = |why| AuthError::BadRedirectUri { uri: shown(text), why };
    let url = RedirectUrl::new(text.to_owned()).map_err(|_| refuse("it is not an absolute URL"))?;
    match url.url() {
        url if !matches!(url.scheme(), "http" | "https") => {
            Err(refuse("it must start with `https://` or `http://`"))
        }
        url if url.fragment().is_some() => {
            Err(refuse("it holds a fragment (`#…`), which RFC 6749 §3.1.2 forbids"))
        }
        _ => Ok(url),
    }
}

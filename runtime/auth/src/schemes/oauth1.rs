//! OAuth 1.0a (RFC 5849): a request token, a person's consent, a token with its secret; then every
//! request is signed. What is signed stands in [`super::oauth1_signature`].

use super::oauth1_answer::{is_confirmed, read};
use super::oauth1_signature::{Signer, authorization_header};
use crate::callback::Returned;
use crate::conversation::{Obtained, Talk, ask_once};
use crate::error::AuthError;
use crate::field::{Field, FieldKind, entered};
use crate::http_value::{HttpRequest, is_local};
use crate::pending::Begun;
use crate::scheme::{Connects, Context, Scheme};
use crate::token_error::{TokenError, TokenErrorKind};
use http::Method;
use http::header::AUTHORIZATION;
use sluis_model::connection::Variables;
use sluis_model::connector::{ClientReference, Oauth1};
use sluis_model::credential::{Credential, TokenSet};
use sluis_model::secret::SecretText;
use url::Url;

const TOKEN: &str = "token";
const TOKEN_SECRET: &str = "token_secret";

/// The scheme, bound to its parameters.
pub(super) struct OAuth1<'a> {
    config: &'a Oauth1,
}

/// The three endpoints.
struct Endpoints {
    request_token: Url,
    authorize: Url,
    access_token: Url,
}

impl<'a> OAuth1<'a> {
    /// Binds the scheme.
    pub(super) fn new(config: &'a Oauth1) -> Self {
        Self { config }
    }

    fn endpoints(&self) -> Result<Endpoints, AuthError> {
        let config = self.config;
        Ok(Endpoints {
            request_token: endpoint("request_token_url", config.request_token_url.as_deref())?,
            authorize: endpoint("authorize_url", config.authorize_url.as_deref())?,
            access_token: endpoint("access_token_url", config.access_token_url.as_deref())?,
        })
    }

    /// Signs a request with the client and a token, if there is one yet.
    fn sign(
        &self,
        cx: Context<'_>,
        token: Option<(&SecretText, &SecretText)>,
        extra: &[(&str, &str)],
        request: &mut HttpRequest,
    ) -> Result<(), AuthError> {
        let signer = Signer { cx, client: cx.client(self)?, token, method: self.config.signature };
        let header = authorization_header(&signer, self.config.realm.as_deref(), extra, request)?;
        request.set_secret_header(AUTHORIZATION, &header)
    }

    fn token(credential: &Credential) -> Result<(&SecretText, &SecretText), AuthError> {
        match &credential.tokens {
            Some(tokens) => {
                let missing = || AuthError::MissingField { field: TOKEN_SECRET.to_owned() };
                Ok((&tokens.access_token, tokens.token_secret.as_ref().ok_or_else(missing)?))
            }
            None => Ok((entered(credential, TOKEN)?, entered(credential, TOKEN_SECRET)?)),
        }
    }
}

fn endpoint(field: &'static str, text: Option<&str>) -> Result<Url, AuthError> {
    let refuse = |why: &str| AuthError::BadEndpoint { field, why: why.to_owned() };
    let text = text.ok_or_else(|| refuse("it is missing; a person's consent takes all three URLs"))?;
    let url = Url::parse(text).map_err(|_| refuse("it is not an absolute URL"))?;
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_local(&url) => Ok(url),
        _ => Err(refuse("it must begin with `https://`")),
    }
}

impl Scheme for OAuth1<'_> {
    fn name(&self) -> &'static str {
        "oauth1"
    }

    fn check(&self) -> Result<(), AuthError> {
        match self.connects() {
            Connects::ByConsent => self.endpoints().map(drop),
            _ => Ok(()),
        }
    }

    fn connects(&self) -> Connects {
        let config = self.config;
        let urls = [&config.request_token_url, &config.authorize_url, &config.access_token_url];
        if urls.iter().any(|url| url.is_some()) { Connects::ByConsent } else { Connects::ByFields }
    }

    fn fields(&self) -> Vec<Field> {
        match self.connects() {
            Connects::ByFields => vec![
                Field::new(TOKEN, "Access token", FieldKind::Secret),
                Field::new(TOKEN_SECRET, "Token secret", FieldKind::Secret),
            ],
            _ => Vec::new(),
        }
    }

    fn code_parameter(&self) -> &str {
        "oauth_verifier"
    }

    fn client(&self) -> Option<&ClientReference> {
        Some(&self.config.client)
    }

    fn signs_with_client(&self) -> bool {
        true
    }

    /// The request token takes the place of `state`: it comes back with the callback and nobody else
    /// knows it.
    fn begin<'b>(&'b self, cx: Context<'b>, redirect_uri: &'b str) -> Result<Talk<'b, Begun>, AuthError> {
        let endpoints = self.endpoints()?;
        let mut request = HttpRequest::new(Method::POST, endpoints.request_token);
        self.sign(cx, None, &[("oauth_callback", redirect_uri)], &mut request)?;
        let authorize = endpoints.authorize;
        Ok(ask_once(request, move |now, answer| {
            let (token, secret, body) = read(now, answer)?;
            // RFC 5849 §2.1: it must be there; without it the server is one of version 1.0, whose
            // sessions can be taken over.
            if !is_confirmed(&body) {
                return Err(TokenError::new(
                    TokenErrorKind::Unusable,
                    "the provider did not confirm the callback: it does not speak OAuth 1.0a",
                ));
            }
            let mut url = authorize.clone();
            for (name, value) in &self.config.authorize_params {
                url.query_pairs_mut().append_pair(name, value);
            }
            url.query_pairs_mut().append_pair("oauth_token", &token);
            let mut kept = url::form_urlencoded::Serializer::new(String::new());
            kept.append_pair("token", &token).append_pair("secret", secret.expose());
            Ok(Begun { authorize_url: url, state: token.into(), kept: kept.finish().into() })
        }))
    }

    fn exchange<'b>(
        &'b self,
        cx: Context<'b>,
        returned: &'b Returned,
        kept: &'b SecretText,
        _redirect_uri: &'b str,
    ) -> Result<Talk<'b, Obtained>, AuthError> {
        let (mut token, mut secret) = (SecretText::default(), SecretText::default());
        for (name, value) in url::form_urlencoded::parse(kept.expose().as_bytes()) {
            let into = if name == "token" { &mut token } else { &mut secret };
            *into = SecretText::new(value.into_owned());
        }
        let mut request = HttpRequest::new(Method::POST, self.endpoints()?.access_token);
        let verifier = [("oauth_verifier", returned.code.expose().as_str())];
        self.sign(cx, Some((&token, &secret)), &verifier, &mut request)?;
        Ok(ask_once(request, |now, answer| {
            let (token, secret, body) = read(now, answer)?;
            let known = ["oauth_token", "oauth_token_secret"];
            let others = body.as_object().into_iter().flatten();
            let others = others.filter(|(name, _)| !known.contains(&name.as_str()));
            let variables: Variables =
                others.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect();
            let tokens = TokenSet { token_secret: Some(secret), ..TokenSet::of(token, now) };
            Ok(Obtained { tokens, variables })
        }))
    }

    fn apply(
        &self,
        cx: Context<'_>,
        credential: &Credential,
        request: &mut HttpRequest,
    ) -> Result<(), AuthError> {
        self.sign(cx, Some(Self::token(credential)?), &[], request)
    }

    fn sketch(&self, _: Context<'_>, request: &mut HttpRequest) -> Result<(), AuthError> {
        request.set_secret_header(AUTHORIZATION, &SecretText::from("OAuth ***"))
    }
}

//! Requests that get tokens, one function for each grant type.

use super::assertion::{Claims, KeyFile, LIFETIME_S};
use super::parameters::{Parameters, token_request};
use super::talk::TokenTalk;
use super::{Oauth, Step, client, endpoint};
use crate::conversation::{Obtained, Talk};
use crate::error::AuthError;
use crate::http_value::HttpRequest;
use crate::pending::random_token;
use crate::scheme::Context;
use sluis_model::credential::Credential;
use sluis_model::secret::SecretText;

/// What kind of token is exchanged unless the connector file says otherwise (RFC 8693 §3).
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

impl<'a> Oauth<'a> {
    /// A request to the token endpoint: with the client's proof, the connector file's own parameters,
    /// and every name as the provider has it.
    pub(in crate::schemes) fn ask(
        &self,
        cx: Context<'_>,
        step: Step,
        credential: Option<&Credential>,
        mut parameters: Parameters,
    ) -> Result<HttpRequest, AuthError> {
        let config = self.config;
        let (field, text) = match (step, &config.refresh_url) {
            (Step::Refresh, Some(url)) => ("refresh_url", Some(url)),
            _ => ("token_url", config.token_url.as_ref()),
        };
        let url = endpoint::required(field, text.map(String::as_str), cx.variables)?;
        let registered = self.client(cx, credential)?;
        for resource in &config.resource {
            parameters.set("resource", resource.as_str());
        }
        let proof = match &registered {
            Some(client) => self.prove(cx, step, client, &url, &mut parameters)?,
            None => None,
        };
        let extra = if step == Step::Refresh { &config.refresh_params } else { &config.token_params };
        let values = Self::values(cx, registered.as_deref(), credential.and_then(|c| c.tokens.as_ref()));
        let filled =
            extra.iter().map(|(name, value)| Ok((name.clone(), values.fill(value)?.expose().clone())));
        parameters.overlay(&filled.collect::<Result<_, AuthError>>()?);
        parameters.rename(&config.rename);
        let mut request = token_request(config, url, &parameters)?;
        client::put(&mut request, proof.as_ref())?;
        Ok(request)
    }

    /// The request of the client credentials grant (RFC 6749 §4.4.2).
    pub(in crate::schemes) fn client_credentials(
        &self,
        cx: Context<'_>,
        credential: &Credential,
    ) -> Result<HttpRequest, AuthError> {
        let mut parameters = Parameters::of_grant("client_credentials");
        self.wanted(&mut parameters);
        self.ask(cx, Step::Exchange, Some(credential), parameters)
    }

    /// The request of the password grant (RFC 6749 §4.3.2).
    pub(in crate::schemes) fn password(
        &self,
        cx: Context<'_>,
        credential: &Credential,
    ) -> Result<HttpRequest, AuthError> {
        let mut parameters = Parameters::of_grant("password");
        for name in ["username", "password"] {
            parameters.set(name, field(credential, name)?.clone());
        }
        self.wanted(&mut parameters);
        self.ask(cx, Step::Exchange, Some(credential), parameters)
    }

    /// The request of a service account (RFC 7523 §2.1).
    pub(in crate::schemes) fn jwt_bearer(
        &self,
        cx: Context<'_>,
        credential: &Credential,
    ) -> Result<HttpRequest, AuthError> {
        let own = self.config.assertion.clone().unwrap_or_default();
        let key = KeyFile::read("private_key", field(credential, "private_key")?)?;
        let entered = |name: &str| credential.fields.get(name).map(|value| value.expose().clone());
        let owner = entered("service_account").or(key.owner.clone());
        let owner = owner.ok_or(AuthError::MissingField { field: "service_account".to_owned() })?;
        let subject = entered("subject").unwrap_or_else(|| owner.clone());
        // One audience, and one that the connector file vouches for: the issuer, else the very endpoint.
        let audience =
            own.audience.as_ref().or(self.config.issuer.as_ref()).or(self.config.token_url.as_ref());
        let audience = audience.cloned().unwrap_or_default();
        let iat = cx.now.0 / 1000;
        let claims = Claims {
            iss: &owner,
            sub: &subject,
            aud: &audience,
            iat,
            exp: iat + i64::from(own.lifetime_s.unwrap_or(LIFETIME_S).min(LIFETIME_S)),
            jti: random_token(cx.randomness).expose().clone(),
            scope: self.scope(&self.config.scopes).filter(|_| own.scope_inside),
        };
        let mut parameters = Parameters::of_grant("urn:ietf:params:oauth:grant-type:jwt-bearer");
        parameters.set("assertion", key.sign("private_key", &claims)?);
        if !own.scope_inside {
            self.wanted(&mut parameters);
        }
        self.ask(cx, Step::Exchange, Some(credential), parameters)
    }

    /// The request of a token exchange (RFC 8693 §2.1).
    pub(in crate::schemes) fn token_exchange(
        &self,
        cx: Context<'_>,
        credential: &Credential,
    ) -> Result<HttpRequest, AuthError> {
        let mut parameters = Parameters::of_grant("urn:ietf:params:oauth:grant-type:token-exchange");
        parameters.set("subject_token", field(credential, "subject_token")?.clone());
        let kind = self.config.subject_token_type.as_deref().unwrap_or(ACCESS_TOKEN);
        parameters.set("subject_token_type", kind);
        parameters.set_some("requested_token_type", self.config.requested_token_type.as_deref());
        self.wanted(&mut parameters);
        self.ask(cx, Step::Exchange, Some(credential), parameters)
    }

    fn wanted(&self, parameters: &mut Parameters) {
        parameters.set_some("scope", self.scope(&self.config.scopes));
        parameters.set_some("audience", self.config.audience.as_deref());
    }

    /// The conversation that a request for tokens begins.
    pub(in crate::schemes) fn talk(
        &self,
        cx: Context<'a>,
        credential: Option<&Credential>,
        request: HttpRequest,
    ) -> Result<Talk<'a, Obtained>, AuthError> {
        Ok(Box::new(TokenTalk::new(*self, cx, self.client(cx, credential)?, request)))
    }
}

fn field<'a>(credential: &'a Credential, name: &str) -> Result<&'a SecretText, AuthError> {
    let missing = || AuthError::MissingField { field: name.to_owned() };
    credential.fields.get(name).ok_or_else(missing)
}

//! The authorization request: in the browser's URL (RFC 6749 §4.1.1), or pushed before (RFC 9126).

use super::client::put;
use super::endpoint::{endpoint, redirect, required};
use super::parameters::{Parameters, form_request};
use super::talk::TokenTalk;
use super::{Oauth, Step};
use crate::callback::Returned;
use crate::conversation::{Obtained, Talk, ask_once, settled};
use crate::error::AuthError;
use crate::http_value::Answer;
use crate::pending::{Begun, random_token};
use crate::scheme::Context;
use crate::token_answer::read_object_at;
use crate::token_error::{TokenError, TokenErrorKind};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::Value;
use sha2::{Digest, Sha256};
use sluis_model::connection::Variables;
use sluis_model::secret::SecretText;
use sluis_model::time::Timestamp;
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

impl<'a> Oauth<'a> {
    fn uses_pkce(&self) -> bool {
        self.config.pkce != Some(false)
    }

    fn authorize_endpoint(&self, variables: &Variables) -> Result<Url, AuthError> {
        let url = required("authorize_url", self.config.authorize_url.as_deref(), variables)?;
        let own = self.config.authorize_params.iter().filter(|(name, value)| {
            // Some providers insist on naming what is the default anyway.
            (name.as_str(), value.as_str()) != ("response_mode", "query")
        });
        let own = own.map(|(name, _)| name.clone());
        let in_url = url.query_pairs().map(|(name, _)| name.into_owned());
        match own.chain(in_url).find(|name| RESERVED.contains(&name.as_str())) {
            Some(name) => Err(AuthError::ReservedParameter { name }),
            None => Ok(url),
        }
    }

    /// Starts an authorization with consent.
    pub(in crate::schemes) fn begin(
        &self,
        cx: Context<'a>,
        redirect_uri: &str,
    ) -> Result<Talk<'a, Begun>, AuthError> {
        let url = self.authorize_endpoint(cx.variables)?;
        let client = self.client(cx, None)?.ok_or(AuthError::NoClient { scheme: self.name })?;
        let state = random_token(cx.randomness);
        let kept = if self.uses_pkce() { random_token(cx.randomness) } else { "".into() };
        let mut parameters = Parameters::default();
        parameters.set("response_type", "code");
        parameters.set("client_id", client.id.as_str());
        parameters.set("state", state.clone());
        if self.uses_pkce() {
            let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(kept.expose()));
            parameters.set("code_challenge", challenge);
            parameters.set("code_challenge_method", "S256");
        }
        parameters.set("redirect_uri", redirect(redirect_uri)?);
        parameters.set_some("scope", self.scope(&self.config.scopes));
        parameters.set_some("audience", self.config.audience.as_deref());
        for resource in &self.config.resource {
            parameters.set("resource", resource.as_str());
        }
        for (name, value) in &self.config.authorize_params {
            parameters.set(name, value.as_str());
        }
        if let Some(par_url) = &self.config.par_url {
            return self.push(cx, par_url, url, parameters, (state, kept));
        }
        parameters.rename(&self.config.rename);
        let mut authorize_url = url;
        authorize_url.query_pairs_mut().extend_pairs(parameters.pairs());
        Ok(settled(Begun { authorize_url, state, kept }))
    }

    /// Pushes the request first; the browser carries a reference to it only.
    fn push(
        &self,
        cx: Context<'a>,
        par_url: &str,
        authorize_url: Url,
        mut parameters: Parameters,
        (state, kept): (SecretText, SecretText),
    ) -> Result<Talk<'a, Begun>, AuthError> {
        let url = endpoint("par_url", par_url, cx.variables)?;
        let client = self.client(cx, None)?.ok_or(AuthError::NoClient { scheme: self.name })?;
        let mut proof_parameters = Parameters::default();
        let proof = self.prove(cx, Step::Exchange, &client, &url, &mut proof_parameters)?;
        for (name, value) in proof_parameters.pairs().filter(|(name, _)| *name != "client_id") {
            parameters.set(name, value);
        }
        parameters.rename(&self.config.rename);
        let mut request = form_request(url, &parameters);
        put(&mut request, proof.as_ref())?;
        let client_id = client.id.clone();
        let name_of = |name: &str| self.config.rename.get(name).cloned().unwrap_or(name.to_owned());
        let (id_name, uri_name) = (name_of("client_id"), name_of("request_uri"));
        Ok(ask_once(request, move |now: Timestamp, answer: &Answer| {
            let said = read_object_at(now, answer)?;
            let Some(Value::String(reference)) = said.get("request_uri") else {
                let why = "the provider's answer to the pushed request holds no `request_uri`";
                return Err(TokenError::new(TokenErrorKind::Unusable, why));
            };
            let mut authorize_url = authorize_url.clone();
            authorize_url
                .query_pairs_mut()
                .append_pair(&id_name, &client_id)
                .append_pair(&uri_name, reference);
            Ok(Begun { authorize_url, state: state.clone(), kept: kept.clone() })
        }))
    }

    /// Turns a code into tokens (RFC 6749 §4.1.3), with the verifier (RFC 7636 §4.5).
    pub(in crate::schemes) fn exchange(
        &self,
        cx: Context<'a>,
        returned: &Returned,
        kept: &SecretText,
        redirect_uri: &str,
    ) -> Result<Talk<'a, Obtained>, AuthError> {
        let client = self.client(cx, None)?.ok_or(AuthError::NoClient { scheme: self.name })?;
        let mut parameters = Parameters::of_grant("authorization_code");
        parameters.set("code", returned.code.clone());
        if self.uses_pkce() {
            parameters.set("code_verifier", kept.clone());
        }
        parameters.set("redirect_uri", redirect(redirect_uri)?);
        let request = self.ask(cx, Step::Exchange, None, parameters)?;
        let wanted = self.config.variables_from.iter().flat_map(|from| &from.callback);
        let taken = wanted.filter_map(|(variable, parameter)| {
            Some((variable.clone(), returned.parameters.get(parameter)?.clone()))
        });
        let talk = TokenTalk::new(*self, cx, Some(client), request);
        Ok(Box::new(talk.with_variables(taken.collect())))
    }
}

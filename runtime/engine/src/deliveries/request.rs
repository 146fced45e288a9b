//! A filled-in request as it is written down: everything but its credential, which is put on when it is sent.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sluis_auth::{Mail, MailRequest};
use sluis_invoke::transport::Redirects;
use sluis_invoke::{OutgoingRequest, PreparedRequest};
use sluis_model::connector::{CredentialUse, Effect};
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// A filled-in request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct KeptRequest {
    method: String,
    url: String,
    /// Values in Base64: a header may hold any bytes.
    headers: Vec<(String, String)>,
    body: String,
    credential: CredentialUse,
    follows: bool,
    /// What a mail server is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mail: Option<KeptMail>,
    /// The values it was made of, which rules for answers look at.
    inputs: Map<String, Value>,
}

/// What a mail server is asked for. A mail keeps its `Message-ID`, so that a second one is told for what it is.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KeptMail {
    Send(Box<Mail>),
    SignIn(String),
}

impl KeptMail {
    fn of(request: &MailRequest) -> Self {
        match request {
            MailRequest::Send(mail) => Self::Send(Box::new(Mail::clone(mail))),
            MailRequest::SignIn { mailbox } => Self::SignIn(mailbox.clone()),
        }
    }

    fn request(&self) -> MailRequest {
        match self {
            Self::Send(mail) => MailRequest::Send(Arc::new(Mail::clone(mail))),
            Self::SignIn(mailbox) => MailRequest::SignIn { mailbox: mailbox.clone() },
        }
    }
}

impl KeptRequest {
    /// What is written down of a request.
    pub fn of(prepared: &PreparedRequest) -> Self {
        let request = &prepared.request;
        let header = |(name, value): (&HeaderName, &HeaderValue)| {
            (name.as_str().to_owned(), STANDARD.encode(value.as_bytes()))
        };
        Self {
            method: request.method.to_string(),
            url: request.url.to_string(),
            headers: request.headers.iter().map(header).collect(),
            body: STANDARD.encode(&request.body),
            mail: request.mail.as_ref().map(KeptMail::of),
            credential: prepared.credential,
            follows: prepared.redirects != Redirects::Returned,
            inputs: prepared.inputs.clone(),
        }
    }

    /// The request; nothing if what was written down is damaged.
    pub fn prepared(&self, api: &str, effect: Effect, timeout: Duration) -> Option<PreparedRequest> {
        let method = Method::from_bytes(self.method.as_bytes()).ok()?;
        let mut request = OutgoingRequest::new(method, Url::parse(&self.url).ok()?);
        for (name, value) in &self.headers {
            let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
            let value = HeaderValue::from_bytes(&STANDARD.decode(value).ok()?).ok()?;
            request.headers.append(name, value);
        }
        request.body = Bytes::from(STANDARD.decode(&self.body).ok()?);
        request.mail = self.mail.as_ref().map(KeptMail::request);
        Some(PreparedRequest {
            api: api.to_owned(),
            request,
            unused: Vec::new(),
            effect,
            timeout,
            credential: self.credential,
            redirects: if self.follows { Redirects::FOLLOWED } else { Redirects::Returned },
            inputs: self.inputs.clone(),
            callback_token: None,
        })
    }
}

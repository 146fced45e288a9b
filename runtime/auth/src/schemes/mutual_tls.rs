//! A client certificate in the TLS handshake (RFC 8446 §4.4.2), alone or beside another scheme, whose
//! own requests to the service carry it as well.

use super::scheme_of;
use crate::conversation::{Conversation, Obtained, Talk, Turn};
use crate::error::AuthError;
use crate::field::{Field, FieldKind, entered};
use crate::http_value::{Answer, ClientIdentity, HttpRequest};
use crate::revocation::Revocation;
use crate::scheme::{Connects, Context, Scheme};
use crate::token_error::TokenError;
use sluis_model::connector::{AuthConfig, ClientReference, MutualTls};
use sluis_model::credential::Credential;
use sluis_model::time::Timestamp;
use std::sync::Arc;

const CERTIFICATE: &str = "certificate";
const PRIVATE_KEY: &str = "private_key";

/// The scheme, bound to its parameters.
pub(super) struct ClientCertificate<'a> {
    beside: Box<dyn Scheme + 'a>,
    is_fit: bool,
}

impl<'a> ClientCertificate<'a> {
    /// Binds the scheme.
    pub(super) fn new(config: &'a MutualTls) -> Self {
        let unfit = matches!(config.with.as_deref(), Some(AuthConfig::MutualTls(_) | AuthConfig::Choice(_)));
        // One certificate inside another would nest without end.
        let beside = match config.with.as_deref().filter(|_| !unfit) {
            Some(other) => scheme_of(other),
            None => Box::new(super::none::NoCredential) as Box<dyn Scheme>,
        };
        Self { beside, is_fit: !unfit }
    }

    fn identity(credential: &Credential) -> Result<Arc<ClientIdentity>, AuthError> {
        let pem = |field: &str| {
            let value = entered(credential, field)?;
            // Stars stand for it where a request is only shown.
            match value.expose().contains("-----BEGIN ") || value.expose() == "***" {
                true => Ok(value.clone()),
                false => Err(AuthError::BadField {
                    field: field.to_owned(),
                    why: "it is not PEM: it holds no line `-----BEGIN …-----`".to_owned(),
                }),
            }
        };
        Ok(Arc::new(ClientIdentity { certificate: pem(CERTIFICATE)?, private_key: pem(PRIVATE_KEY)? }))
    }
}

/// A conversation of the other scheme, with the certificate on its requests.
struct Identified<'a, T> {
    talk: Talk<'a, T>,
    identity: Arc<ClientIdentity>,
}

impl<T> Conversation<T> for Identified<'_, T> {
    fn next(&mut self, now: Timestamp, answer: Option<&Answer>) -> Result<Turn<T>, TokenError> {
        Ok(match self.talk.next(now, answer)? {
            Turn::Send(mut request) => {
                request.identity = Some(self.identity.clone());
                Turn::Send(request)
            }
            done => done,
        })
    }
}

fn identified<'a, T: 'a>(
    talk: Option<Talk<'a, T>>,
    credential: &Credential,
) -> Result<Option<Talk<'a, T>>, AuthError> {
    let Some(talk) = talk else { return Ok(None) };
    let identity = ClientCertificate::identity(credential)?;
    Ok(Some(Box::new(Identified { talk, identity })))
}

impl Scheme for ClientCertificate<'_> {
    fn name(&self) -> &'static str {
        "mutual_tls"
    }

    fn check(&self) -> Result<(), AuthError> {
        let by_fields = matches!(self.beside.connects(), Connects::Freely | Connects::ByFields);
        if !self.is_fit || !by_fields {
            return Err(AuthError::BadParameter {
                field: "with".to_owned(),
                why:
                    "beside a certificate stands a scheme whose values are entered, and no other certificate \
                      or choice"
                        .to_owned(),
            });
        }
        self.beside.check()
    }

    fn connects(&self) -> Connects {
        Connects::ByFields
    }

    fn fields(&self) -> Vec<Field> {
        let mut fields = vec![
            Field::new(CERTIFICATE, "Certificate", FieldKind::Document)
                .help("PEM, our own certificate first, then those between it and the authority"),
            Field::new(PRIVATE_KEY, "Private key", FieldKind::Document).help("PEM, without a passphrase"),
        ];
        fields.extend(self.beside.fields());
        fields
    }

    fn client(&self) -> Option<&ClientReference> {
        self.beside.client()
    }

    fn signs_with_client(&self) -> bool {
        self.beside.signs_with_client()
    }

    fn obtain<'a>(
        &'a self,
        cx: Context<'a>,
        credential: &'a Credential,
    ) -> Result<Option<Talk<'a, Obtained>>, AuthError> {
        identified(self.beside.obtain(cx, credential)?, credential)
    }

    fn renew<'a>(
        &'a self,
        cx: Context<'a>,
        credential: &'a Credential,
    ) -> Result<Option<Talk<'a, Obtained>>, AuthError> {
        identified(self.beside.renew(cx, credential)?, credential)
    }

    fn is_renewable(&self, credential: &Credential) -> bool {
        self.beside.is_renewable(credential)
    }

    fn renewal_is_delicate(&self) -> bool {
        self.beside.renewal_is_delicate()
    }

    fn revoke<'a>(
        &'a self,
        cx: Context<'a>,
        credential: &'a Credential,
    ) -> Result<Option<Talk<'a, Revocation>>, AuthError> {
        identified(self.beside.revoke(cx, credential)?, credential)
    }

    fn apply(
        &self,
        cx: Context<'_>,
        credential: &Credential,
        request: &mut HttpRequest,
    ) -> Result<(), AuthError> {
        request.identity = Some(Self::identity(credential)?);
        self.beside.apply(cx, credential, request)
    }

    fn answer_challenge(
        &self,
        cx: Context<'_>,
        credential: &Credential,
        answer: &Answer,
        request: &mut HttpRequest,
    ) -> Result<bool, AuthError> {
        self.beside.answer_challenge(cx, credential, answer, request)
    }

    fn is_refused(&self, answer: &Answer) -> bool {
        self.beside.is_refused(answer)
    }
}

//! AWS Signature Version 4, by the crate of its maker.

use crate::error::AuthError;
use crate::field::{Field, FieldKind, entered};
use crate::http_value::HttpRequest;
use crate::scheme::{Connects, Context, Scheme};
use crate::template::push_path_value;
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
    UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use http::header::{CONTENT_TYPE, HeaderName};
use percent_encoding::percent_decode_str;
use sluis_model::connector::{AwsSigv4, PayloadSigning};
use sluis_model::credential::Credential;
use sluis_model::secret::SecretText;

const KEY_ID: &str = "access_key_id";
const SECRET: &str = "secret_access_key";
const SESSION: &str = "session_token";

/// The scheme, bound to its parameters.
pub(super) struct SignedForAws<'a> {
    config: &'a AwsSigv4,
}

impl<'a> SignedForAws<'a> {
    /// Binds the scheme.
    pub(super) fn new(config: &'a AwsSigv4) -> Self {
        Self { config }
    }

    fn settings(&self) -> SigningSettings {
        let mut settings = SigningSettings::default();
        // s3 signs the path as it is sent; every other service encodes it once more.
        if self.is_s3() {
            settings.percent_encoding_mode = PercentEncodingMode::Single;
            settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        }
        settings
    }

    fn is_s3(&self) -> bool {
        matches!(self.config.service.as_str(), "s3" | "s3-object-lambda" | "s3express")
    }
}

impl Scheme for SignedForAws<'_> {
    fn name(&self) -> &'static str {
        "aws_sigv4"
    }

    fn check(&self) -> Result<(), AuthError> {
        for (field, text) in [("region", &self.config.region), ("service", &self.config.service)] {
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            if text.is_empty() || !text.chars().all(plain) {
                let why = format!("`{text}` is none; write for example `us-east-1` and `s3`");
                return Err(AuthError::BadParameter { field: field.to_owned(), why });
            }
        }
        Ok(())
    }

    fn connects(&self) -> Connects {
        Connects::ByFields
    }

    fn fields(&self) -> Vec<Field> {
        let mut fields = vec![
            Field::new(KEY_ID, "Access key id", FieldKind::Text),
            Field::new(SECRET, "Secret access key", FieldKind::Secret),
        ];
        if self.config.session_token {
            let help = "only a temporary key has one";
            fields.push(Field::new(SESSION, "Session token", FieldKind::Secret).optional().help(help));
        }
        fields
    }

    fn apply(
        &self,
        cx: Context<'_>,
        credential: &Credential,
        request: &mut HttpRequest,
    ) -> Result<(), AuthError> {
        let refuse = || AuthError::BadRequest { why: "it cannot be signed for AWS".to_owned() };
        respell(request);
        let session = credential.fields.get(SESSION).map(|token| token.expose().clone());
        let key_id = entered(credential, KEY_ID)?.expose().trim();
        let secret = entered(credential, SECRET)?.expose().trim();
        let identity = Credentials::new(key_id, secret, session, None, "entered").into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.config.region)
            .name(&self.config.service)
            .time(jiff::Timestamp::from_millisecond(cx.now.0).unwrap_or_default().into())
            .settings(self.settings())
            .build()
            .map_err(|_| refuse())?
            .into();
        let covered = request.headers.iter();
        let covered =
            covered.filter(|(name, _)| **name == CONTENT_TYPE || name.as_str().starts_with("x-amz-"));
        let covered = covered.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
        let body = match self.config.payload {
            PayloadSigning::Signed => SignableBody::Bytes(&request.body),
            PayloadSigning::Unsigned => SignableBody::UnsignedPayload,
        };
        let signable = SignableRequest::new(request.method.as_str(), request.url.as_str(), covered, body)
            .map_err(|_| refuse())?;
        let (instructions, _) = sign(signable, &params).map_err(|_| refuse())?.into_parts();
        let headers: Vec<(String, SecretText)> =
            instructions.headers().map(|(name, value)| (name.to_owned(), value.into())).collect();
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| refuse())?;
            request.set_secret_header(name, &value)?;
        }
        Ok(())
    }
}

/// Spells path and query the one way that the signature knows: everything but unreserved characters
/// percent-encoded, a space as `%20`.
fn respell(request: &mut HttpRequest) {
    let segments: Vec<String> = request.url.path().split('/').map(respelled).collect();
    request.url.set_path(&segments.join("/"));
    let query = request.url.query().map(|query| {
        let parts = query.split('&').filter(|part| !part.is_empty()).map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let spaced = |text: &str| respelled(&text.replace('+', "%20"));
            format!("{}={}", spaced(name), spaced(value))
        });
        parts.collect::<Vec<_>>().join("&")
    });
    request.url.set_query(query.as_deref());
}

fn respelled(text: &str) -> String {
    let bytes: Vec<u8> = percent_decode_str(text).collect();
    let mut out = String::new();
    match std::str::from_utf8(&bytes) {
        Ok(decoded) => push_path_value(&mut out, decoded),
        // Bytes that are no text are encoded already.
        Err(_) => out.push_str(text),
    }
    out
}

//! Signatures of OAuth 1.0a (RFC 5849 §3.4) and the header that carries them (§3.5.1).

use crate::digest_of::{hex, hmac};
use crate::error::AuthError;
use crate::http_value::HttpRequest;
use crate::scheme::Context;
use crate::template::push_path_value;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::header::CONTENT_TYPE;
use sluis_model::connector::{HashAlgorithm, Oauth1Signature};
use sluis_model::credential::ClientCredentials;
use sluis_model::secret::SecretText;

/// Who signs, and how.
pub(super) struct Signer<'a> {
    pub(super) cx: Context<'a>,
    pub(super) client: &'a ClientCredentials,
    /// Token and its secret.
    pub(super) token: Option<(&'a SecretText, &'a SecretText)>,
    pub(super) method: Oauth1Signature,
}

/// The `Authorization` header of a request. `extra` are parameters of the protocol, as `oauth_verifier`.
pub(super) fn authorization_header(
    signer: &Signer<'_>,
    realm: Option<&str>,
    extra: &[(&str, &str)],
    request: &HttpRequest,
) -> Result<SecretText, AuthError> {
    let mut nonce = [0; 16];
    signer.cx.randomness.fill(&mut nonce);
    let nonce = hex(&nonce);
    let seconds = signer.cx.now.0.div_euclid(1_000).to_string();
    let mut own: Vec<(&str, &str)> = vec![
        ("oauth_consumer_key", &signer.client.id),
        ("oauth_nonce", &nonce),
        ("oauth_signature_method", name(signer.method)),
        ("oauth_timestamp", &seconds),
        ("oauth_version", "1.0"),
    ];
    own.extend(signer.token.map(|(token, _)| ("oauth_token", token.expose().as_str())));
    own.extend(extra);
    let signature = signature(signer, &own, request)?;
    own.push(("oauth_signature", signature.expose()));
    own.sort_unstable();
    let realm =
        realm.map(|realm| format!("realm=\"{}\", ", realm.replace(['"', '\\'], ""))).unwrap_or_default();
    let pairs: Vec<String> = own.iter().map(|(n, v)| format!("{}=\"{}\"", encoded(n), encoded(v))).collect();
    Ok(SecretText::new(format!("OAuth {realm}{}", pairs.join(", "))))
}

fn name(method: Oauth1Signature) -> &'static str {
    match method {
        Oauth1Signature::HmacSha1 => "HMAC-SHA1",
        Oauth1Signature::HmacSha256 => "HMAC-SHA256",
        Oauth1Signature::Plaintext => "PLAINTEXT",
    }
}

fn signature(
    signer: &Signer<'_>,
    own: &[(&str, &str)],
    request: &HttpRequest,
) -> Result<SecretText, AuthError> {
    let client_secret = signer.client.secret.as_ref().map(|secret| secret.expose().as_str());
    let token_secret = signer.token.map(|(_, secret)| secret.expose().as_str());
    let key = [client_secret, token_secret].map(|secret| encoded(secret.unwrap_or_default())).join("&");
    let key = SecretText::new(key);
    let algorithm = match signer.method {
        Oauth1Signature::Plaintext => return Ok(key),
        Oauth1Signature::HmacSha1 => HashAlgorithm::Sha1,
        Oauth1Signature::HmacSha256 => HashAlgorithm::Sha256,
    };
    let base = SecretText::new(base_string(own, request));
    let signature = hmac(algorithm, key.expose().as_bytes(), base.expose().as_bytes());
    Ok(SecretText::new(BASE64_STANDARD.encode(signature)))
}

/// RFC 5849 §3.4.1: method, URL without query, and every parameter in order.
fn base_string(own: &[(&str, &str)], request: &HttpRequest) -> String {
    let mut all: Vec<(String, String)> = own.iter().map(|(n, v)| (encoded(n), encoded(v))).collect();
    let mut add = |form: &[u8]| {
        all.extend(url::form_urlencoded::parse(form).map(|(n, v)| (encoded(&n), encoded(&v))));
    };
    add(request.url.query().unwrap_or_default().as_bytes());
    let content_type = request.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if content_type.is_some_and(|text| text.starts_with("application/x-www-form-urlencoded")) {
        add(&request.body);
    }
    all.sort_unstable();
    let parameters: Vec<String> = all.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut url = request.url.clone();
    url.set_query(None);
    url.set_fragment(None);
    [request.method.as_str(), url.as_str(), &parameters.join("&")].map(encoded).join("&")
}

/// RFC 5849 §3.6: everything but the unreserved characters.
fn encoded(text: &str) -> String {
    let mut out = String::new();
    push_path_value(&mut out, text);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use http::{HeaderValue, Method};

    /// The example of RFC 5849 §3.4.1.1.
    #[test]
    fn the_base_string_is_that_of_the_standard() {
        let url = "http://EXAMPLE.COM:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b";
        let mut request = HttpRequest::new(Method::POST, url.parse().unwrap());
        request.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        request.body = Bytes::from_static(b"c2&a3=2+q");
        let own = [
            ("oauth_consumer_key", "9djdj82h48djs9d2"),
            ("oauth_token", "kkk9d7dh3k39sjv7"),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_timestamp", "137131201"),
            ("oauth_nonce", "7d8f3e4a"),
        ];
        assert_eq!(
            base_string(&own, &request),
            "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26\
             c%2540%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26\
             oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
        );
    }
}

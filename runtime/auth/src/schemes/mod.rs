//! The register of schemes. A new scheme is a file here, a variant of `AuthConfig` and an arm in
//! [`scheme_of`]; the compiler refuses to forget the last.

mod api_key;
mod api_keys;
mod aws_sigv4;
mod basic;
mod bearer_token;
mod calls;
mod digest;
mod hmac_signature;
mod mutual_tls;
mod none;
mod oauth1;
mod oauth1_answer;
mod oauth1_signature;
mod oauth2;
mod oauth2_authorization_code;
mod oauth2_client_credentials;
mod oauth2_device_code;
mod oauth2_jwt_bearer;
mod oauth2_password;
mod oauth2_token_exchange;
mod placed;
mod session_login;
mod two_step_token;
mod undecided;

use crate::scheme::Scheme;
use oauth2::by_fields::ByFields;
use sluis_model::connector::AuthConfig;

/// The scheme of an auth config, bound to its parameters. A choice must have been made before, by
/// [`AuthConfig::chosen`]; undecided, it can do nothing.
pub fn scheme_of(config: &AuthConfig) -> Box<dyn Scheme + '_> {
    match config {
        AuthConfig::None {} => Box::new(none::NoCredential),
        AuthConfig::ApiKey(parameters) => Box::new(api_key::KeyOnRequest::new(parameters)),
        AuthConfig::ApiKeys(parameters) => Box::new(api_keys::KeysOnRequest::new(parameters)),
        AuthConfig::Bearer(parameters) => Box::new(bearer_token::PastedToken::new(parameters)),
        AuthConfig::Basic(parameters) => Box::new(basic::UserAndPassword::new(parameters)),
        AuthConfig::Digest(parameters) => Box::new(digest::DigestAccess::new(parameters)),
        AuthConfig::HmacSignature(parameters) => Box::new(hmac_signature::SignedByHmac::new(parameters)),
        AuthConfig::AwsSigv4(parameters) => Box::new(aws_sigv4::SignedForAws::new(parameters)),
        AuthConfig::Oauth1(parameters) => Box::new(oauth1::OAuth1::new(parameters)),
        AuthConfig::MutualTls(parameters) => Box::new(mutual_tls::ClientCertificate::new(parameters)),
        AuthConfig::SessionLogin(parameters) => Box::new(session_login::Session::new(parameters)),
        AuthConfig::TwoStepToken(parameters) => Box::new(two_step_token::TokenByCalls::new(parameters)),
        AuthConfig::Choice(_) => Box::new(undecided::Undecided),
        AuthConfig::Oauth2AuthorizationCode(parameters) => {
            Box::new(oauth2_authorization_code::AuthorizationCode::new(parameters))
        }
        AuthConfig::Oauth2ClientCredentials(parameters) => {
            Box::new(ByFields::<oauth2_client_credentials::ClientCredentials>::new(parameters))
        }
        AuthConfig::Oauth2Password(parameters) => {
            Box::new(ByFields::<oauth2_password::Password>::new(parameters))
        }
        AuthConfig::Oauth2JwtBearer(parameters) => {
            Box::new(ByFields::<oauth2_jwt_bearer::JwtBearer>::new(parameters))
        }
        AuthConfig::Oauth2DeviceCode(parameters) => Box::new(oauth2_device_code::DeviceCode::new(parameters)),
        AuthConfig::Oauth2TokenExchange(parameters) => {
            Box::new(ByFields::<oauth2_token_exchange::TokenExchange>::new(parameters))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scheme_answers_to_its_name_in_connector_files() {
        let configs = [
            r#"{"scheme": "none"}"#,
            r#"{"scheme": "api_key", "in": "query", "name": "key"}"#,
            r#"{"scheme": "api_keys", "fields": [{"name": "key", "label": "Key"}], "headers": {"X-Key": "${key}"}}"#,
            r#"{"scheme": "bearer"}"#,
            r#"{"scheme": "basic"}"#,
            r#"{"scheme": "digest"}"#,
            r#"{"scheme": "hmac_signature", "sign": ["${body}"], "headers": {"X-Sign": "${signature}"}}"#,
            r#"{"scheme": "aws_sigv4", "region": "us-east-1", "service": "s3"}"#,
            r#"{"scheme": "oauth1", "client": "vault:a"}"#,
            r#"{"scheme": "mutual_tls", "with": {"scheme": "basic"}}"#,
            r#"{"scheme": "session_login", "fields": [], "login": {"url": "https://a.example/login"}}"#,
            r#"{"scheme": "two_step_token", "fields": [], "calls": [{"url": "https://a.example/t"}],
                "token": "$.token"}"#,
            r#"{"scheme": "choice", "configs": {"key": {"scheme": "api_key"}}}"#,
            r#"{"scheme": "oauth2_authorization_code", "authorize_url": "https://a.example/authorize",
                "token_url": "https://a.example/token", "client": "vault:a"}"#,
            r#"{"scheme": "oauth2_client_credentials"}"#,
            r#"{"scheme": "oauth2_password"}"#,
            r#"{"scheme": "oauth2_jwt_bearer"}"#,
            r#"{"scheme": "oauth2_device_code"}"#,
            r#"{"scheme": "oauth2_token_exchange"}"#,
        ];
        for text in configs {
            let config: AuthConfig = serde_json::from_str(text).unwrap();
            let written: serde_json::Value = serde_json::from_str(text).unwrap();
            assert_eq!(scheme_of(&config).name(), written["scheme"]);
            assert_eq!(scheme_of(&config).check(), Ok(()), "{text}");
        }
    }
}

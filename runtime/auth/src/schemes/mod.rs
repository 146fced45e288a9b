//! The register of schemes. A new scheme is a file here, a variant of `AuthConfig` and an arm in
//! [`scheme_of`]; the compiler refuses to forget the last.

mod api_key;
mod none;
mod oauth2_authorization_code;
mod placed;
mod undecided;

use crate::scheme::Scheme;
use sluis_model::connector::AuthConfig;

/// The scheme of an auth config, bound to its parameters. A choice must have been made before, by
/// [`AuthConfig::chosen`]; undecided, it can do nothing.
pub fn scheme_of(config: &AuthConfig) -> Box<dyn Scheme + '_> {
    match config {
        AuthConfig::None {} => Box::new(none::NoCredential),
        AuthConfig::ApiKey(parameters) => Box::new(api_key::KeyOnRequest::new(parameters)),
        AuthConfig::Choice(_) => Box::new(undecided::Undecided),
        AuthConfig::Oauth2AuthorizationCode(parameters) => {
            Box::new(oauth2_authorization_code::AuthorizationCode::new(parameters))
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
            r#"{"scheme": "choice", "configs": {"key": {"scheme": "api_key"}}}"#,
            r#"{"scheme": "oauth2_authorization_code", "authorize_url": "https://a.example/authorize",
                "token_url": "https://a.example/token", "client": "vault:a"}"#,
        ];
        for text in configs {
            let config: AuthConfig = serde_json::from_str(text).unwrap();
            let written: serde_json::Value = serde_json::from_str(text).unwrap();
            assert_eq!(scheme_of(&config).name(), written["scheme"]);
        }
    }
}

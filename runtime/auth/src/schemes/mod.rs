//! The register of schemes. A new scheme is a file here, a variant of `AuthConfig` and an arm in
//! [`scheme_of`]; the compiler refuses to forget the last.

mod none;
mod oauth2_authorization_code;

use crate::scheme::Scheme;
use sluis_model::connector::AuthConfig;

/// The scheme that a connector uses, bound to its parameters.
pub fn scheme_of(config: &AuthConfig) -> Box<dyn Scheme + '_> {
    match config {
        AuthConfig::None {} => Box::new(none::NoCredential),
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

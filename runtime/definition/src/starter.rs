//! The first state of a new connector file: complete enough to pass every check, with a comment at
//! everything that its author will want to change.

use sluis_model::id::Namespace;

/// What a new file is begun with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Starter {
    /// Its namespace.
    pub namespace: Namespace,
    /// Name of the service that people know.
    pub service: String,
    /// Where the service's API stands: `https://api.example.com/v1`.
    pub base_url: String,
    /// How to authenticate.
    pub auth: StarterAuth,
}

/// Ways to authenticate that a file can be begun with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StarterAuth {
    /// No credential.
    None,
    /// A key in a header.
    ApiKey,
    /// A token that a person pastes.
    Bearer,
    /// User name and password.
    Basic,
    /// Consent on a page of the provider.
    Oauth2,
    /// OAuth 2.0 without a person.
    ClientCredentials,
}

impl StarterAuth {
    /// All of them by name.
    pub const ALL: &'static [(&'static str, StarterAuth)] = &[
        ("none", Self::None),
        ("api_key", Self::ApiKey),
        ("bearer", Self::Bearer),
        ("basic", Self::Basic),
        ("oauth2_authorization_code", Self::Oauth2),
        ("oauth2_client_credentials", Self::ClientCredentials),
    ];

    fn text(self, host: &str, namespace: &Namespace) -> String {
        match self {
            Self::None => "auth: { scheme: none }\n".to_owned(),
            Self::ApiKey => {
                "auth:\n  scheme: api_key\n  in: header                        # or query, cookie, body\n  \
                             name: X-Api-Key                   # the name of the header\n"
                    .to_owned()
            }
            Self::Bearer => {
                "auth: { scheme: bearer }          # a token that an admin pastes once\n".to_owned()
            }
            Self::Basic => {
                "auth: { scheme: basic }           # user name and password, entered once\n".to_owned()
            }
            Self::Oauth2 => format!(
                "auth:\n  scheme: oauth2_authorization_code\n  authorize_url: https://{host}/oauth/authorize   \
                 # from the provider's documentation\n  token_url: https://{host}/oauth/token\n  # revoke_url: https://{host}/oauth/revoke\n  \
                 scopes: [read]                    # ask for no more than the APIs below need\n  \
                 client: vault:{namespace}         # keep it: sluis connector client {namespace} --id CLIENT_ID\n"
            ),
            Self::ClientCredentials => format!(
                "auth:\n  scheme: oauth2_client_credentials\n  token_url: https://{host}/oauth/token\n  \
                 scopes: [read]                    # ask for no more than the APIs below need\n  \
                 client: vault:{namespace}         # keep it: sluis connector client {namespace} --id CLIENT_ID\n"
            ),
        }
    }
}

impl Starter {
    /// The text of the file.
    pub fn text(&self) -> String {
        let Self { namespace, service, base_url, auth } = self;
        let base = base_url.trim_end_matches('/');
        let host = base.split_once("://").map_or(base, |(_, rest)| rest).split('/').next().unwrap_or(base);
        let auth = auth.text(host, namespace);
        // As JSON a text is YAML as well, whatever stands in it.
        let service = serde_json::Value::from(service.as_str());
        format!(
            "# What this file may say: spec/connector/README.md. Look at it often with: sluis connector check FILE
sluis: 1
namespace: {namespace}
description: What can be done with it, in a sentence.
service:
  name: {service}
  # documentation: https://{host}/docs
  base_url: {base}

# How to authenticate. No secret stands in this file: an admin enters it, or the provider gives it.
{auth}
# The only hosts that requests, and the credential, may go to.
hosts: [\"{host}\"]

apis:
  # Scripts call it as {namespace}.items.list.
  items.list:
    description: Lists items.
    method: GET
    url: {base}/items
    query: {{ limit: \"${{limit}}\" }}     # left out where no limit is given
    inputs:
      limit: {{ type: number, description: Most items that are wanted., required: false, example: 10 }}
    effect: read                      # it changes nothing, so it may be repeated
    tests:                            # sluis connector test FILE
      - name: at most two items
        inputs: {{ limit: 2 }}
        expect: {{ status: 200 }}

  items.add:
    description: Adds an item.
    method: POST
    url: {base}/items
    body:
      json: {{ name: \"${{name}}\" }}
    inputs:
      name: {{ type: text, description: What it is called., example: Rex }}
    effect: write
"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_beginning_is_a_sound_file() {
        for (name, auth) in StarterAuth::ALL {
            for (service, base_url) in [
                ("Pets", "https://api.example.com/v1"),
                ("A \"strange\": name # of\na service", "https://api.example.com:8443/"),
                ("x", "http://127.0.0.1:8080"),
            ] {
                let starter = Starter {
                    namespace: "pets".parse().unwrap(),
                    service: service.to_owned(),
                    base_url: base_url.to_owned(),
                    auth: *auth,
                };
                let read = crate::read("connector.yaml", &starter.text(), &|_| Err(String::new()));
                let definition = read.unwrap_or_else(|problems| panic!("{name} {base_url}: {}", problems[0]));
                assert_eq!(definition.service.name, service);
                assert_eq!(serde_json::to_value(&definition.auth).unwrap()["scheme"], *name);
            }
        }
    }
}

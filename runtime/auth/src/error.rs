//! Why a scheme could not build a request or use a credential.

use sluis_model::error::{Failure, Reason};

/// A configuration or a credential that cannot be used. Holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// A URL of the auth config cannot be used.
    #[error("`{field}` of the connector's auth config cannot be used: {why}")]
    BadEndpoint {
        /// Field of the connector file: `authorize_url`.
        field: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// A parameter of the auth config cannot be used.
    #[error("`{field}` of the connector's auth config cannot be used: {why}")]
    BadParameter {
        /// Which: `calls[0].keep.id`.
        field: String,
        /// What is wrong with it.
        why: String,
    },
    /// A parameter that the flow itself sets stands in `authorize_params` or in `authorize_url`.
    #[error("the connector's auth config sets the parameter `{name}`, which the authorization itself sets")]
    ReservedParameter {
        /// The parameter.
        name: String,
    },
    /// The redirect URI built from the public URL is not usable.
    #[error("the redirect URI `{uri}` cannot be used: {why}")]
    BadRedirectUri {
        /// The URI.
        uri: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The scheme does not know this step, for example an authorization without a person.
    #[error("the scheme `{scheme}` has no step `{step}`")]
    NoSuchStep {
        /// Name of the scheme.
        scheme: &'static str,
        /// The step asked for.
        step: &'static str,
    },
    /// The scheme needs a client registration and was given none.
    #[error("the scheme `{scheme}` needs a client registered at the provider, and the connector names none")]
    NoClient {
        /// Name of the scheme.
        scheme: &'static str,
    },
    /// The client registration cannot do what the scheme needs of it.
    #[error("the client registered at the provider cannot be used: {why}")]
    UnusableClient {
        /// What is wrong with it; no value of it.
        why: String,
    },
    /// The connection lacks a value that somebody enters.
    #[error("the connection holds no `{field}`")]
    MissingField {
        /// Name of the field.
        field: String,
    },
    /// A value that was entered cannot be used.
    #[error("the `{field}` that was entered cannot be used: {why}")]
    BadField {
        /// Name of the field.
        field: String,
        /// What is wrong with it; never the value.
        why: String,
    },
    /// The credential cannot be put on this request.
    #[error("the credential cannot be put on this request: {why}")]
    BadRequest {
        /// What is wrong with the request.
        why: String,
    },
    /// The stored access token cannot stand in a header.
    #[error("the stored access token holds characters that cannot be sent in a header")]
    UnusableToken,
}

impl AuthError {
    /// Who can mend it, and how.
    pub fn help(&self) -> &'static str {
        match self {
            AuthError::BadEndpoint { .. } => {
                "the connector's author corrects the URL in the connector file and releases it again"
            }
            AuthError::BadParameter { .. } => {
                "the connector's author corrects it in the connector file and releases it again"
            }
            AuthError::ReservedParameter { .. } => {
                "the connector's author removes it; scopes go under `scopes`, the client under `client`"
            }
            AuthError::BadRedirectUri { .. } => {
                "the operator sets `public_url` to the absolute address under which browsers reach this server"
            }
            AuthError::NoSuchStep { .. } => {
                "a connector of this scheme needs no authorization; call it directly"
            }
            AuthError::NoClient { .. } => {
                "the connector's author adds `client` to the auth config and releases it again"
            }
            AuthError::UnusableClient { .. } => {
                "the operator compares the registration with what the provider shows, and with `client_auth` of the \
                 connector"
            }
            AuthError::MissingField { .. } | AuthError::BadField { .. } => {
                "an admin of the org connects it again and enters the value as the service gives it"
            }
            AuthError::BadRequest { .. } => {
                "the connector's author compares the API with the place where the auth config puts the credential"
            }
            AuthError::UnusableToken => "an admin of the org revokes the connection and authorizes it again",
        }
    }
}

impl From<AuthError> for Failure {
    fn from(error: AuthError) -> Failure {
        let reason = match error {
            AuthError::BadEndpoint { .. }
            | AuthError::BadParameter { .. }
            | AuthError::ReservedParameter { .. } => Reason::InvalidDefinition,
            AuthError::BadRedirectUri { .. } => Reason::Internal,
            AuthError::NoSuchStep { .. } | AuthError::BadField { .. } => Reason::InvalidInput,
            AuthError::NoClient { .. } | AuthError::BadRequest { .. } | AuthError::UnusableClient { .. } => {
                Reason::InvalidDefinition
            }
            AuthError::UnusableToken | AuthError::MissingField { .. } => Reason::NeedsReauthorization,
        };
        Failure::new(reason, error.to_string()).help(error.help())
    }
}

//! Parameters of the scheme `mutual_tls` in a connector file.

use super::AuthConfig;
use serde::{Deserialize, Serialize};

/// A client certificate in the TLS handshake (RFC 8446 §4.4.2), alone or beside another scheme.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MutualTls {
    /// What else authenticates: any scheme but this one, a choice or none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with: Option<Box<AuthConfig>>,
}

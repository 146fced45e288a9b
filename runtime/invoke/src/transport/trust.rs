//! Whom the transport trusts besides the machine's own roots. There is nothing here, or anywhere,
//! that switches checking off.

use reqwest::Certificate;
use std::fmt;

/// Certificates of private authorities, named by the operator.
#[derive(Clone, Default)]
pub struct PrivateRoots {
    pub(super) certificates: Vec<Certificate>,
}

/// Why a text holds no certificates.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no certificate authority can be read: {why}")]
pub struct TrustError {
    /// What is wrong with it.
    pub why: String,
}

impl PrivateRoots {
    /// Reads PEM blocks named `CERTIFICATE`, one or more. A private key among them is refused: it has
    /// no business in a list of whom to trust.
    pub fn from_pem(pem: &[u8]) -> Result<Self, TrustError> {
        let refuse = |why: &str| Err(TrustError { why: why.to_owned() });
        if pem.windows(12).any(|window| window == b"PRIVATE KEY-") {
            return refuse("the file holds a private key; only the authority's certificate belongs there");
        }
        let Ok(certificates) = Certificate::from_pem_bundle(pem) else {
            return refuse("the file is not PEM");
        };
        if certificates.is_empty() {
            return refuse("the file holds no block `-----BEGIN CERTIFICATE-----`");
        }
        let roots = Self { certificates };
        // A block may be PEM and hold no certificate: better said at start than at the first call.
        match reqwest::Client::builder().tls_certs_only(roots.certificates.clone()).build() {
            Ok(_) => Ok(roots),
            Err(_) => refuse("one of its blocks is not a certificate"),
        }
    }

    /// Adds others.
    pub fn extend(&mut self, others: Self) {
        self.certificates.extend(others.certificates);
    }
}

impl fmt::Debug for PrivateRoots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateRoots").field("certificates", &self.certificates.len()).finish()
    }
}

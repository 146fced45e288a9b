//! The HTTP clients behind the transport, built when first needed because loading trust roots takes
//! time. One for the public, one for what the operator has opened by network, and one for each
//! client certificate: connections of two identities never stand in one pool.

use super::error::{TransportError, innermost};
use super::trust::PrivateRoots;
use crate::egress::resolve::GuardedResolver;
use crate::egress::{EgressPolicy, Lookup, Reach};
use reqwest::tls::Version;
use sha2::{Digest, Sha256};
use sluis_auth::ClientIdentity;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;
use zeroize::Zeroizing;

/// Time allowed to connect, within the time allowed in total.
pub(super) const CONNECT_AT_MOST: Duration = Duration::from_secs(10);
/// Idle connections are dropped before servers drop them (Node keeps them for 5 to 72 seconds,
/// load balancers for 60): a request on a dying connection cannot always be repeated.
const IDLE_AT_MOST: Duration = Duration::from_secs(10);
/// Client certificates whose connections are kept open at the same time.
const IDENTITIES_AT_MOST: usize = 64;

/// What one client is for.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Purpose {
    reach: Reach,
    /// SHA-256 of certificate and key.
    identity: [u8; 32],
}

/// All clients of one transport.
pub(super) struct Clients {
    policy: Arc<EgressPolicy>,
    lookup: Arc<dyn Lookup>,
    roots: PrivateRoots,
    public: OnceLock<Result<reqwest::Client, String>>,
    inside: OnceLock<Result<reqwest::Client, String>>,
    /// Last used last.
    identities: Mutex<Vec<(Purpose, reqwest::Client)>>,
}

impl Clients {
    pub(super) fn new(policy: Arc<EgressPolicy>, lookup: Arc<dyn Lookup>, roots: PrivateRoots) -> Self {
        let (public, inside) = (OnceLock::new(), OnceLock::new());
        Self { policy, lookup, roots, public, inside, identities: Mutex::default() }
    }

    /// The client for a request without a client certificate.
    pub(super) fn plain(&self, reach: Reach) -> Result<reqwest::Client, TransportError> {
        let cell = match reach {
            Reach::Public => &self.public,
            Reach::Inside => &self.inside,
        };
        let built = cell.get_or_init(|| self.build(reach, None));
        built.clone().map_err(|why| TransportError::NoClient { why })
    }

    /// The client that shows a certificate; it is used for nothing else.
    pub(super) fn showing(
        &self,
        reach: Reach,
        identity: &ClientIdentity,
        host: &str,
    ) -> Result<reqwest::Client, TransportError> {
        let purpose = Purpose { reach, identity: digest(identity) };
        if let Some(client) = self.used_before(purpose) {
            return Ok(client);
        }
        let refuse = |why: &str| TransportError::Identity { host: host.to_owned(), why: why.to_owned() };
        let (certificate, key) = (identity.certificate.expose(), identity.private_key.expose());
        let together = Zeroizing::new([certificate.as_bytes(), b"\n", key.as_bytes()].concat());
        // Causes are not told on: they may quote what was given.
        let identity = reqwest::Identity::from_pem(&together)
            .map_err(|_| refuse("it takes a PEM certificate and a PEM private key"))?;
        let client = self
            .build(reach, Some(identity))
            .map_err(|_| refuse("certificate and private key do not belong together, or are damaged"))?;
        let mut known = self.identities();
        if known.len() >= IDENTITIES_AT_MOST {
            known.remove(0);
        }
        known.push((purpose, client.clone()));
        Ok(client)
    }

    fn used_before(&self, purpose: Purpose) -> Option<reqwest::Client> {
        let mut known = self.identities();
        let at = known.iter().position(|(other, _)| *other == purpose)?;
        // To the end: what was used last is dropped last.
        let entry = known.remove(at);
        let client = entry.1.clone();
        known.push(entry);
        Some(client)
    }

    fn identities(&self) -> MutexGuard<'_, Vec<(Purpose, reqwest::Client)>> {
        self.identities.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn build(&self, reach: Reach, identity: Option<reqwest::Identity>) -> Result<reqwest::Client, String> {
        let builder = || {
            let resolver =
                GuardedResolver { policy: self.policy.clone(), lookup: self.lookup.clone(), reach };
            let builder = reqwest::Client::builder()
                .dns_resolver(resolver)
                .redirect(reqwest::redirect::Policy::none())
                .referer(false)
                .no_proxy()
                .connect_timeout(CONNECT_AT_MOST)
                .pool_idle_timeout(IDLE_AT_MOST)
                // Bodies are unpacked by us, so that both of their sizes are known.
                .no_gzip()
                .tls_version_min(Version::TLS_1_2);
            match &identity {
                Some(identity) => builder.identity(identity.clone()),
                None => builder,
            }
        };
        let own = || self.roots.certificates.clone();
        // A machine without trust roots can still call loopback services and those of a private
        // authority; https elsewhere then fails with its own error, which names the certificate.
        let merged = builder().tls_certs_merge(own()).build();
        merged.or_else(|_| builder().tls_certs_only(own()).build()).map_err(|error| innermost(&error))
    }
}

fn digest(identity: &ClientIdentity) -> [u8; 32] {
    let (certificate, key) = (identity.certificate.expose(), identity.private_key.expose());
    let mut digest = Sha256::new();
    // The length keeps two pairs apart that are one text when joined.
    digest.update((certificate.len() as u64).to_le_bytes());
    digest.update(certificate);
    digest.update(key);
    digest.finalize().into()
}

//! The HTTP clients behind the transport, built when first needed because loading trust roots takes
//! time: one for the public, one for what the operator has opened by network.

use super::error::{TransportError, innermost};
use super::trust::PrivateRoots;
use crate::egress::resolve::GuardedResolver;
use crate::egress::{EgressPolicy, Lookup, Reach};
use reqwest::tls::Version;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Time allowed to connect, within the time allowed in total.
pub(super) const CONNECT_AT_MOST: Duration = Duration::from_secs(10);
/// Idle connections are dropped before servers drop them (Node keeps them for 5 to 72 seconds,
/// load balancers for 60): a request on a dying connection cannot always be repeated.
const IDLE_AT_MOST: Duration = Duration::from_secs(10);
/// All clients of one transport.
pub(super) struct Clients {
    policy: Arc<EgressPolicy>,
    lookup: Arc<dyn Lookup>,
    roots: PrivateRoots,
    public: OnceLock<Result<reqwest::Client, String>>,
    inside: OnceLock<Result<reqwest::Client, String>>,
}

impl Clients {
    pub(super) fn new(policy: Arc<EgressPolicy>, lookup: Arc<dyn Lookup>, roots: PrivateRoots) -> Self {
        let (public, inside) = (OnceLock::new(), OnceLock::new());
        Self { policy, lookup, roots, public, inside }
    }

    /// The client for a request without a client certificate.
    pub(super) fn plain(&self, reach: Reach) -> Result<reqwest::Client, TransportError> {
        let cell = match reach {
            Reach::Public => &self.public,
            Reach::Inside => &self.inside,
        };
        let built = cell.get_or_init(|| self.build(reach));
        built.clone().map_err(|why| TransportError::NoClient { why })
    }

    fn build(&self, reach: Reach) -> Result<reqwest::Client, String> {
        let builder = || {
            let resolver =
                GuardedResolver { policy: self.policy.clone(), lookup: self.lookup.clone(), reach };
            reqwest::Client::builder()
                .dns_resolver(resolver)
                .redirect(reqwest::redirect::Policy::none())
                .referer(false)
                .no_proxy()
                .connect_timeout(CONNECT_AT_MOST)
                .pool_idle_timeout(IDLE_AT_MOST)
                // Bodies are unpacked by us, so that both of their sizes are known.
                .no_gzip()
                .tls_version_min(Version::TLS_1_2)
        };
        let own = || self.roots.certificates.clone();
        // A machine without trust roots can still call loopback services and those of a private
        // authority; https elsewhere then fails with its own error, which names the certificate.
        let merged = builder().tls_certs_merge(own()).build();
        merged.or_else(|_| builder().tls_certs_only(own()).build()).map_err(|error| innermost(&error))
    }
}

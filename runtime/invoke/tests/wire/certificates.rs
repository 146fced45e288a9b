//! Certificates, good and bad, and servers that show them.

use crate::loopback::{Answering, Seen, serve};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// The name that all servers are called by.
pub const NAME: &str = "service.test";

/// A certificate authority.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate with its key.
pub struct Leaf {
    pub pem: String,
    pub key_pem: String,
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Authority {
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate for a name, changed before it is signed.
    pub fn signs(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Leaf {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        Leaf::of(certificate.pem(), vec![certificate.der().clone()], &key)
    }

    fn roots(&self) -> Arc<rustls::RootCertStore> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        Arc::new(roots)
    }
}

impl Leaf {
    fn of(pem: String, chain: Vec<CertificateDer<'static>>, key: &KeyPair) -> Self {
        let der = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        Self { pem, key_pem: key.serialize_pem(), chain, key: der }
    }

    /// Signed by nobody but itself.
    pub fn self_signed() -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec![NAME.to_owned()]).unwrap().self_signed(&key).unwrap();
        Self::of(certificate.pem(), vec![certificate.der().clone()], &key)
    }
}

pub fn expired(params: &mut CertificateParams) {
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2021, 1, 1);
}

/// How a server greets.
pub struct Greeting {
    config: ServerConfig,
    /// Ends connections without saying so (RFC 8446 §6.1).
    pub ends_abruptly: bool,
}

impl Greeting {
    pub fn with(leaf: Leaf) -> Self {
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(leaf.chain, leaf.key)
            .unwrap();
        Self { config, ends_abruptly: false }
    }

    /// Speaks one version of TLS only.
    pub fn only(version: &'static rustls::SupportedProtocolVersion, leaf: Leaf) -> Self {
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_protocol_versions(&[version])
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(leaf.chain, leaf.key)
            .unwrap();
        Self { config, ends_abruptly: false }
    }

    /// Wants to know who calls, by a certificate of an authority.
    pub fn asking(clients: &Authority, leaf: Leaf) -> Self {
        let provider = Arc::new(default_provider());
        let verifier =
            WebPkiClientVerifier::builder_with_provider(clients.roots(), provider.clone()).build().unwrap();
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(verifier)
            .with_single_cert(leaf.chain, leaf.key)
            .unwrap();
        Self { config, ends_abruptly: false }
    }
}

/// A server over TLS. The request that `answer` is given begins with a line `client NUMBER`, a number
/// for each certificate shown, 0 for none; [`Seen`] keeps the requests in the same form.
pub struct TlsServer {
    pub port: u16,
    pub seen: Seen,
}

impl TlsServer {
    pub async fn start(greeting: Greeting, answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (port, seen) = (listener.local_addr().unwrap().port(), Seen::default());
        let (answer, keeper): (Answering, Seen) = (Arc::new(answer), seen.clone());
        let acceptor = TlsAcceptor::from(Arc::new(greeting.config));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                keeper.connections.fetch_add(1, Ordering::SeqCst);
                let (acceptor, answer, seen) = (acceptor.clone(), answer.clone(), keeper.clone());
                let abruptly = greeting.ends_abruptly;
                tokio::spawn(async move {
                    let Ok(mut stream) = acceptor.accept(stream).await else { return };
                    let shown = stream.get_ref().1.peer_certificates().map(|chain| chain[0].to_vec());
                    let number = shown
                        .map_or(0, |der| der.iter().fold(1_u64, |n, b| n.wrapping_mul(31) + u64::from(*b)));
                    let told: Answering =
                        Arc::new(move |request| answer(&format!("client {number}\n{request}")));
                    if abruptly {
                        abrupt(&mut stream, told).await;
                    } else {
                        serve(stream, told, seen).await;
                    }
                });
            }
        });
        Self { port, seen }
    }

    pub fn url(&self, path: &str) -> url::Url {
        url::Url::parse(&format!("https://{NAME}:{}{path}", self.port)).unwrap()
    }
}

async fn abrupt(stream: &mut tokio_rustls::server::TlsStream<tokio::net::TcpStream>, answer: Answering) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let _ = stream.read(&mut [0; 4096]).await;
    let _ = stream.write_all(&answer("")).await;
    let _ = stream.flush().await;
    // Past the TLS layer: no notice that this is the end.
    let _ = stream.get_mut().0.shutdown().await;
}

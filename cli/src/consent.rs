//! Waiting for a person's consent at the terminal: says what is asked for, opens the browser if
//! there is one, listens for its return, and watches until it is decided.

use crate::outcome::Problem;
use crate::public_address::is_this_machine;
use crate::{browser, terminal};
use sluis_auth::scheme_of;
use sluis_engine::Engine;
use sluis_model::grant::{Grant, GrantOutcome};
use sluis_model::id::{GrantId, OrgId};
use sluis_server::ServerOptions;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use url::{Host, Url};

/// How long one wait for the decision is; then it is begun anew.
const WAIT: Duration = Duration::from_secs(60);
/// How long the browser may take to ask for its last page once the matter is decided.
const LAST_PAGE: Duration = Duration::from_millis(700);
/// How long what is then in flight may take.
const GRACE: Duration = Duration::from_secs(2);

/// An attempt that a person must decide.
pub struct Pending<'a> {
    /// The engine that began it.
    pub engine: &'a Engine,
    /// For whom.
    pub org: &'a OrgId,
    /// The attempt.
    pub grant: &'a GrantId,
    /// Where the person goes.
    pub authorize_url: &'a str,
    /// Whether a browser may be opened.
    pub open_browser: bool,
    /// What to tell about stopping and going on later.
    pub afterwards: &'a str,
}

/// What browsers come back to, and services bring answers to. Stays open for a moment after the decision, because the browser
/// then still fetches the page that tells the person how it went.
#[must_use = "close it, so that the last page is served and the port is free again"]
pub struct Reception {
    stop: oneshot::Sender<()>,
    serving: JoinHandle<std::io::Result<()>>,
    decided_at: Instant,
}

impl Reception {
    /// Binds the address that the browser is sent back to, and serves.
    pub async fn open(engine: &Engine) -> Result<Self, Problem> {
        let listener = listen(engine.public_url()).await?;
        let (stop, stopped) = oneshot::channel::<()>();
        let options = ServerOptions::default();
        let serving = tokio::spawn(sluis_server::serve(listener, engine.clone(), options, async {
            let _ = stopped.await;
        }));
        Ok(Self { stop, serving, decided_at: Instant::now() })
    }

    /// Serves the last page and frees the port.
    pub async fn close(self) {
        tokio::time::sleep_until(self.decided_at + LAST_PAGE).await;
        let _ = self.stop.send(());
        let _ = tokio::time::timeout(GRACE, self.serving).await;
    }
}

/// Waits until the attempt is decided, and answers it; with what must be closed afterwards, if
/// there was something to wait for.
pub async fn wait(pending: &Pending<'_>) -> Result<(Grant, Option<Reception>), Problem> {
    let grant = pending.engine.grant(pending.org, pending.grant).await?;
    if is_decided(&grant) {
        return Ok((grant, None));
    }
    // The listener comes first: whoever clicks fast must find it.
    let mut reception = Reception::open(pending.engine).await?;
    announce(pending, &grant).await?;
    let grant = watch(pending).await?;
    reception.decided_at = Instant::now();
    Ok((grant, Some(reception)))
}

async fn watch(pending: &Pending<'_>) -> Result<Grant, Problem> {
    loop {
        let grant = pending.engine.grant_when_decided(pending.org, pending.grant, WAIT).await?;
        if is_decided(&grant) {
            return Ok(grant);
        }
    }
}

fn is_decided(grant: &Grant) -> bool {
    !matches!(grant.outcome, GrantOutcome::Waiting | GrantOutcome::Exchanging)
}

async fn announce(pending: &Pending<'_>, grant: &Grant) -> Result<(), Problem> {
    let release = pending.engine.release_of(&grant.connector, grant.release).await?;
    let auth = release.definition.auth.chosen(grant.auth.as_deref());
    let scopes = auth.map(|config| scope_list(scheme_of(config).scopes())).unwrap_or_default();
    terminal::heed(format!("{} asks for your consent: {scopes}", grant.connector));
    if let Some(device) = &grant.device {
        // Never opened by itself: the code shows on the screen that the person looks at (RFC 8628 §5.4).
        terminal::err(format!(
            "  Open {} on any device and enter the code {}; {}\n  {}\n",
            device.verification_uri, device.user_code, pending.afterwards, pending.authorize_url
        ));
        return Ok(());
    }
    if pending.open_browser && is_this_machine(pending.engine.public_url()) {
        // Whoever sits here has asked for it; the provider asks them anyway.
        pending.engine.let_straight_on(pending.org, pending.grant).await?;
    }
    let opened = pending.open_browser && browser::open(pending.authorize_url);
    let how = if opened { "If no page opened in your browser, open this link" } else { "Open this link" };
    terminal::err(format!("  {how}; {}\n  {}\n", pending.afterwards, pending.authorize_url));
    Ok(())
}

fn scope_list(scopes: &[String]) -> String {
    if scopes.is_empty() { "access to the account".to_owned() } else { scopes.join(", ") }
}

/// Binds the address that the browser is sent back to.
pub async fn listen(public_url: &Url) -> Result<TcpListener, Problem> {
    let (host, port) = local_address(public_url);
    TcpListener::bind((host.as_str(), port)).await.map_err(|error| {
        Problem::environment(format!("{host}:{port} cannot be listened on ({error}), and browsers come back there after consent, services with answers"))
            .help(format!(
                "stop what listens there (perhaps `sluis serve`), or choose another address: --public-url http://127.0.0.1:{}\n\
                 (its redirect URI must be registered at the provider)",
                if port == u16::MAX { port - 1 } else { port + 1 }
            ))
    })
}

/// Where to listen so that requests to the public URL arrive: its own host and port if that is this
/// machine, else its port on the loopback address, where a proxy hands them on.
pub fn local_address(public_url: &Url) -> (String, u16) {
    let port = public_url.port();
    match public_url.host() {
        Some(Host::Ipv4(ip)) if ip.is_loopback() => (ip.to_string(), port.unwrap_or(80)),
        Some(Host::Ipv6(ip)) if ip.is_loopback() => (ip.to_string(), port.unwrap_or(80)),
        Some(Host::Domain("localhost")) => ("localhost".to_owned(), port.unwrap_or(80)),
        _ => ("127.0.0.1".to_owned(), port.unwrap_or(7878)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(url: &str) -> (String, u16) {
        local_address(&Url::parse(url).unwrap())
    }

    #[test]
    fn a_local_public_url_is_listened_on_as_it_stands() {
        assert_eq!(address("http://127.0.0.1:7878"), ("127.0.0.1".to_owned(), 7878));
        assert_eq!(address("http://[::1]:9"), ("::1".to_owned(), 9));
        assert_eq!(address("http://localhost"), ("localhost".to_owned(), 80));
    }

    #[test]
    fn behind_a_proxy_the_loopback_address_is_listened_on() {
        assert_eq!(address("https://sluis.example.com"), ("127.0.0.1".to_owned(), 7878));
        assert_eq!(address("https://sluis.example.com:8443/base"), ("127.0.0.1".to_owned(), 8443));
    }
}

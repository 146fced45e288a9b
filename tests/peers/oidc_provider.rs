//! npm `oidc-provider`, a certified authorization server, with an API that echoes what it is sent.
//!
//! PKCE is required and refresh tokens rotate, with reuse ending the grant. Nobody sits in front of
//! the browser: `login_hint` says who consents, and `deny` refuses.

use super::browser::{Arrival, Browser};
use super::install;
use anyhow::{Context as _, Result, bail, ensure};
use reqwest::Client as HttpClient;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::task::spawn_blocking;
use url::Url;

/// How long the server may take to start. It takes half a second; a loaded machine needs more.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// How a registered client authenticates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAuth {
    /// `client_secret_basic`.
    Basic,
    /// `client_secret_post`.
    Post,
    /// None: a public client.
    Public,
    /// `client_secret_jwt`.
    SecretJwt,
    /// `private_key_jwt`.
    PrivateKeyJwt,
}

/// A client that is registered at the server.
#[derive(Clone, Copy, Debug)]
pub struct Client {
    /// Its identifier.
    pub id: &'static str,
    /// Its secret; empty for a public client.
    pub secret: &'static str,
    /// The one way in which it may authenticate.
    pub auth: ClientAuth,
}

/// The registered clients, as in `oidc-provider/settings.mjs`. All may use the scopes `openid`,
/// `offline_access`, `email`, `items:read` and `items:write`.
pub mod clients {
    use super::{Client, ClientAuth};

    /// Authenticates by Basic.
    pub const BASIC: Client =
        Client { id: "sluis-basic", secret: "basic-secret-of-the-test-peer", auth: ClientAuth::Basic };
    /// Authenticates in the body.
    pub const POST: Client =
        Client { id: "sluis-post", secret: "post-secret-of-the-test-peer", auth: ClientAuth::Post };
    /// By Basic, with every reserved character in its secret and some in its identifier.
    pub const ODD: Client =
        Client { id: "sluis:odd/client+1", secret: "s3cr%3At: /?#[]@!$&'()*+,;=%", auth: ClientAuth::Basic };
    /// Signs with its secret.
    pub const MAC: Client = Client {
        id: "sluis-mac",
        secret: "mac-secret-of-the-test-peer-of-32-bytes-and-more",
        auth: ClientAuth::SecretJwt,
    };
    /// Signs with its key, whose public half is [`super::OidcOptions::client_key`].
    pub const KEY: Client = Client { id: "sluis-key", secret: "", auth: ClientAuth::PrivateKeyJwt };
    /// A public client.
    pub const PUBLIC: Client = Client { id: "sluis-public", secret: "", auth: ClientAuth::Public };
}

/// What can be chosen about the server.
#[derive(Clone, Debug)]
pub struct OidcOptions {
    /// Redirect URIs of every client; none may hold a space.
    pub redirect_uris: Vec<String>,
    /// Lifetime of access tokens, in seconds.
    pub access_token_ttl_s: u32,
    /// Lifetime of refresh tokens and grants, in seconds.
    pub refresh_token_ttl_s: u32,
    /// Lifetime of codes, in seconds.
    pub code_ttl_s: u32,
    /// Whether refresh tokens rotate. Without it one may be used many times.
    pub rotate: bool,
    /// Whether every client needs PKCE.
    pub pkce_required: bool,
    /// Whether every authorization request must have been pushed (RFC 9126).
    pub par_required: bool,
    /// Public key of the client [`clients::KEY`], which there is only then, and its `kid`: RSA, in PEM.
    pub client_key: Option<(String, String)>,
}

impl Default for OidcOptions {
    fn default() -> Self {
        Self {
            redirect_uris: vec!["http://127.0.0.1:8080/oauth/callback".to_owned()],
            access_token_ttl_s: 60,
            refresh_token_ttl_s: 24 * 3600,
            code_ttl_s: 60,
            rotate: true,
            pkce_required: true,
            par_required: false,
            client_key: None,
        }
    }
}

/// What the server has counted.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Stats {
    /// Grants by outcome: `refresh_token ok`, `authorization_code invalid_grant`, …
    pub tokens: BTreeMap<String, u64>,
    /// Requests to the token endpoint, those answered by a fault included.
    pub token_requests: u64,
    /// Requests to the revocation endpoint.
    pub revocations: u64,
    /// Requests to the API, whether or not their token was good.
    pub api_calls: u64,
    /// Errors in words, for a test that wonders.
    pub log: Vec<String>,
}

impl Stats {
    /// How often this grant type ended so, such as `("refresh_token", "ok")`.
    pub fn count(&self, grant_type: &str, outcome: &str) -> u64 {
        self.tokens.get(&format!("{grant_type} {outcome}")).copied().unwrap_or_default()
    }
}

/// How a request is answered wrongly.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "mode", rename_all = "snake_case")]
pub enum FaultMode {
    /// This status with this JSON, or `{"error": "server_error"}`.
    Status {
        /// The status.
        status: u16,
        /// The body.
        #[serde(skip_serializing_if = "Option::is_none")]
        body: Option<String>,
    },
    /// 200 with JSON that ends in the middle.
    Garbage,
    /// 200 with a sign-in page of a network.
    Html200,
    /// 200 with exactly this body, said to be JSON.
    Raw {
        /// The body.
        body: String,
    },
    /// The connection is reset before anything is done.
    Reset,
    /// No answer ever.
    Hang,
    /// A right answer, late.
    Delay {
        /// How late, in milliseconds.
        delay_ms: u64,
    },
    /// The request is carried out, and then the connection is reset: nobody hears the answer.
    LostAnswer,
}

/// The next `count` requests to `path` are answered wrongly.
#[derive(Clone, Debug, Serialize)]
pub struct Fault {
    /// Path of the endpoint: `/token`, `/token/revocation`, `/api/…`.
    pub path: String,
    /// How many requests it hits.
    pub count: u32,
    /// What happens to them.
    #[serde(flatten)]
    pub mode: FaultMode,
}

impl Fault {
    /// A fault of the token endpoint.
    pub fn token(count: u32, mode: FaultMode) -> Self {
        Self { path: "/token".to_owned(), count, mode }
    }
}

/// A running server. It ends when this is dropped.
pub struct OidcProvider {
    /// Issuer identifier and base of every address.
    pub issuer: String,
    /// Base of the API: any path below it echoes method, path, query, headers and body to the
    /// holder of a live token, and answers 401 to anybody else.
    pub api: String,
    redirect_uris: Vec<String>,
    http: HttpClient,
    process: Child,
}

#[derive(Deserialize)]
struct FirstLine {
    issuer: String,
    api: String,
}

impl OidcProvider {
    /// Starts a server on a free port; installs it first when nobody has.
    ///
    /// # Errors
    /// When node or npm is missing, or the server does not start; the message holds what it said.
    pub async fn start(options: OidcOptions) -> Result<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/oidc-provider");
        let of_npm = folder.clone();
        spawn_blocking(move || install::npm_ci(&of_npm)).await??;
        let flag = |on: bool| if on { "1" } else { "0" };
        let (key, key_id) = options.client_key.unwrap_or_default();
        let mut process = Command::new("node")
            .arg("server.mjs")
            .current_dir(folder)
            .env("PORT", "0")
            .env("REDIRECT_URIS", options.redirect_uris.join(" "))
            .env("ACCESS_TOKEN_TTL", options.access_token_ttl_s.to_string())
            .env("REFRESH_TOKEN_TTL", options.refresh_token_ttl_s.to_string())
            .env("CODE_TTL", options.code_ttl_s.to_string())
            .env("ROTATE", flag(options.rotate))
            .env("PKCE_REQUIRED", flag(options.pkce_required))
            .env("PAR_REQUIRED", flag(options.par_required))
            .env("CLIENT_KEY", &key)
            .env("CLIENT_KEY_ID", &key_id)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("node is needed to start this peer; `cargo xtask ci` installs it or says how")?;
        let FirstLine { issuer, api } = first_line(&mut process).await?;
        let http = HttpClient::builder().no_proxy().timeout(Duration::from_secs(20)).build()?;
        Ok(Self { issuer, api, redirect_uris: options.redirect_uris, http, process })
    }

    /// Address that a browser is sent to for consent.
    pub fn authorize_url(&self) -> String {
        format!("{}/auth", self.issuer)
    }

    /// Address of the token endpoint.
    pub fn token_url(&self) -> String {
        format!("{}/token", self.issuer)
    }

    /// Address of the revocation endpoint.
    pub fn revoke_url(&self) -> String {
        format!("{}/token/revocation", self.issuer)
    }

    /// Address where devices get their codes.
    pub fn device_url(&self) -> String {
        format!("{}/device/auth", self.issuer)
    }

    /// What the server has counted so far.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn stats(&self) -> Result<Stats> {
        self.control("stats", &()).await
    }

    /// Replaces the faults; an empty list makes the server honest again.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn set_faults(&self, faults: &[Fault]) -> Result<()> {
        self.control("faults", faults).await.map(|_: serde_json::Value| ())
    }

    /// Ends every grant, as if the person withdrew consent; says how many there were.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn revoke_grants(&self) -> Result<u64> {
        let ended: BTreeMap<String, u64> = self.control("revoke-grants", &()).await?;
        Ok(ended.get("grants").copied().unwrap_or_default())
    }

    /// An access token of a person, which this client got with these scopes.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn issue_token(&self, client: &str, account: &str, scope: &str) -> Result<String> {
        let wanted = serde_json::json!({"client": client, "account": account, "scope": scope});
        let issued: BTreeMap<String, String> = self.control("issue-token", &wanted).await?;
        issued.get("token").cloned().context("no token was issued")
    }

    /// Makes every access token invalid; refresh tokens stay good. Says how many there were.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn expire_access_tokens(&self) -> Result<u64> {
        let ended: BTreeMap<String, u64> = self.control("expire-access-tokens", &()).await?;
        Ok(ended.get("tokens").copied().unwrap_or_default())
    }

    /// Forgets the codes of devices, as when nobody enters them in time.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn expire_device_codes(&self) -> Result<u64> {
        let ended: BTreeMap<String, u64> = self.control("expire-device-codes", &()).await?;
        Ok(ended.get("codes").copied().unwrap_or_default())
    }

    /// Walks through consent as a new browser does, and gives the address that it is sent back to,
    /// with code or error in its query. It is not fetched.
    ///
    /// # Errors
    /// When the server shows an error page, which is what it does for a wrong client or redirect URI.
    pub async fn consent(&self, authorize_url: &str) -> Result<Url> {
        self.consent_with(&Browser::new()?, authorize_url).await
    }

    /// The same with a browser that may have been here before.
    ///
    /// # Errors
    /// As for [`OidcProvider::consent`].
    pub async fn consent_with(&self, browser: &Browser, authorize_url: &str) -> Result<Url> {
        let url = Url::parse(authorize_url)?;
        let asked =
            url.query_pairs().find(|(name, _)| name == "redirect_uri").map(|(_, uri)| uri.into_owned());
        let awaited = asked.filter(|uri| self.redirect_uris.contains(uri)).unwrap_or_default();
        match browser.open(url, &awaited).await? {
            Arrival::Awaited(url) => Ok(url),
            Arrival::Page(page) => bail!("the server shows {} instead: {}", page.status, page.body),
        }
    }

    /// Stops the server and waits until it is gone, for tests of a provider that is down.
    ///
    /// # Errors
    /// When the process cannot be ended.
    pub async fn stop(mut self) -> Result<()> {
        self.process.kill().await.context("ending the peer")
    }

    async fn control<T: DeserializeOwned>(&self, name: &str, body: &(impl Serialize + ?Sized)) -> Result<T> {
        let url = format!("{}/control/{name}", self.issuer);
        let response = self.http.post(url).body(serde_json::to_vec(body)?).send().await?;
        let (status, bytes) = (response.status(), response.bytes().await?);
        ensure!(status.is_success(), "the peer answered {status}: {}", String::from_utf8_lossy(&bytes));
        Ok(serde_json::from_slice(&bytes)?)
    }
}

/// Waits for the line that says where the server is. When there is none, the error holds what the
/// server complained about.
async fn first_line(process: &mut Child) -> Result<FirstLine> {
    let (stdout, stderr) = (process.stdout.take(), process.stderr.take());
    let (stdout, mut stderr) = stdout.zip(stderr).context("the peer has no pipes")?;
    let mut line = String::new();
    let mut reader = BufReader::new(stdout);
    let read = tokio::time::timeout(START_TIMEOUT, reader.read_line(&mut line)).await;
    if !matches!(read, Ok(Ok(length)) if length > 0) {
        process.start_kill().context("ending a peer that does not start")?;
        let mut complaint = String::new();
        stderr.read_to_string(&mut complaint).await.context("what the peer complained about")?;
        bail!("oidc-provider did not start:\n{complaint}");
    }
    // Whatever it still has to say is read, so that it never waits for a full pipe.
    tokio::spawn(async move { tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await });
    serde_json::from_str(&line).with_context(|| format!("the peer's first line is {line:?}"))
}

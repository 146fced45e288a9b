//! `sluis serve`: scripts, APIs and authorizations over HTTP.

use crate::args::Global;
use crate::data_dir::DataDir;
use crate::outcome::{Exit, Outcome, Problem};
use crate::public_address::{self, Reached};
use crate::{consent, local_engine, runtime, terminal};
use clap::Args;
use sluis_engine::Engine;
use sluis_lang::vm::Limits;
use sluis_model::id::OrgId;
use sluis_model::ports::Randomness as _;
use sluis_model::secret::SecretText;
use sluis_server::{Drain, Origin, RateLimits, ServerOptions, TrustedProxy};
use sluis_vault::rotation::org::SETTLE_MS;
use std::io::Write as _;
use std::num::NonZeroU32;
use std::path::Path;
use std::time::Duration;
use tokio::net::TcpListener;

/// How often sessions and invitations that are over are removed.
const FORGET_EVERY: Duration = Duration::from_secs(3_600);
/// How often it is told how many lines of the log were lost.
const LOST_LINES_EVERY: Duration = Duration::from_secs(10);
/// How often what is due in the outbox is looked for.
const OUTBOX_EVERY: Duration = Duration::from_secs(15);
/// Environment variable that sets the token of the HTTP API.
const TOKEN_VARIABLE: &str = "SLUIS_API_TOKEN";
/// Environment variable that sets the token of `/metrics`.
const METRICS_TOKEN_VARIABLE: &str = "SLUIS_METRICS_TOKEN";

/// Pause between rounds of renewing ahead of time.
const RENEWAL_ROUNDS: Duration = Duration::from_secs(30);

/// Arguments of `sluis serve`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sluis serve
  sluis serve --listen 0.0.0.0:8080 --public-url https://sluis.example.com
  sluis serve --metrics 127.0.0.1:9090 --rate-limit 6000 --allow-origin https://app.example.com")]
pub struct ServeArgs {
    /// Address to listen on [default: host and port of the public URL, if they are this machine's]
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Organisation whose connectors workflow backends find at the root, where their key does not say
    #[arg(long, value_name = "ORG")]
    connector_proxy: Option<OrgId>,
    /// Address at which metrics are shown to everyone who reaches it; with SLUIS_METRICS_TOKEN set they
    /// stand behind that token at the server's own address as well
    #[arg(long, value_name = "ADDR")]
    metrics: Option<String>,
    /// Jobs that are worked on at the same time: queued runs, schedules; 0 leaves them to other nodes
    #[arg(long, value_name = "N", default_value_t = 16)]
    jobs: usize,
    /// Requests a minute that are taken with one token; 0 is no limit
    #[arg(long, value_name = "N", default_value_t = 60_000)]
    rate_limit: u32,
    /// Requests a minute that are taken from one address; 0 is no limit. Behind a proxy name that as well
    #[arg(long, value_name = "N", default_value_t = 0)]
    rate_limit_address: u32,
    /// Proxy or balancer whose X-Forwarded-For is believed: an address or a network such as 10.0.0.0/8; may be repeated
    #[arg(long, value_name = "NETWORK")]
    trusted_proxy: Vec<TrustedProxy>,
    /// Origin whose pages may call the API with a token, such as https://app.example.com; may be repeated
    #[arg(long, value_name = "ORIGIN")]
    allow_origin: Vec<Origin>,
    /// Seconds for which requests are still taken after a stop, while /readyz sends balancers away
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    drain: u64,
    /// Seconds that requests in flight have after that
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    grace: u64,
}

impl ServeArgs {
    fn options(&self, token: SecretText) -> ServerOptions {
        let drain = Drain { notice: Duration::from_secs(self.drain), grace: Duration::from_secs(self.grace) };
        let (per_token, per_address) = (self.rate_limit, self.rate_limit_address);
        ServerOptions {
            api_token: Some(token),
            resume_runs: true,
            jobs: self.jobs,
            proxy_org: self.connector_proxy.clone(),
            metrics_token: metrics_token(),
            rate_limits: RateLimits {
                per_token: NonZeroU32::new(per_token),
                per_address: NonZeroU32::new(per_address),
            },
            trusted_proxies: self.trusted_proxy.clone(),
            allow_origins: self.allow_origin.clone(),
            drain,
        }
    }

    /// Shows metrics beside everything else, where an address is named.
    async fn show_metrics(&self) -> Result<(), Problem> {
        let Some(address) = &self.metrics else { return Ok(()) };
        let listener = bind(address).await?;
        let shown = listener.local_addr().map_err(|error| Problem::environment(error.to_string()))?;
        terminal::err(format!("sluis: metrics at http://{shown}/metrics\n"));
        tokio::spawn(async move {
            if let Err(error) = sluis_server::serve_metrics(listener).await {
                terminal::heed(format!("metrics are not shown any more: {error}"));
            }
        });
        Ok(())
    }
}

fn metrics_token() -> Option<SecretText> {
    let token = std::env::var(METRICS_TOKEN_VARIABLE).ok()?;
    (!token.trim().is_empty()).then(|| token.trim().into())
}

/// Runs the verb.
pub fn run(global: &Global, args: &ServeArgs) -> Outcome {
    let dir = DataDir::of(global)?;
    let engine = local_engine::build(global, Limits::server())?;
    runtime::on_all_cores(async {
        let listener = match &args.listen {
            Some(address) => bind(address).await?,
            None => consent::listen(&global.public_url).await?,
        };
        // The store is opened, and what the last process left is put in order, before anyone is
        // answered.
        engine.recover().await?;
        let token = api_token(&dir)?;
        // Changes of keys that the last process has begun go on beside everything else.
        let resumed = engine.clone();
        tokio::spawn(async move { resumed.resume_org_key_rotations(SETTLE_MS).await });
        announce(&listener, &engine)?;
        // A wrong name is a wrong answer of the doctor, never a reason not to serve.
        let _ = std::fs::write(dir.instance(), engine.instance());
        tokio::spawn(verify(engine.clone()));
        args.show_metrics().await?;
        let options = args.options(token);
        let renewing = engine.clone();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let renewals = tokio::spawn(async move {
            // An error means that the sender is gone, which is a reason to stop as well.
            renewing.keep_renewing(RENEWAL_ROUNDS, async move { drop(stopped.await) }).await;
        });
        let outbox = tokio::spawn({
            let engine = engine.clone();
            async move { engine.keep_working_outbox(OUTBOX_EVERY).await }
        });
        let forgetting = tokio::spawn({
            let engine = engine.clone();
            async move { engine.keep_forgetting(FORGET_EVERY).await }
        });
        let counting = tokio::spawn(async {
            loop {
                tokio::time::sleep(LOST_LINES_EVERY).await;
                sluis_server::lost_log_lines(crate::logging::lost_lines());
            }
        });
        let served = sluis_server::serve(listener, engine.clone(), options, stop_signal()).await;
        drop(stop);
        let _ = renewals.await;
        // Each step of it is on disk: the next start goes on where this one is cut off.
        outbox.abort();
        forgetting.abort();
        counting.abort();
        let closed = engine.close().await;
        served.map_err(|error| Problem::environment(format!("the server stopped: {error}")))?;
        closed?;
        terminal::err("sluis: stopped in order\n");
        Ok(Exit::Done)
    })
}

/// Says whether requests to the public URL arrive at this process.
async fn verify(engine: Engine) {
    let url = engine.public_url();
    match public_address::ask(url).await {
        Reached::Instance(found) if found == engine.instance() => {
            terminal::err(format!("sluis: requests to {url} arrive here\n"));
        }
        Reached::Instance(_) => terminal::heed(format!("another sluis answers at {url}; see: sluis doctor")),
        Reached::Otherwise(status) => terminal::heed(format!(
            "what answers at {url} is no sluis (status {status}); consent will not come back; see: sluis doctor"
        )),
        Reached::Not(why) => {
            terminal::note(format!(
                "{url} cannot be reached from this machine ({why}); browsers must reach it"
            ));
        }
    }
}

async fn bind(address: &str) -> Result<TcpListener, Problem> {
    TcpListener::bind(address).await.map_err(|error| {
        Problem::environment(format!("{address} cannot be listened on: {error}"))
            .help("choose another one, for example: --listen 127.0.0.1:8080")
    })
}

fn announce(listener: &TcpListener, engine: &Engine) -> Result<(), Problem> {
    let address = listener.local_addr().map_err(|error| Problem::environment(error.to_string()))?;
    let url = engine.public_url();
    let base = url.as_str().trim_end_matches('/');
    terminal::err(format!(
        "sluis: listening on http://{address}, reached by browsers at {url}\n\
         sluis: redirect URIs to register at providers: {base}/oauth/callback/ORG/NAMESPACE\n"
    ));
    Ok(())
}

/// The token of the HTTP API: from the environment, else from a file that is made at first start.
fn api_token(dir: &DataDir) -> Result<SecretText, Problem> {
    if let Ok(token) = std::env::var(TOKEN_VARIABLE)
        && !token.trim().is_empty()
    {
        return Ok(token.trim().into());
    }
    let path = dir.api_token();
    let unusable = |error: std::io::Error| {
        Problem::environment(format!("the API token {} cannot be used: {error}", path.display()))
            .help(format!("check the file, or set {TOKEN_VARIABLE}"))
    };
    match std::fs::read_to_string(&path) {
        Ok(text) if !text.trim().is_empty() => Ok(text.trim().into()),
        Ok(_) => Err(Problem::environment(format!("the API token {} is empty", path.display()))
            .help(format!("remove the file to get a new token, or set {TOKEN_VARIABLE}"))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            dir.make()?;
            let token = make_token();
            write_private(&path, &token).map_err(unusable)?;
            terminal::note(format!(
                "a token for the HTTP API was made: {}\n      callers send it: curl -H \"Authorization: Bearer $(cat '{}')\" …",
                path.display(),
                path.display()
            ));
            Ok(token)
        }
        Err(error) => Err(unusable(error)),
    }
}

/// 256 random bits after a prefix that secret scanners can look for.
fn make_token() -> SecretText {
    let mut bytes = [0u8; 32];
    sluis_vault::SystemRandomness.fill(&mut bytes);
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("slt_{digits}").into()
}

fn write_private(path: &Path, token: &SecretText) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    writeln!(file, "{}", token.expose())?;
    file.sync_all()
}

/// Ends with SIGTERM or SIGINT.
async fn stop_signal() {
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let terminated = async {
            match signal(SignalKind::terminate()) {
                Ok(mut signal) => drop(signal.recv().await),
                Err(_) => std::future::pending::<()>().await,
            }
        };
        tokio::select! { () = interrupted => {}, () = terminated => {} }
    }
    #[cfg(not(unix))]
    interrupted.await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_token_is_long_and_never_the_same() {
        let (a, b) = (make_token(), make_token());
        assert_eq!(a.expose().len(), 4 + 64);
        assert_ne!(a.expose(), b.expose());
    }
}

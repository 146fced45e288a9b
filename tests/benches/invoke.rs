//! What an invocation adds to the same request sent directly: latency of `Engine::invoke` (find the
//! connector, fill in, open the sealed token, egress policy, send, read), of `Transport::send` alone
//! (egress policy, limits) and of a plain client that already holds the token, call by call in turn,
//! against one server on loopback.
//!
//! Then the same calls once more, each kind by itself, with allocations counted. The server is part of the
//! process, so its share is in all three numbers, and in no difference between them.
//!
//! `cargo bench -p sluis-tests --bench invoke [-- CALLS]`

use anyhow::{Context, Result, ensure};
use async_trait::async_trait;
use serde_json::json;
use sluis_engine::{EngineBuilder, LinkOpened, Opened};
use sluis_example_provider::Settings;
use sluis_invoke::{
    EgressPolicy, HostPort, Http, HttpAnswer, OutgoingRequest, SendLimits, Transport, TransportError,
};
use sluis_model::connector::ConnectorDefinition;
use sluis_model::credential::ClientCredentials;
use sluis_model::id::{ApiId, Namespace, OrgId};
use sluis_tests::peers::browser::{Arrival, Browser};
use sluis_vault::{KeySource, SystemRandomness, Vault};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use url::Url;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Calls of each kind whose allocations are counted.
const COUNTED: usize = 500;

const CALLBACK: &str = "http://127.0.0.1:8080/oauth/callback/bench/contacts";

/// Sends through the real transport and keeps the last credential, which the direct client needs.
struct Keeping {
    transport: Transport,
    credential: Arc<Mutex<String>>,
}

#[async_trait]
impl Http for Keeping {
    async fn send(&self, request: OutgoingRequest, limits: SendLimits) -> Result<HttpAnswer, TransportError> {
        if let Some(value) = request.headers.get("authorization").and_then(|value| value.to_str().ok())
            && let Ok(mut kept) = self.credential.lock()
            && *kept != value
        {
            value.clone_into(&mut kept);
        }
        self.transport.send(request, limits).await
    }
}

fn main() -> Result<()> {
    let calls = std::env::args().skip(1).find_map(|arg| arg.parse().ok()).unwrap_or(3000);
    let issuer = provider()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(measure(&issuer, calls))
}

/// The server on a thread of its own, so that its work does not wait for ours.
fn provider() -> Result<String> {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || -> Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async move {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
            let settings = Settings {
                ask_person: false,
                client_secret: "bench".to_owned(),
                ..Settings::with_redirect_uris([CALLBACK])
            };
            let provider = sluis_example_provider::start(listener, settings).await?;
            sender.send(provider.issuer.clone())?;
            std::future::pending::<()>().await;
            Ok(())
        })
    });
    receiver.recv().context("the sample provider did not start")
}

async fn measure(issuer: &str, calls: usize) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let store = sluis_store::open(&folder.path().join("sluis.redb")).await?;
    let key = KeySource::File(folder.path().join("master.key"));
    let (vault, _) = Vault::unlock(store.as_ref(), &key, Arc::new(SystemRandomness)).await?;
    let opened = Opened { store, vault: Arc::new(vault) };
    let credential = Arc::new(Mutex::new(String::new()));
    let host = HostPort::parse(issuer.trim_start_matches("http://"))?;
    let guarded = Transport::new(EgressPolicy::allowing(vec![host.clone()]));
    let transport = Transport::new(EgressPolicy::allowing(vec![host]));
    let http = Keeping { transport, credential: credential.clone() };
    let public_url = Url::parse("http://127.0.0.1:8080")?;
    let engine = EngineBuilder::new(Arc::new(opened), Arc::new(http), public_url).build();

    let (org, namespace): (OrgId, Namespace) = ("bench".parse()?, "contacts".parse()?);
    engine.ensure_org(&org).await?;
    let client =
        ClientCredentials { id: "sluis-demo".to_owned(), secret: Some("bench".into()), ..Default::default() };
    engine.set_client("contacts", &client).await?;
    engine.release(definition(issuer)?, Default::default()).await?;
    let started = engine.start_authorization(&org, &namespace).await?;
    engine.let_straight_on(&org, &started.grant.id).await?;
    let token =
        started.authorize_url.path_segments().and_then(|mut path| path.next_back()).unwrap_or_default();
    let browser = engine.new_browser();
    let LinkOpened::GoOn(url) = engine.open_link(&token.into(), &browser).await? else {
        anyhow::bail!("the link does not lead on")
    };
    let arrival = Browser::new()?.open(url, CALLBACK).await?;
    let Arrival::Awaited(back) = arrival else { anyhow::bail!("no consent: {arrival:?}") };
    let query = back.query().unwrap_or_default();
    let arrival = sluis_engine::Arrival { org: &org, namespace: &namespace, query, browser: Some(&browser) };
    engine.finish_authorization(arrival).await?;

    let api: ApiId = "contacts.list".parse()?;
    let inputs = serde_json::Map::new();
    ensure!(engine.invoke(&org, &api, &inputs).await?.status_code == 200);
    let bearer = credential.lock().map(|kept| kept.clone()).unwrap_or_default();
    let direct = reqwest::Client::builder().no_proxy().build()?;
    let url = format!("{issuer}/people/v1/contacts");
    let plain = || async {
        let answer = direct.get(&url).header("authorization", &bearer).send().await?;
        ensure!(answer.status() == 200);
        answer.text().await.map_err(anyhow::Error::from)
    };

    let mut request = OutgoingRequest::new(http::Method::GET, Url::parse(&url)?);
    request.headers.insert(http::header::AUTHORIZATION, http::HeaderValue::from_str(&bearer)?);
    let guard = || guarded.send(request.clone(), SendLimits::default());

    let mut times: [Vec<Duration>; 3] = Default::default();
    for round in 0..calls + 200 {
        let mut taken = [Duration::ZERO; 3];
        // Each is first as often as the others.
        for turn in 0..3 {
            let which = (round + turn) % 3;
            taken[which] = match which {
                0 => timed(plain()).await?,
                1 => timed(guard()).await?,
                _ => timed(engine.invoke(&org, &api, &inputs)).await?,
            };
        }
        // The first rounds warm up.
        if round >= 200 {
            times.iter_mut().zip(taken).for_each(|(all, one)| all.push(one));
        }
    }
    report(calls, times);
    let counts = [
        allocations(plain).await?,
        allocations(guard).await?,
        allocations(|| engine.invoke(&org, &api, &inputs)).await?,
    ];
    report_allocations(counts);
    engine.close().await?;
    Ok(())
}

/// Allocations and bytes of one call, on average.
async fn allocations<T, E: Into<anyhow::Error>, F: Future<Output = Result<T, E>>>(
    call: impl Fn() -> F,
) -> Result<[f64; 2]> {
    let region = Region::new(ALLOCATOR);
    for _ in 0..COUNTED {
        call().await.map_err(Into::into)?;
    }
    let stats = region.change();
    Ok([stats.allocations + stats.reallocations, stats.bytes_allocated]
        .map(|sum| sum as f64 / COUNTED as f64))
}

fn report_allocations([direct, guarded, invoke]: [[f64; 2]; 3]) {
    for (which, name) in ["allocations", "bytes"].into_iter().enumerate() {
        let [a, b, c] = [direct, guarded, invoke].map(|of| of[which]);
        println!("{name:>11} {a:>9.0} {b:>10.0} {c:>10.0} {:>10.0} {:>8.2}", c - a, c / a);
    }
}

async fn timed<T, E: Into<anyhow::Error>>(call: impl Future<Output = Result<T, E>>) -> Result<Duration> {
    let start = Instant::now();
    call.await.map_err(Into::into)?;
    Ok(start.elapsed())
}

fn report(calls: usize, mut times: [Vec<Duration>; 3]) {
    times.iter_mut().for_each(|all| all.sort());
    let at = |times: &[Duration], share: f64| {
        times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e6
    };
    println!("{calls} calls each, one at a time, in turn; microseconds");
    println!("{:>10} {:>10} {:>10} {:>10} {:>10} {:>8}", "", "direct", "guarded", "invoke", "added", "ratio");
    for (name, share) in [("median", 0.5), ("p99", 0.99)] {
        let [a, b, c] = [0, 1, 2].map(|which| at(&times[which], share));
        println!("{name:>10} {a:>10.0} {b:>10.0} {c:>10.0} {:>10.0} {:>8.2}", c - a, c / a);
    }
}

fn definition(issuer: &str) -> Result<ConnectorDefinition> {
    Ok(serde_json::from_value(json!({
        "sluis": 1,
        "namespace": "contacts",
        "service": {"name": "Sample contacts"},
        "hosts": [issuer.trim_start_matches("http://")],
        "auth": {
            "scheme": "oauth2_authorization_code",
            "authorize_url": format!("{issuer}/oauth/authorize"),
            "token_url": format!("{issuer}/oauth/token"),
            "scopes": ["contacts.read"],
            "client": "vault:contacts",
        },
        "apis": {"list": {"method": "GET", "url": format!("{issuer}/people/v1/contacts"), "effect": "read"}},
    }))?)
}

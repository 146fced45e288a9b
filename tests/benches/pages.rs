//! Memory and time of a script that walks over a long list: rows of an API on loopback, which another
//! process serves, page by page, through the whole engine. The machine may hold 4 MiB.
//!
//! `cargo bench -p sluis-tests --bench pages [-- ROWS [PAGE_SIZE]]`

use anyhow::{Context, Result, ensure};
use axum::extract::Query;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use sluis_engine::{EngineBuilder, EntryPoint, Opened, RunObserver, RunRequest};
use sluis_invoke::{EgressPolicy, HostPort, Transport};
use sluis_lang::vm::Limits;
use sluis_model::id::OrgId;
use sluis_model::run::CallRecord;
use sluis_vault::{KeyRing, SystemRandomness, Vault};
use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Instant;
use url::Url;

const MEMORY: usize = 4 << 20;
const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const SCRIPT: &str = r#"
    count = 0;
    sum = 0;
    for each row in rows("bench.rows", {"Total": TOTAL, "Size": SIZE})
    {
        count = count + 1;
        sum = sum + row.get("id");
    }
    return {"count": count, "sum": sum};
"#;

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    if args.first().is_some_and(|arg| arg == "serve") {
        return runtime.block_on(serve());
    }
    let number =
        |at: usize, otherwise: u64| args.get(at).and_then(|arg| arg.parse().ok()).unwrap_or(otherwise);
    let (rows, size) = (number(0, 1_000_000), number(1, 1000));
    let (mut server, host) = start()?;
    let measured = runtime.block_on(measure(&host, rows, size));
    server.kill()?;
    server.wait()?;
    measured
}

/// The service: so many rows from an offset, on a free port that it prints.
async fn serve() -> Result<()> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    axum::serve(listener, Router::new().route("/rows", get(page))).await?;
    Ok(())
}

async fn page(Query(given): Query<HashMap<String, u64>>) -> Json<Value> {
    let number = |name: &str| given.get(name).copied().unwrap_or_default();
    let (total, from) = (number("total"), number("from"));
    let rows = (from..total.min(from + number("size"))).map(|id| {
        json!({ "id": id, "name": format!("Person {id}"), "email": format!("person{id}@example.com"), "tags": ["a", "b"] })
    });
    Json(json!({ "total": total, "rows": rows.collect::<Vec<_>>() }))
}

fn start() -> Result<(Child, String)> {
    let mut server = Command::new(std::env::current_exe()?).arg("serve").stdout(Stdio::piped()).spawn()?;
    let mut host = String::new();
    BufReader::new(server.stdout.take().context("no output")?).read_line(&mut host)?;
    Ok((server, host.trim().to_owned()))
}

/// Looks at the memory of this process at every page.
#[derive(Default)]
struct Watching {
    pages: u64,
    most: u64,
    after_100: u64,
}

impl RunObserver for Watching {
    fn info(&mut self, _: &str) {}

    fn call(&mut self, _: &CallRecord, _: &str) {
        self.pages += 1;
        self.most = self.most.max(resident());
        if self.pages == 100 {
            self.after_100 = self.most;
        }
    }
}

/// Resident memory of this process in KiB; 0 where the system does not say.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}

async fn measure(host: &str, rows: u64, size: u64) -> Result<()> {
    let vault = Arc::new(Vault::new(KeyRing::from_text(KEY, "the bench")?, Arc::new(SystemRandomness)));
    let store = sluis_store::open_in_memory().await?;
    let transport = Transport::new(EgressPolicy::allowing(vec![HostPort::parse(host)?]));
    let limits = Limits { memory: MEMORY, fuel: u64::MAX, ..Limits::local() };
    let public_url = Url::parse("http://127.0.0.1:1")?;
    let engine = EngineBuilder::new(Arc::new(Opened { store, vault }), Arc::new(transport), public_url)
        .limits(limits)
        .build();
    let org: OrgId = "bench".parse()?;
    engine.ensure_org(&org).await?;
    let definition = json!({
        "sluis": 1, "namespace": "bench", "service": { "name": "Rows" }, "auth": { "scheme": "none" }, "hosts": [host],
        "apis": { "rows": {
            "method": "GET", "url": format!("http://{host}/rows"),
            "query": { "total": "${Total}", "from": "${From}", "size": "${Size}" },
            "inputs": { "Total": {}, "From": { "required": false }, "Size": {} },
            "pagination": { "offset": { "input": "From" }, "page_size": { "input": "Size" }, "total": "total", "rows": "rows" },
        } },
    });
    engine.release(serde_json::from_value(definition)?, Default::default()).await?;
    let request = RunRequest {
        org,
        user: None,
        label: "bench.dg".to_owned(),
        function: None,
        source: SCRIPT.replace("TOTAL", &rows.to_string()).replace("SIZE", &size.to_string()),
        entry: EntryPoint::Default,
        args: Vec::new(),
        keep: false,
    };
    let before = resident();
    let mut watching = Watching::default();
    let began = Instant::now();
    let end = engine.run(request, &mut watching).await?;
    let took = began.elapsed();
    ensure!(end.fault.is_none(), "{:?}", end.run.status);
    let expected = format!("{{\"count\":{rows},\"sum\":{}}}", rows * rows.saturating_sub(1) / 2);
    let told = end.value.map(|value| value.to_json()).unwrap_or_default();
    ensure!(told == expected, "{told} instead of {expected}");
    let Watching { pages, most, after_100 } = watching;
    let grown = |to: u64| to.saturating_sub(before) as f64 / 1024.0;
    println!("{rows} rows on {pages} pages of {size}, in a machine of {} MiB", MEMORY >> 20);
    println!(
        "resident memory: {:.1} MiB before, {:+.1} MiB after 100 pages, {:+.1} MiB at most",
        before as f64 / 1024.0,
        grown(after_100),
        grown(most)
    );
    println!(
        "time: {:.2} s, {:.2} ms a page, {:.0} rows a second",
        took.as_secs_f64(),
        took.as_secs_f64() * 1e3 / pages.max(1) as f64,
        rows as f64 / took.as_secs_f64()
    );
    println!("record of the run: {} calls kept", end.run.calls.len());
    Ok(())
}

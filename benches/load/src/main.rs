//! `sluis-load`: what one node carries, next to the service called directly and to a bare axum and reqwest
//! proxy in the same run; what it holds in memory with many organisations and connections; how its answers
//! slow down as they grow; how soon it serves after a start and after a kill.
//!
//! The service and the proxy are children of this process with one thread of work each, Sluis is the binary
//! that is shipped. Each round asks every contestant once for a while, beginning with another one each time;
//! ratios are taken within a round, and the table shows medians of them.

mod arguments;
mod asking;
mod children;
mod contestants;
mod growth;
mod proxy;
mod report;
mod server;
mod service;
mod starting;
mod throughput;

use anyhow::Result;
use arguments::{Arguments, Role, Verb};
use clap::Parser as _;

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let threads = match arguments.verb {
        Verb::Role(_) => 1,
        _ => 2,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build()?;
    runtime.block_on(async {
        match arguments.verb {
            Verb::Role(Role::Service) => service::serve().await,
            Verb::Role(Role::Proxy { service }) => proxy::serve(service).await,
            Verb::Throughput(wanted) => throughput::measure(&wanted).await,
            Verb::Growth(wanted) => growth::measure(&wanted).await,
            Verb::Starting(wanted) => starting::measure(&wanted).await,
        }
    })
}

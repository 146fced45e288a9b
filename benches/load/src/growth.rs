//! Memory and times as organisations and connections grow, and what it takes to make them.

use crate::arguments::{Growth, Product};
use crate::asking::{Caller, Question};
use crate::children::{self, memory};
use crate::contestants::invoke;
use crate::server::{Place, Sluis};
use anyhow::Result;
use hdrhistogram::Histogram;
use std::sync::Arc;
use std::time::Instant;

/// How many make things at once.
const MAKERS: usize = 32;
/// Calls of which times are taken.
const CALLS: usize = 3_000;

/// Which of a number of connections: the org, and the name in it.
fn placed(which: usize, orgs: usize) -> (String, String) {
    (format!("org{}", which % orgs), format!("c{}", which / orgs))
}

/// Makes connections from a number to another, with their orgs; answers a second.
pub async fn make(sluis: &Arc<Sluis>, orgs: usize, from: usize, to: usize) -> Result<f64> {
    let begun = Instant::now();
    let next = Arc::new(std::sync::atomic::AtomicUsize::new(from));
    let mut makers = tokio::task::JoinSet::new();
    for _ in 0..MAKERS {
        let (sluis, next) = (sluis.clone(), next.clone());
        makers.spawn(async move {
            loop {
                let which = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                if which >= to {
                    return anyhow::Ok(());
                }
                let (org, name) = placed(which, orgs);
                if which < orgs {
                    sluis.make_org(&org).await?;
                }
                sluis.connect(&org, Some(&name)).await?;
            }
        });
    }
    while let Some(done) = makers.join_next().await {
        done??;
    }
    Ok((to - from) as f64 / begun.elapsed().as_secs_f64())
}

/// Times of calls, one after the other, each through another connection.
async fn times(sluis: &Sluis, orgs: usize, connections: usize) -> Result<Histogram<u64>> {
    let mut times = Histogram::<u64>::new(3)?;
    let mut caller: Option<Caller> = None;
    for call in 0..CALLS {
        // A step that is prime to any round number, so that calls are spread over all.
        let (org, name) = placed(call * 7_919 % connections, orgs);
        let question: Question = invoke(sluis, &org, Some(&name));
        let caller = match &mut caller {
            Some(caller) => caller,
            none => none.insert(Caller::connect(&question.address).await?),
        };
        times.record(u64::try_from(caller.ask(&question).await?.as_micros())?)?;
    }
    Ok(times)
}

/// Measures and prints.
pub async fn measure(wanted: &Growth) -> Result<()> {
    with(wanted, &wanted.product, "sluis, redb", None).await?;
    if let Some(store) = &wanted.product.postgres {
        with(wanted, &wanted.product, "sluis, PostgreSQL", Some(store)).await?;
    }
    Ok(())
}

async fn with(wanted: &Growth, product: &Product, name: &str, store: Option<&str>) -> Result<()> {
    let upstream = children::role(&["service"]).await?;
    let place = Place::new(product, store, &upstream.address).await?;
    let mut sluis = Arc::new(place.start().await?.0);
    sluis.release(&upstream.address).await?;
    println!("{name}");
    println!(
        "{:>12} {:>8} {:>9} {:>12} {:>9} {:>9}",
        "connections", "orgs", "made/s", "resident MiB", "p50 ms", "p99 ms"
    );
    let mut made = 0;
    for connections in [100, 1_000, 10_000, 100_000].into_iter().filter(|size| *size <= wanted.connections) {
        let rate = make(&sluis, wanted.orgs, made, connections).await?;
        made = connections;
        // Idle: a process that has started and served nothing of it yet.
        if let Ok(running) = Arc::try_unwrap(sluis) {
            running.stop().await?;
        }
        sluis = Arc::new(place.start().await?.0);
        let idle = memory(&sluis.child)?[0];
        let times = times(&sluis, wanted.orgs, connections).await?;
        let at = |share| times.value_at_quantile(share) as f64 / 1_000.0;
        println!(
            "{connections:>12} {:>8} {rate:>9.0} {:>12.1} {:>9.2} {:>9.2}",
            wanted.orgs.min(connections),
            idle as f64 / 1024.0,
            at(0.5),
            at(0.99)
        );
    }
    println!("after {CALLS} calls: {:.1} MiB resident", memory(&sluis.child)?[0] as f64 / 1024.0);
    Ok(())
}

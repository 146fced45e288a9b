//! From the start of the process to its first answer.

use crate::arguments::Growth;
use crate::asking::Caller;
use crate::children;
use crate::contestants::invoke;
use crate::growth::make;
use crate::report::median;
use crate::server::{Place, Sluis};
use anyhow::Result;
use std::sync::Arc;
use std::time::Duration;

/// Starts of each kind.
const STARTS: usize = 7;

/// Measures and prints.
pub async fn measure(wanted: &Growth) -> Result<()> {
    let upstream = children::role(&["service"]).await?;
    let place = Place::new(&wanted.product, None, &upstream.address).await?;
    let mut sluis = Arc::new(place.start().await?.0);
    sluis.release(&upstream.address).await?;
    println!("from the start to the first answer, then to the first call; milliseconds, medians of {STARTS}");
    println!("{:>12} {:>8} {:>24} {:>20}", "connections", "orgs", "after an orderly stop", "after a kill");
    let mut made = 0;
    for connections in [1, 10_000, 100_000].into_iter().filter(|size| *size <= wanted.connections) {
        make(&sluis, wanted.orgs, made, connections).await?;
        made = connections;
        let (mut orderly, mut killed) = (Vec::new(), Vec::new());
        for round in 0..2 * STARTS {
            let running = Arc::try_unwrap(sluis).map_err(|_| anyhow::anyhow!("it is in use"))?;
            let kind = if round % 2 == 0 { &mut orderly } else { &mut killed };
            if round % 2 == 0 {
                running.stop().await?
            } else {
                running.kill().await?
            }
            let (started, took) = place.start().await?;
            kind.push((took, first_call(&started).await?));
            sluis = Arc::new(started);
        }
        let shown = |kind: &[(Duration, Duration)]| {
            let ms = |take: fn(&(Duration, Duration)) -> Duration| {
                median(kind.iter().map(|one| take(one).as_secs_f64() * 1e3))
            };
            format!("{:.0} + {:.1}", ms(|one| one.0), ms(|one| one.1))
        };
        println!(
            "{connections:>12} {:>8} {:>24} {:>20}",
            wanted.orgs.min(connections),
            shown(&orderly),
            shown(&killed)
        );
    }
    Ok(())
}

async fn first_call(sluis: &Sluis) -> Result<Duration> {
    let question = invoke(sluis, "org0", Some("c0"));
    Caller::connect(&question.address).await?.ask(&question).await
}

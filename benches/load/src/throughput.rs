//! Calls a second and their times, all contestants in turn.

use crate::arguments::Throughput;
use crate::asking::{Answered, for_a_while};
use crate::children::memory;
use crate::contestants::Contestants;
use crate::report::median;
use anyhow::Result;

/// Measures and prints.
pub async fn measure(wanted: &Throughput) -> Result<()> {
    let contestants = Contestants::start(&wanted.product).await?;
    let count = contestants.questions.len();
    let mut all: Vec<Vec<Answered>> = (0..count).map(|_| Vec::new()).collect();
    for round in 0..wanted.rounds {
        // Each is first as often as the others.
        for turn in 0..count {
            let which = (round + turn) % count;
            let (_, question) = &contestants.questions[which];
            all[which].push(for_a_while(question, wanted.callers, wanted.seconds).await?);
        }
    }
    println!(
        "{} callers at once, {} rounds of {} s; medians; ratios within a round",
        wanted.callers, wanted.rounds, wanted.seconds
    );
    println!(
        "{:>20} {:>9} {:>8} {:>8} {:>8} {:>10} {:>9}",
        "", "calls/s", "p50 ms", "p99 ms", "max ms", "to direct", "to proxy"
    );
    for (which, (name, _)) in contestants.questions.iter().enumerate() {
        let of = |take: &dyn Fn(&Answered) -> f64| median(all[which].iter().map(take));
        let to = |base: usize| {
            median(all[which].iter().zip(&all[base]).map(|(own, other)| own.rate() / other.rate()))
        };
        println!(
            "{name:>20} {:>9.0} {:>8.2} {:>8.2} {:>8.2} {:>10.2} {:>9.2}",
            of(&Answered::rate),
            of(&|answered| answered.at(0.5)),
            of(&|answered| answered.at(0.99)),
            of(&|answered| answered.at(1.0)),
            to(0),
            to(1)
        );
    }
    for (name, sluis) in &contestants.products {
        let [now, peak] = memory(&sluis.child)?;
        println!("{name}: {:.1} MiB resident, {:.1} at most", now as f64 / 1024.0, peak as f64 / 1024.0);
    }
    for (_, sluis) in contestants.products {
        sluis.stop().await?;
    }
    Ok(())
}

//! A connector of the catalogue over a line that is slow or broken: each call ends in time and says why, and
//! the next one is fine.

use crate::local::Connector;
use serde_json::json;
use sluis_invoke::{EgressPolicy, Transport};
use sluis_model::error::Reason;
use sluis_model::id::ApiId;
use sluis_tests::peers::ServerPeer;
use sluis_tests::peers::faulty_link::{FaultyLink, Toxic};
use sluis_tests::place::Place;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// A call that is given a second, which the line's faults exceed by far.
const HASTY: &str = "stripe.balance";
/// A call that is given as long as the catalogue says.
const PATIENT: &str = "stripe.customers.list";
/// By then a call must have ended, on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(20);

/// Longer than a host that fails is left alone.
const LEFT_ALONE_S: i64 = 300;

/// Calls that one host is given at a time.
const PLACES: usize = 4;
/// More than that.
const CALLS: usize = 12;

struct World {
    place: Place,
    link: FaultyLink,
    _peer: ServerPeer,
}

impl World {
    /// The connector `stripe`, its service on the far end of a line.
    async fn new() -> Self {
        let peer = ServerPeer::python("httpbin", &[]).await.unwrap();
        let link = FaultyLink::to(peer.host()).await.unwrap();
        let mut connector = Connector::read("stripe").moved(|_| Some(format!("{}/anything", link.host())));
        connector.definition["apis"]["balance"]["timeout_s"] = json!(1);
        let transport = Transport::new(EgressPolicy::opening(&["127.0.0.0/8"]).unwrap());
        let place = Place::empty(Arc::new(transport.at_a_time(PLACES))).await;
        connector.connect(&place, &BTreeMap::new()).await;
        Self { place, link, _peer: peer }
    }

    /// Status, or the reason why there is none.
    async fn call(&self, api: &str) -> Result<u16, Reason> {
        let api: ApiId = api.parse().unwrap();
        let called = self.place.engine.invoke(&self.place.org, &api, &Default::default()).await;
        called.map(|answer| answer.status_code).map_err(|failure| failure.reason)
    }
}

#[tokio::test]
async fn a_call_over_a_bad_line_ends_in_time_with_its_reason_and_the_next_is_fine() {
    let world = World::new().await;
    let ms = Duration::from_millis;
    for (toxic, expected) in [
        (Toxic::Latency(ms(50)), Ok(200)),
        (Toxic::Latency(ms(60_000)), Err(Reason::Timeout)),
        (Toxic::Silent, Err(Reason::Timeout)),
        (Toxic::ResetPeer, Err(Reason::Unreachable)),
        (Toxic::Sliced(ms(0)), Ok(200)),
        (Toxic::Sliced(ms(100)), Err(Reason::Timeout)),
        // Not even the first line of the answer.
        (Toxic::LimitData(7), Err(Reason::Unreachable)),
        // The headers are about 200 bytes.
        (Toxic::LimitData(400), Err(Reason::BadUpstream)),
        (Toxic::Bandwidth(1_000_000), Ok(200)),
        (Toxic::Bandwidth(50), Err(Reason::Timeout)),
    ] {
        world.link.set(toxic);
        let begin = Instant::now();
        let api = if expected == Err(Reason::Timeout) { HASTY } else { PATIENT };
        assert_eq!(world.call(api).await, expected, "{toxic:?}");
        assert!(begin.elapsed() < PATIENCE, "{toxic:?} took {:?}", begin.elapsed());
        world.link.set(Toxic::Clean);
        assert_eq!(world.call(PATIENT).await, Ok(200), "after {toxic:?}");
    }
    world.link.at_most_open(1, PATIENCE).await.expect("connections that failed are closed");
}

#[tokio::test]
async fn many_calls_that_time_out_leave_neither_connections_nor_places_behind() {
    let world = Arc::new(World::new().await);
    world.link.set(Toxic::Silent);
    let mut calls = JoinSet::new();
    for _ in 0..CALLS {
        let world = world.clone();
        calls.spawn(async move { world.call(HASTY).await });
    }
    let ended = calls.join_all().await;
    // Those that wait for a place in vain are told so, or that the host is left alone; none gets an answer.
    let is_told = |end: &Result<u16, Reason>| {
        matches!(end, Err(Reason::Timeout | Reason::Unreachable | Reason::CircuitOpen))
    };
    assert!(ended.iter().all(is_told), "{ended:?}");
    assert!(ended.contains(&Err(Reason::Timeout)), "{ended:?}");
    world.link.at_most_open(0, PATIENCE).await.expect("what timed out is closed");
    world.link.set(Toxic::Clean);
    assert_eq!(
        world.call(PATIENT).await,
        Err(Reason::CircuitOpen),
        "a host that fails is left alone for a while"
    );
    world.place.clock.pass(LEFT_ALONE_S);
    for _ in 0..CALLS {
        assert_eq!(world.call(PATIENT).await, Ok(200));
    }
    world.link.at_most_open(1, PATIENCE).await.expect("at most one is kept for the next call");
}

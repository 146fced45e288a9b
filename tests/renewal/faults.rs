//! Every fault of a token endpoint that we know, with every kind of rotation: what becomes of the grant,
//! how often the provider is asked, and whether the next call goes on when the fault has passed.

use crate::faulty::{Fault, Faulty, Steered};
use crate::sample::{self, call, connection, org};
use sluis_engine::Engine;
use sluis_example_provider::{Provider, Rotation};
use sluis_model::connection::{Connection, ConnectionState, RenewalHealth};
use sluis_model::error::Reason;
use std::sync::Arc;

/// What becomes of a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// It is renewed in the very call, which notices nothing.
    Renewed,
    /// The old token is used while it is good; after the pause the next call renews it.
    Later,
    /// Given up at once, until somebody who can mend it asks for a renewal.
    Exhausted,
    /// The provider has ended it, because an answer was lost; and so it is told.
    Lost,
    /// The provider has ended it, for a reason that cannot be known here.
    Refused,
}
use End::{Exhausted, Later, Lost, Refused, Renewed};

/// A fault that lasts: token requests made while it does, and the ends where tokens are not rotated,
/// where they are with a leeway, and where a second use ends the grant.
type Row = (Fault, usize, [End; 3]);

const TABLE: [Row; 20] = [
    (Fault::Down, 1, [Later, Later, Later]),
    (Fault::Busy, 1, [Later, Later, Later]),
    (Fault::SlowDown, 1, [Later, Later, Later]),
    (Fault::ClientRefused, 1, [Exhausted, Exhausted, Exhausted]),
    (Fault::Redirected, 1, [Later, Later, Later]),
    (Fault::Reset, 2, [Later, Later, Later]),
    (Fault::Silent, 2, [Later, Later, Later]),
    (Fault::Lost, 2, [Later, Later, Lost]),
    (Fault::Late, 2, [Later, Later, Lost]),
    (Fault::Garbage, 2, [Later, Later, Lost]),
    (Fault::WebPage, 2, [Later, Later, Lost]),
    (Fault::CutOff, 2, [Later, Later, Lost]),
    (Fault::Stalls, 2, [Later, Later, Lost]),
    (Fault::Huge, 2, [Later, Later, Lost]),
    (Fault::EmptyTokens, 2, [Later, Later, Lost]),
    (Fault::BadGateway, 1, [Later, Later, Lost]),
    (Fault::AnsweredTwice, 1, [Renewed, Renewed, Renewed]),
    (Fault::DeliveredTwice, 1, [Renewed, Renewed, Refused]),
    (Fault::ClockLeapsAhead, 1, [Renewed, Renewed, Renewed]),
    (Fault::ClockLeapsBack, 1, [Renewed, Renewed, Renewed]),
];

/// An engine whose connector is authorized at a provider behind the proxy.
struct World {
    engine: Engine,
    proxy: Arc<Faulty>,
    clock: Arc<Steered>,
    provider: Provider,
    /// The fault that is tried, for the messages.
    fault: Fault,
    _folder: tempfile::TempDir,
}

impl World {
    async fn new(rotation: Rotation) -> Self {
        let provider = sample::provider(rotation).await;
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(Steered::new());
        let proxy = Faulty::before(&provider.issuer, clock.clone());
        // What outlasts a crash is for the kill test to show; without a disk this one is quick.
        let store = sluis_store::open_in_memory().await.unwrap();
        let builder = sample::builder(store, &folder.path().join("root.key"), proxy.clone()).await;
        let engine = builder.clock(clock.clone()).build();
        sample::set_up_behind(&engine, &provider.issuer, &proxy.url).await;
        Self { engine, proxy, clock, provider, fault: Fault::Down, _folder: folder }
    }

    async fn connection(&self) -> Connection {
        self.engine.connections(&org()).await.unwrap().remove(0)
    }

    /// A grant whose token is good for 20 seconds more, so that it is time to renew it, and a fault that
    /// spoils so many requests.
    async fn meet(&mut self, fault: Fault, requests: usize) {
        self.fault = fault;
        sample::authorize(&self.engine).await;
        assert_eq!(call(&self.engine).await.unwrap(), 200, "{fault:?}");
        self.clock.advance(3600 - 20);
        self.proxy.spoil(fault, requests);
    }

    /// Calls while the fault lasts, then without it, and looks how it ends.
    async fn lasting(&mut self, (fault, requests, _): Row, end: End) {
        self.meet(fault, usize::MAX).await;
        let before = self.proxy.asked();
        let called = call(&self.engine).await;
        assert_eq!(self.proxy.asked() - before, requests, "{fault:?}: requests while it lasts");
        match end {
            // The second use of the token, while the fault lasted, has ended the old access token too.
            Lost if requests == 2 => assert!(called.is_err(), "{fault:?}: {called:?}"),
            Refused => assert_eq!(called.unwrap_err().reason, Reason::NeedsReauthorization, "{fault:?}"),
            _ => assert_eq!(called.unwrap(), 200, "{fault:?}: a good token is used as long as it is good"),
        }
        if !matches!(end, Renewed | Refused) {
            let _ = call(&self.engine).await;
            assert_eq!(self.proxy.asked() - before, requests, "{fault:?}: nobody asks during the pause");
            assert_eq!(self.connection().await.renewal.failures, 1, "{fault:?}");
        }
        self.proxy.mend();
        if fault == Fault::Down {
            self.proxy.clone().come_back();
        }
        match end {
            Renewed => self.is_well().await,
            Later => self.recovers_after_the_pause().await,
            Exhausted => self.recovers_when_asked_to().await,
            Lost => {
                assert!(self.connection().await.is_active(), "{fault:?}: a fault is no end of a grant");
                self.clock.advance(6);
                let failure = call(&self.engine).await.unwrap_err();
                assert_eq!(failure.reason, Reason::NeedsReauthorization, "{fault:?}: {failure}");
                assert_eq!(self.proxy.asked() - before, requests + 1, "{fault:?}: asked once more");
                self.needs_consent(true).await;
            }
            Refused => self.needs_consent(false).await,
        }
    }

    /// The same with a fault that spoils one request, of those after which one more is made at once.
    async fn passing(&mut self, fault: Fault, end: End) {
        self.meet(fault, 1).await;
        let before = self.proxy.asked();
        let called = call(&self.engine).await;
        assert_eq!(self.proxy.asked() - before, 2, "{fault:?}: one more, at once");
        match end {
            Lost => {
                assert_eq!(called.unwrap_err().reason, Reason::NeedsReauthorization, "{fault:?}");
                self.needs_consent(true).await;
            }
            _ => {
                assert_eq!(called.unwrap(), 200, "{fault:?}");
                self.is_well().await;
            }
        }
    }

    async fn recovers_after_the_pause(&self) {
        let fault = self.fault;
        assert!(self.connection().await.is_active(), "{fault:?}");
        let before = self.proxy.asked();
        if fault == Fault::SlowDown {
            self.clock.advance(119);
            let failure = call(&self.engine).await.unwrap_err();
            assert_eq!(failure.reason, Reason::Unreachable, "{failure}");
            assert_eq!(self.proxy.asked(), before, "the provider asked for two minutes");
        }
        self.clock.advance(6);
        assert_eq!(call(&self.engine).await.unwrap(), 200, "{fault:?}");
        assert_eq!(self.proxy.asked() - before, 1, "{fault:?}: one request mends it");
        self.is_well().await;
    }

    async fn recovers_when_asked_to(&self) {
        let fault = self.fault;
        let state = self.connection().await.state;
        assert!(matches!(state, ConnectionState::Exhausted { .. }), "{fault:?}: {state:?}");
        self.clock.advance(86_400);
        let before = self.proxy.asked();
        call(&self.engine).await.unwrap_err();
        assert_eq!(self.proxy.asked(), before, "{fault:?}: it was given up");
        self.engine.renew_now(&connection()).await.unwrap();
        assert_eq!(call(&self.engine).await.unwrap(), 200, "{fault:?}");
        self.is_well().await;
    }

    /// The tokens that are stored are the provider's last: they work, they can be renewed, and nothing of
    /// the fault is left.
    async fn is_well(&self) {
        let fault = self.fault;
        let connection = self.connection().await;
        assert!(connection.is_active(), "{fault:?}: {:?}", connection.state);
        assert_eq!(connection.renewal, RenewalHealth::default(), "{fault:?}");
        let (asked, counts) = (self.proxy.asked(), self.provider.counts());
        assert_eq!(call(&self.engine).await.unwrap(), 200, "{fault:?}");
        assert_eq!(self.proxy.asked(), asked, "{fault:?}: renewed already");
        self.clock.advance(3600);
        assert_eq!(call(&self.engine).await.unwrap(), 200, "{fault:?}");
        let after = self.provider.counts();
        assert_eq!(self.proxy.asked() - asked, 1, "{fault:?}");
        assert_eq!((after.refreshes, after.refused), (counts.refreshes + 1, counts.refused), "{fault:?}");
    }

    async fn needs_consent(&self, told_as_lost: bool) {
        let fault = self.fault;
        let state = self.connection().await.state;
        let ConnectionState::NeedsReauthorization { reason } = state else { panic!("{fault:?}: {state:?}") };
        assert_eq!(reason.contains("was lost"), told_as_lost, "{fault:?}: {reason}");
        let before = self.proxy.asked();
        self.clock.advance(86_400);
        call(&self.engine).await.unwrap_err();
        assert_eq!(self.proxy.asked(), before, "{fault:?}: nobody asks any more");
    }
}

/// Goes through the table with one kind of rotation.
async fn all_faults(rotation: Rotation, column: usize) {
    let mut world = World::new(rotation).await;
    for row in TABLE {
        let (fault, requests, ends) = row;
        world.lasting(row, ends[column]).await;
        if requests == 2 {
            world.passing(fault, ends[column]).await;
        }
    }
}

#[tokio::test]
async fn without_rotation_no_fault_of_a_token_endpoint_costs_a_grant() {
    all_faults(Rotation::Never, 0).await;
}

#[tokio::test]
async fn with_leeway_no_fault_of_a_token_endpoint_costs_a_grant() {
    all_faults(Rotation::Leeway { seconds: 60 }, 1).await;
}

#[tokio::test]
async fn at_a_strict_provider_faults_cost_a_grant_only_where_its_answer_is_lost() {
    all_faults(Rotation::Strict, 2).await;
}

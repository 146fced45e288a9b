//! The tests that connectors of the catalogue hold themselves, made against servers of their kind as
//! `sluis connector test --writes` makes them.

use crate::local::Connector;
use sluis_engine::trial::suite::{Outcome, Selection};
use sluis_tests::peers::ServerPeer;
use sluis_tests::place::Place;
use std::collections::BTreeMap;

/// Every test of a connector at a server; how many there are.
async fn passed(folder: &str, peer: &ServerPeer, given: &[(&str, &str)]) -> usize {
    let connector = Connector::read(folder).moved(|_| Some(peer.host().to_owned()));
    let place = Place::on_this_machine().await;
    connector.connect(&place, &given.iter().copied().collect::<BTreeMap<_, _>>()).await;
    let definition = serde_json::from_value(connector.definition).unwrap();
    let all = Selection { writes: true, ..Selection::default() };
    let (report, cassette) = place.engine.test_live(&place.org, &definition, &all).await.unwrap();
    let passed = report.count(Outcome::Passed);
    assert!(passed == report.tests.len() && passed == cassette.exchanges.len(), "{:?}", report.tests);
    passed
}

#[tokio::test]
async fn what_the_file_of_caldav_expects_is_what_a_calendar_server_answers() {
    let peer = ServerPeer::python("radicale", &[("PASSWORD", "canary-1")]).await.unwrap();
    let given = [("user", "anna"), ("password", "canary-1"), ("home", "anna"), ("server", peer.host())];
    assert_eq!(passed("caldav", &peer, &given).await, 4);
}

#[tokio::test]
async fn what_the_files_of_aws_expect_is_what_their_stand_in_answers() {
    let peer = ServerPeer::python("moto", &[]).await.unwrap();
    let key = ["access_key_id", "secret_access_key"].map(|name| (name, peer.text(name)));
    let given: Vec<_> = key.into_iter().chain([("region", "us-east-1")]).collect();
    for folder in ["aws-s3", "aws-sqs", "aws-dynamodb"] {
        assert_eq!(passed(folder, &peer, &given).await, 1, "{folder}");
    }
}

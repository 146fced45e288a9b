//! kill -9: what was acknowledged is there afterwards.

use crate::conformance::{key, put};
use sluis_store::{Expect, open};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

const FILE: &str = "SLUIS_TEST_CRASH_FILE";

/// The process that is killed; does nothing unless the test below starts it.
#[tokio::test]
async fn child_that_counts_until_it_is_killed() {
    let Some(path) = std::env::var_os(FILE) else { return };
    let store = open(&PathBuf::from(path)).await.unwrap();
    let mut count = match store.get(&key("counter")).await.unwrap() {
        Some(record) => String::from_utf8(record.bytes).unwrap().parse().unwrap(),
        None => 0u64,
    };
    loop {
        count += 1;
        let changes = vec![
            put(&key("counter"), count.to_string(), Expect::Any),
            put(&key(&format!("row-{count:06}")), count.to_string().repeat(50), Expect::Absent),
        ];
        store.apply(changes).await.unwrap();
        println!("\nacknowledged {count}");
    }
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_when_the_process_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sluis.redb");
    let mut last = 0u64;
    for round in 0..6 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "crash::child_that_counts_until_it_is_killed", "--nocapture"])
            .env(FILE, &path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (sender, acknowledged) = std::sync::mpsc::channel();
        let reader = std::thread::spawn(move || {
            let counts = lines
                .map_while(Result::ok)
                .filter_map(|line| line.strip_prefix("acknowledged ")?.parse().ok());
            counts.for_each(|count: u64| sender.send(count).unwrap());
        });
        let first = acknowledged.recv_timeout(Duration::from_secs(60)).expect("the child writes");
        tokio::time::sleep(Duration::from_millis(20 + 37 * round)).await;
        child.kill().unwrap();
        child.wait().unwrap();
        reader.join().unwrap();
        last = acknowledged.iter().last().unwrap_or(first).max(last);

        let store = open(&path).await.unwrap();
        let counter = store.get(&key("counter")).await.unwrap().unwrap();
        let count: u64 = String::from_utf8(counter.bytes).unwrap().parse().unwrap();
        assert!(count >= last, "acknowledged {last}, found {count}");
        for n in 1..=count {
            let row = store.get(&key(&format!("row-{n:06}"))).await.unwrap();
            assert_eq!(row.unwrap().bytes, n.to_string().repeat(50).into_bytes());
        }
        assert!(
            store.get(&key(&format!("row-{:06}", count + 1))).await.unwrap().is_none(),
            "a batch is whole"
        );
        store.close().await.unwrap();
    }
    assert!(last > 6, "the child must get somewhere between two kills: {last}");
}

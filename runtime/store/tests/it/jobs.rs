//! What every backend must do with jobs.

use crate::conformance::{key, org, put};
use async_trait::async_trait;
use sluis_model::ports::Clock;
use sluis_model::time::Timestamp;
use sluis_store::job::DueJob;
use sluis_store::{Change, Expect, Job, JobHandler, QueuedJob, Store, StoreError, WorkOptions, Worked};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

struct RealClock;

impl Clock for RealClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        Timestamp(i64::try_from(since.as_millis()).unwrap())
    }
}

/// What is begun, and the way to say what came of it.
type Begun = (DueJob, oneshot::Sender<Worked>);

/// Hands each job to the test, and waits for what it says.
struct Hands(mpsc::UnboundedSender<Begun>);

#[async_trait]
impl JobHandler for Hands {
    fn tasks(&self) -> Vec<&'static str> {
        vec!["run", "mail"]
    }

    async fn work(&self, due: DueJob) -> Worked {
        let (say, said) = oneshot::channel();
        self.0.send((due, say)).unwrap();
        said.await.expect("the test says what came of the job, or panics")
    }
}

/// A worker that runs.
struct Worker {
    begun: mpsc::UnboundedReceiver<Begun>,
    stop: Option<oneshot::Sender<()>>,
    ends: JoinHandle<Result<(), StoreError>>,
}

impl Worker {
    fn start(store: &Arc<dyn Store>, concurrency: usize) -> Self {
        let (hands, begun) = mpsc::unbounded_channel();
        let (stop, stopped) = oneshot::channel();
        let mut options = WorkOptions::new(Arc::new(RealClock));
        options.concurrency = concurrency;
        options.silence = Duration::from_secs(2);
        let store = Arc::clone(store);
        let ends = tokio::spawn(async move {
            let stop = Box::pin(async move { drop(stopped.await) });
            store.work_jobs(Arc::new(Hands(hands)), options, stop).await
        });
        Self { begun, stop: Some(stop), ends }
    }

    async fn next(&mut self) -> Begun {
        let waited = tokio::time::timeout(Duration::from_secs(60), self.begun.recv()).await;
        waited.expect("a job is begun within a minute").unwrap()
    }

    /// Works on the next one; its payload.
    async fn does(&mut self, worked: Worked) -> DueJob {
        let (due, say) = self.next().await;
        say.send(worked).unwrap();
        due
    }

    async fn stop(mut self) {
        drop(self.stop.take());
        self.ends.await.unwrap().unwrap();
    }

    /// As when the process dies.
    async fn dies(self) {
        self.ends.abort();
        assert!(self.ends.await.unwrap_err().is_cancelled());
    }
}

fn job(payload: &str) -> Job {
    Job {
        task: "run".to_owned(),
        org: org("acme"),
        payload: payload.to_owned(),
        key: None,
        run_at: None,
        max_attempts: 3,
    }
}

fn keyed(key: &str, payload: &str) -> Job {
    Job { key: Some(key.to_owned()), ..job(payload) }
}

async fn queue(store: &dyn Store, jobs: impl IntoIterator<Item = Job>) {
    let changes: Vec<Change> = jobs.into_iter().map(|job| Change::Enqueue { job }).collect();
    let count = changes.len();
    assert_eq!(store.apply(changes).await.unwrap(), vec![0; count]);
}

async fn waiting(store: &dyn Store) -> Vec<String> {
    let jobs: Vec<QueuedJob> = store.list_jobs(None, 100).await.unwrap();
    jobs.into_iter().map(|queued| queued.job.payload).collect()
}

/// Comes back once what was settled is written.
async fn until_empty(store: &dyn Store) {
    let empty = async {
        while !waiting(store).await.is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), empty).await.expect("the queue gets empty");
}

fn again() -> Worked {
    Worked::Again { after: Some(Duration::from_millis(20)), why: "the test wants it".to_owned() }
}

pub(crate) async fn a_job_is_queued_with_its_batch_or_not_at_all(store: Arc<dyn Store>) {
    let enqueue = |payload| Change::Enqueue { job: job(payload) };
    let versions =
        store.apply(vec![enqueue("1"), put(&key("a"), "1", Expect::Absent), enqueue("2")]).await.unwrap();
    assert_eq!((versions[0], versions[2]), (0, 0));
    assert_eq!(store.get(&key("a")).await.unwrap().unwrap().version, versions[1]);
    let refused = store.apply(vec![enqueue("3"), put(&key("a"), "2", Expect::Absent)]).await;
    assert_eq!(refused, Err(StoreError::Conflict { key: key("a") }));
    assert_eq!(waiting(&*store).await, ["1", "2"]);
    let unfit = Job { task: "Not a task".to_owned(), ..job("4") };
    let refused = store.apply(vec![put(&key("b"), "1", Expect::Any), Change::Enqueue { job: unfit }]).await;
    assert!(matches!(refused, Err(StoreError::RefusedJob { .. })), "{refused:?}");
    assert_eq!(store.get(&key("b")).await.unwrap(), None);
}

pub(crate) async fn a_job_arrives_as_it_was_queued_and_is_gone_when_done(store: Arc<dyn Store>) {
    let first = Job { task: "mail".to_owned(), ..keyed("k/ä", "päy \"load\"") };
    queue(&*store, [first.clone()]).await;
    let mut worker = Worker::start(&store, 2);
    let due = worker.does(Worked::Done).await;
    assert_eq!((due.attempt, due.is_last_attempt()), (1, false));
    assert_eq!((due.job.task, due.job.org, due.job.payload), (first.task, first.org, first.payload));
    // Queued while the worker waits.
    queue(&*store, [job("2")]).await;
    assert_eq!(worker.does(Worked::Done).await.job.payload, "2");
    until_empty(&*store).await;
    worker.stop().await;
}

pub(crate) async fn a_job_with_the_key_of_one_that_waits_takes_its_place(store: Arc<dyn Store>) {
    let foreign = Job { org: org("beta"), ..keyed("k", "beta") };
    queue(&*store, [keyed("k", "old"), foreign, keyed("other", "other")]).await;
    queue(&*store, [keyed("k", "new")]).await;
    store.apply(vec![Change::Unqueue { org: org("acme"), key: "other".to_owned() }]).await.unwrap();
    store.apply(vec![Change::Unqueue { org: org("acme"), key: "none".to_owned() }]).await.unwrap();
    let mut found = waiting(&*store).await;
    found.sort();
    assert_eq!(found, ["beta", "new"]);
}

pub(crate) async fn a_job_that_is_replaced_while_at_work_is_finished_but_not_tried_again(
    store: Arc<dyn Store>,
) {
    queue(&*store, [keyed("k", "old")]).await;
    let mut worker = Worker::start(&store, 2);
    let (old, say) = worker.next().await;
    assert_eq!(old.job.payload, "old");
    queue(&*store, [keyed("k", "new")]).await;
    assert_eq!(worker.does(Worked::Done).await.job.payload, "new", "it need not wait for the old one");
    say.send(again()).unwrap();
    until_empty(&*store).await;
    assert!(worker.begun.try_recv().is_err());
    worker.stop().await;
}

pub(crate) async fn a_job_is_not_begun_before_its_time(store: Arc<dyn Store>) {
    let now = store.server_time().await.unwrap().unwrap_or_else(|| RealClock.now());
    let later = Timestamp(now.0 + 600);
    let mut worker = Worker::start(&store, 2);
    queue(&*store, [Job { run_at: Some(later), ..job("later") }, job("now")]).await;
    queue(&*store, [Job { run_at: Some(Timestamp(now.0 + 3_600_000)), ..job("in an hour") }]).await;
    assert_eq!(worker.does(Worked::Done).await.job.payload, "now");
    assert_eq!(worker.does(Worked::Done).await.job.payload, "later");
    let begun = store.server_time().await.unwrap().unwrap_or_else(|| RealClock.now());
    assert!(begun >= later, "{begun:?} is before {later:?}");
    worker.stop().await;
    assert_eq!(waiting(&*store).await, ["in an hour"]);
}

pub(crate) async fn an_attempt_that_fails_is_made_again_until_none_is_left(store: Arc<dyn Store>) {
    queue(&*store, [job("1")]).await;
    let mut worker = Worker::start(&store, 2);
    for attempt in 1..=3 {
        let due = worker.does(again()).await;
        assert_eq!((due.attempt, due.is_last_attempt()), (attempt, attempt == 3));
    }
    until_empty(&*store).await;
    worker.stop().await;
}

pub(crate) async fn putting_a_job_off_is_no_attempt(store: Arc<dyn Store>) {
    queue(&*store, [Job { max_attempts: 1, ..job("1") }]).await;
    let mut worker = Worker::start(&store, 2);
    for _ in 0..3 {
        let due = worker.does(Worked::Later { after: Duration::from_millis(10) }).await;
        assert_eq!(due.attempt, 1);
    }
    worker.does(Worked::Done).await;
    until_empty(&*store).await;
    worker.stop().await;
}

pub(crate) async fn a_job_that_is_given_up_is_not_tried_again(store: Arc<dyn Store>) {
    queue(&*store, [job("1")]).await;
    let mut worker = Worker::start(&store, 2);
    worker.does(Worked::GiveUp { why: "the test wants it".to_owned() }).await;
    until_empty(&*store).await;
    worker.stop().await;
}

pub(crate) async fn a_panic_is_a_failed_attempt(store: Arc<dyn Store>) {
    queue(&*store, [Job { max_attempts: 1, ..job("1") }]).await;
    let mut worker = Worker::start(&store, 2);
    drop(worker.next().await);
    until_empty(&*store).await;
    queue(&*store, [job("2")]).await;
    assert_eq!(worker.does(Worked::Done).await.job.payload, "2", "the worker goes on");
    worker.stop().await;
}

pub(crate) async fn so_many_are_worked_on_at_a_time_and_no_more(store: Arc<dyn Store>) {
    queue(&*store, (0..5).map(|n| job(&n.to_string()))).await;
    let mut worker = Worker::start(&store, 2);
    let (first, say_first) = worker.next().await;
    let (second, say_second) = worker.next().await;
    assert_ne!(first.id, second.id);
    let at_work = store.list_jobs(None, 100).await.unwrap().into_iter().filter(|job| job.at_work).count();
    assert_eq!(at_work, 2);
    assert!(worker.begun.try_recv().is_err());
    say_first.send(Worked::Done).unwrap();
    let (_, say_third) = worker.next().await;
    assert!(worker.begun.try_recv().is_err());
    say_second.send(Worked::Done).unwrap();
    say_third.send(Worked::Done).unwrap();
    worker.does(Worked::Done).await;
    worker.does(Worked::Done).await;
    until_empty(&*store).await;
    worker.stop().await;
}

pub(crate) async fn a_stop_lets_what_was_begun_end_and_begins_nothing(store: Arc<dyn Store>) {
    queue(&*store, [job("1"), job("2")]).await;
    let mut worker = Worker::start(&store, 1);
    let (_, say) = worker.next().await;
    drop(worker.stop.take());
    say.send(Worked::Done).unwrap();
    worker.ends.await.unwrap().unwrap();
    assert_eq!(waiting(&*store).await, ["2"]);
}

pub(crate) async fn what_was_cut_off_comes_back(store: Arc<dyn Store>) {
    queue(&*store, [job("1")]).await;
    let mut worker = Worker::start(&store, 2);
    let (first, _say) = worker.next().await;
    worker.dies().await;
    let mut heir = Worker::start(&store, 2);
    let due = heir.does(Worked::Done).await;
    assert_eq!((due.id, due.attempt), (first.id, 1));
    until_empty(&*store).await;
    heir.stop().await;
}

pub(crate) async fn two_workers_never_have_the_same_job(store: Arc<dyn Store>) {
    let mut workers = [Worker::start(&store, 3), Worker::start(&store, 3)];
    queue(&*store, (0..60).map(|n| job(&n.to_string()))).await;
    let mut seen = std::collections::BTreeSet::new();
    let [one, other] = &mut workers;
    while seen.len() < 60 {
        let (due, say) = tokio::select! { begun = one.next() => begun, begun = other.next() => begun };
        assert!(seen.insert(due.job.payload.clone()), "{} was begun twice", due.job.payload);
        say.send(Worked::Done).unwrap();
    }
    until_empty(&*store).await;
    for worker in workers {
        worker.stop().await;
    }
}

pub(crate) async fn a_task_that_nobody_here_knows_is_left_to_others(store: Arc<dyn Store>) {
    queue(&*store, [Job { task: "future".to_owned(), ..job("1") }, job("2")]).await;
    let mut worker = Worker::start(&store, 1);
    assert_eq!(worker.does(Worked::Done).await.job.payload, "2");
    worker.stop().await;
    assert_eq!(waiting(&*store).await, ["1"]);
}

macro_rules! all_job_cases {
    ($backend:ident, $open:expr) => {
        conformance!(
            $backend,
            $open,
            [
                a_job_is_queued_with_its_batch_or_not_at_all,
                a_job_arrives_as_it_was_queued_and_is_gone_when_done,
                a_job_with_the_key_of_one_that_waits_takes_its_place,
                a_job_that_is_replaced_while_at_work_is_finished_but_not_tried_again,
                a_job_is_not_begun_before_its_time,
                an_attempt_that_fails_is_made_again_until_none_is_left,
                putting_a_job_off_is_no_attempt,
                a_job_that_is_given_up_is_not_tried_again,
                a_panic_is_a_failed_attempt,
                so_many_are_worked_on_at_a_time_and_no_more,
                a_stop_lets_what_was_begun_end_and_begins_nothing,
                what_was_cut_off_comes_back,
                two_workers_never_have_the_same_job,
                a_task_that_nobody_here_knows_is_left_to_others,
            ]
        );
    };
}

all_job_cases!(redb_in_a_file, async {
    let folder = tempfile::tempdir().unwrap();
    let store = sluis_store::open(&folder.path().join("sluis.redb")).await.unwrap();
    (folder, store)
});
all_job_cases!(redb_in_memory, async { ((), sluis_store::open_in_memory().await.unwrap()) });

//! The one register of tasks: what is done with a job that was queued, by the name of its task.
//!
//! A job is queued by `Change::Enqueue` in the batch that writes the rows which it is about, and may be
//! worked on more than once (see `sluis_store::job`). So each of these looks at the rows that the payload
//! names, and finds out there whether anything is left to do.

use crate::builder::Engine;
use crate::errors;
use crate::triggers::{event, schedule};
use async_trait::async_trait;
use sluis_invoke::Timer;
use sluis_model::error::Failure;
use sluis_store::job::{Pause, WorkOptions};
use sluis_store::{DueJob, JobHandler, StopSignal, Worked};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// The work on one job.
pub(crate) type Work<'a> = Pin<Box<dyn Future<Output = Worked> + Send + 'a>>;

/// A kind of job.
pub(crate) struct Task {
    /// As `Job::task` says it. Part of what is stored.
    pub name: &'static str,
    /// What is done.
    pub work: for<'a> fn(&'a Engine, &'a DueJob) -> Work<'a>,
}

/// All kinds.
pub(crate) const TASKS: &[Task] = &[
    Task { name: crate::run::TASK, work: crate::run::work },
    Task { name: schedule::TASK, work: |engine, due| Box::pin(engine.work_schedule(due)) },
    Task { name: event::TASK, work: |engine, due| Box::pin(engine.work_event(due)) },
];

impl Engine {
    /// Works on jobs until `stop` completes, `concurrency` at a time: those that wait, and each new one as
    /// soon as it is queued or due. Those at work when the stop comes have `drain` to end.
    ///
    /// # Errors
    /// When the store cannot be opened, or is closed before the stop.
    pub async fn work_jobs(
        &self,
        concurrency: usize,
        drain: Duration,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), Failure> {
        let options = WorkOptions {
            concurrency,
            drain,
            pause: Arc::new(ByTimer(self.timer_port())),
            ..WorkOptions::new(self.clock_port())
        };
        let stop: StopSignal = Box::pin(stop);
        let handler = Arc::new(ByTask(self.clone()));
        self.store().await?.work_jobs(handler, options, stop).await.map_err(errors::store)
    }
}

/// Gives a job to its task.
struct ByTask(Engine);

#[async_trait]
impl JobHandler for ByTask {
    fn tasks(&self) -> Vec<&'static str> {
        TASKS.iter().map(|task| task.name).collect()
    }

    async fn work(&self, due: DueJob) -> Worked {
        match TASKS.iter().find(|task| task.name == due.job.task) {
            Some(task) => (task.work)(&self.0, &due).await,
            // The store gives none that was not asked for; a newer node knows what to do.
            None => Worked::Later { after: Duration::from_secs(60) },
        }
    }
}

/// Time passes for jobs as it does for everything else in the engine.
struct ByTimer(Arc<dyn Timer>);

#[async_trait]
impl Pause for ByTimer {
    async fn pause(&self, time: Duration) {
        self.0.sleep(time).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_task_stands_in_the_register_once() {
        let names: BTreeSet<_> = TASKS.iter().map(|task| task.name).collect();
        assert_eq!(names.len(), TASKS.len());
    }
}

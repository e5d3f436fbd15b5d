//! Hints that there may be work, so that workers need not poll often.
//!
//! Within the process they are immediate. To other processes they travel as NOTIFY, sent by a task of its own a moment
//! after the commit and at most every [`PAUSE`]: a NOTIFY inside the transaction would serialize all commits of the
//! server, since PostgreSQL takes a global lock for them.

use crate::dialect;
use sea_orm::sqlx::PgPool;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// Between two notifications to other processes.
const PAUSE: Duration = Duration::from_millis(50);
/// Between two tries to reach the database.
const RETRY: Duration = Duration::from_secs(1);

#[derive(Default)]
pub(crate) struct Hints {
    here: Notify,
    elsewhere: Notify,
}

impl Hints {
    /// This process added a job that others can see by now.
    pub fn tell(&self) {
        self.wake();
        self.elsewhere.notify_one();
    }

    /// Wakes this process's workers: those that wait, and the next one that will (it may be about to).
    pub fn wake(&self) {
        self.here.notify_waiters();
        self.here.notify_one();
    }

    pub async fn wait(&self) {
        self.here.notified().await;
    }
}

/// The tasks that carry hints between processes; they end when this is dropped.
pub(crate) struct HintTasks(Vec<JoinHandle<()>>);

impl HintTasks {
    /// For a database that only one process uses.
    pub fn none() -> Self {
        Self(Vec::new())
    }

    pub fn start(pool: PgPool, hints: &Arc<Hints>) -> Self {
        let sending = tokio::spawn(send(pool.clone(), hints.clone()));
        let receiving = tokio::spawn(receive(pool, hints.clone()));
        Self(vec![sending, receiving])
    }
}

impl Drop for HintTasks {
    fn drop(&mut self) {
        for task in &self.0 {
            task.abort();
        }
    }
}

async fn send(pool: PgPool, hints: Arc<Hints>) {
    loop {
        hints.elsewhere.notified().await;
        if let Err(error) = dialect::notify(&pool).await {
            // Other workers find the job by polling.
            tracing::debug!(%error, "could not tell other processes about work");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn receive(pool: PgPool, hints: Arc<Hints>) {
    loop {
        if let Err(error) = dialect::listen(&pool, &hints).await {
            tracing::debug!(%error, "could not listen for work, polling goes on");
        }
        tokio::time::sleep(RETRY).await;
    }
}

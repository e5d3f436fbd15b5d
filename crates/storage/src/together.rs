//! Writes that come at the same time share a transaction (docs/decisions/0006).
//!
//! What a small write costs is mostly its commit and its round trips; while one transaction is on its way, those that come
//! meanwhile gather for the next one. A lonely one waits for nobody. Should a shared transaction fail, each of its
//! writes is tried alone, so that nobody bears the failure of another.

use crate::dialect::{Pool, Reach, Transaction};
use crate::error::store_error;
use crate::jobs::Hints;
use crate::session::Session;
use async_trait::async_trait;
use groundswell_domain::{OrganizationId, StoreError, UnitOfWork};
use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::Arc;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinHandle;

/// Most writes of one transaction.
const MOST: usize = 64;
/// How many may wait; more than there can be requests.
const QUEUE: usize = 4096;

/// What can be written together.
#[async_trait]
pub(crate) trait Shared: Send + 'static {
    type Answer: Send;

    /// Two of an organization with the same key do not go into one transaction. `None` goes with all.
    fn key(&self) -> Option<String>;

    /// Writes all of them, of one organization; an answer for each, in their order.
    async fn write(session: &Session<Transaction>, writes: &[Self]) -> Result<Vec<Self::Answer>, StoreError>
    where
        Self: Sized;
}

struct Waiting<W: Shared> {
    organization: OrganizationId,
    write: W,
    answer: oneshot::Sender<Result<W::Answer, StoreError>>,
}

/// Where writes wait, and the tasks that do them. Ends with the store.
pub(crate) struct Together<W: Shared> {
    queue: mpsc::Sender<Waiting<W>>,
    lanes: Vec<JoinHandle<()>>,
}

impl<W: Shared + Sync> Together<W> {
    pub fn start(writer: &Pool, hints: &Arc<Hints>) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let waiting = Arc::new(Mutex::new(Line {
            waiting,
            put_back: VecDeque::new(),
        }));
        let lane = |_| tokio::spawn(lane::<W>(writer.clone(), hints.clone(), waiting.clone()));
        Self {
            queue,
            lanes: (0..writer.write_lanes()).map(lane).collect(),
        }
    }

    /// Answers when it is committed. Who no longer waits for the answer does not stop it.
    pub async fn write(&self, organization: OrganizationId, write: W) -> Result<W::Answer, StoreError> {
        let (answer, answered) = oneshot::channel();
        let waiting = Waiting {
            organization,
            write,
            answer,
        };
        let stopped = || StoreError::Unavailable("the store is closed".into());
        self.queue.send(waiting).await.map_err(|_| stopped())?;
        answered.await.map_err(|_| stopped())?
    }
}

impl<W: Shared> Drop for Together<W> {
    fn drop(&mut self) {
        for lane in &self.lanes {
            lane.abort();
        }
    }
}

struct Line<W: Shared> {
    waiting: mpsc::Receiver<Waiting<W>>,
    /// Came with the key of one that goes before them.
    put_back: VecDeque<Waiting<W>>,
}

impl<W: Shared> Line<W> {
    /// At least one, as soon as there is one; no two of an organization with the same key.
    async fn next(&mut self) -> Option<Vec<Waiting<W>>> {
        let first = match self.put_back.pop_front() {
            Some(first) => first,
            None => self.waiting.recv().await?,
        };
        let mut taken = HashSet::new();
        let mut batch = Vec::new();
        let mut again = VecDeque::new();
        let mut candidate = Some(first);
        while let Some(waiting) = candidate {
            let key = waiting.write.key().map(|key| (waiting.organization, key));
            if key.is_none_or(|key| taken.insert(key)) {
                batch.push(waiting);
            } else {
                again.push_back(waiting);
            }
            candidate = (batch.len() < MOST)
                .then(|| self.put_back.pop_front().or_else(|| self.waiting.try_recv().ok()))
                .flatten();
        }
        again.append(&mut self.put_back);
        self.put_back = again;
        Some(batch)
    }
}

async fn lane<W: Shared + Sync>(writer: Pool, hints: Arc<Hints>, line: Arc<Mutex<Line<W>>>) {
    loop {
        let Some(batch) = line.lock().await.next().await else {
            return;
        };
        let mut answers = Vec::with_capacity(batch.len());
        let mut gathered = BTreeMap::<OrganizationId, Vec<W>>::new();
        for waiting in batch {
            answers.push((waiting.organization, waiting.answer));
            gathered
                .entry(waiting.organization)
                .or_default()
                .push(waiting.write);
        }
        // By organization, as they are written; the sort is stable.
        answers.sort_by_key(|(organization, _)| *organization);
        let mut answers = answers.into_iter().map(|(_, answer)| answer);
        match write(&writer, &hints, &gathered).await {
            Ok(results) => {
                for (answer, result) in answers.zip(results) {
                    // Nobody waits for it any more; it is kept nevertheless.
                    let _ = answer.send(Ok(result));
                }
            }
            Err(error) if answers.len() == 1 => {
                let _ = answers.next().map(|answer| answer.send(Err(error)));
            }
            Err(error) => {
                tracing::debug!(%error, "writes that came together are tried one by one");
                let each = gathered.into_iter().flat_map(|(organization, writes)| {
                    writes.into_iter().map(move |one| (organization, one))
                });
                for (answer, (organization, one)) in answers.zip(each) {
                    let alone = BTreeMap::from([(organization, vec![one])]);
                    let results = write(&writer, &hints, &alone).await;
                    let result = results.and_then(|results| {
                        let missing = || StoreError::other("a write without an answer");
                        results.into_iter().next().ok_or_else(missing)
                    });
                    let _ = answer.send(result);
                }
            }
        }
    }
}

/// Writes all in one transaction; the answers, in order of organization and write.
async fn write<W: Shared>(
    writer: &Pool,
    hints: &Arc<Hints>,
    gathered: &BTreeMap<OrganizationId, Vec<W>>,
) -> Result<Vec<W::Answer>, StoreError> {
    let mut answers = Vec::new();
    let Some(first) = gathered.keys().next().map(|organization| organization.0) else {
        return Ok(answers);
    };
    let reach = Reach::Organization(first);
    let transaction = writer.begin(reach).await.map_err(store_error)?;
    let mut session = Session::of_many(transaction, first, hints.clone());
    for (organization, of_one) in gathered {
        session.turn_to(organization.0).await?;
        answers.extend(W::write(&session, of_one).await?);
    }
    Box::new(session).commit().await?;
    Ok(answers)
}

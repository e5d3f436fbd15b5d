//! Captures that come at the same time share a transaction.
//!
//! What a capture costs is mostly its commit and its round trips; while one transaction is on its way, those that come
//! meanwhile gather for the next one. A lonely one waits for nobody. Should a shared transaction fail, each of its
//! captures is tried alone, so that nobody bears the failure of another.

use super::capture;
use crate::dialect::{Pool, Reach};
use crate::error::store_error;
use crate::jobs::Hints;
use crate::session::Session;
use groundswell_domain::forms::NewCapture;
use groundswell_domain::{LeadId, OrganizationId, StoreError, UnitOfWork};
use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::Arc;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinHandle;

/// Most captures of one transaction.
const MOST: usize = 64;
/// How many may wait; more than there can be requests.
const QUEUE: usize = 4096;

struct Waiting {
    organization: OrganizationId,
    capture: NewCapture,
    answer: oneshot::Sender<Result<LeadId, StoreError>>,
}

/// Where captures wait, and the tasks that write them. Ends with the store.
pub(crate) struct Intake {
    queue: mpsc::Sender<Waiting>,
    lanes: Vec<JoinHandle<()>>,
}

impl Intake {
    pub fn start(writer: &Pool, hints: &Arc<Hints>) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let waiting = Arc::new(Mutex::new(Line {
            waiting,
            put_back: VecDeque::new(),
        }));
        let lane = |_| tokio::spawn(lane(writer.clone(), hints.clone(), waiting.clone()));
        Self {
            queue,
            lanes: (0..writer.write_lanes()).map(lane).collect(),
        }
    }

    pub async fn capture(
        &self,
        organization: OrganizationId,
        capture: NewCapture,
    ) -> Result<LeadId, StoreError> {
        let (answer, answered) = oneshot::channel();
        let waiting = Waiting {
            organization,
            capture,
            answer,
        };
        let stopped = || StoreError::Unavailable("the store is closed".into());
        self.queue.send(waiting).await.map_err(|_| stopped())?;
        answered.await.map_err(|_| stopped())?
    }
}

impl Drop for Intake {
    fn drop(&mut self) {
        for lane in &self.lanes {
            lane.abort();
        }
    }
}

struct Line {
    waiting: mpsc::Receiver<Waiting>,
    /// Came with the address of one that goes before them.
    put_back: VecDeque<Waiting>,
}

impl Line {
    /// At least one, as soon as there is one; no two of an organization with the same address.
    async fn next(&mut self) -> Option<Vec<Waiting>> {
        let first = match self.put_back.pop_front() {
            Some(first) => first,
            None => self.waiting.recv().await?,
        };
        let mut taken = HashSet::new();
        let mut batch = Vec::new();
        let mut again = VecDeque::new();
        let mut candidate = Some(first);
        while let Some(waiting) = candidate {
            let key = (waiting.organization, waiting.capture.lead.email.key());
            if taken.insert(key) {
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

async fn lane(writer: Pool, hints: Arc<Hints>, line: Arc<Mutex<Line>>) {
    loop {
        let Some(batch) = line.lock().await.next().await else {
            return;
        };
        let mut answers = Vec::with_capacity(batch.len());
        let mut captures = BTreeMap::<OrganizationId, Vec<NewCapture>>::new();
        for waiting in batch {
            answers.push((waiting.organization, waiting.answer));
            captures
                .entry(waiting.organization)
                .or_default()
                .push(waiting.capture);
        }
        // By organization, as they are written; the sort is stable.
        answers.sort_by_key(|(organization, _)| *organization);
        let mut answers = answers.into_iter().map(|(_, answer)| answer);
        match write(&writer, &hints, &captures).await {
            Ok(leads) => {
                for (answer, lead) in answers.zip(leads) {
                    // Nobody waits for it any more; it is kept nevertheless.
                    let _ = answer.send(Ok(lead));
                }
            }
            Err(error) if answers.len() == 1 => {
                let _ = answers.next().map(|answer| answer.send(Err(error)));
            }
            Err(error) => {
                tracing::debug!(%error, "captures that came together are tried one by one");
                let each = captures.into_iter().flat_map(|(organization, captures)| {
                    captures.into_iter().map(move |one| (organization, one))
                });
                for (answer, (organization, one)) in answers.zip(each) {
                    let alone = BTreeMap::from([(organization, vec![one])]);
                    let result = write(&writer, &hints, &alone).await;
                    let lead = result.and_then(|leads| {
                        let missing = || StoreError::other("a capture without a lead");
                        leads.first().copied().ok_or_else(missing)
                    });
                    let _ = answer.send(lead);
                }
            }
        }
    }
}

/// Writes all in one transaction; the leads, in order of organization and capture.
async fn write(
    writer: &Pool,
    hints: &Arc<Hints>,
    captures: &BTreeMap<OrganizationId, Vec<NewCapture>>,
) -> Result<Vec<LeadId>, StoreError> {
    let mut leads = Vec::new();
    let mut organizations = captures.keys().map(|organization| organization.0);
    let Some(first) = organizations.next() else {
        return Ok(leads);
    };
    let reach = Reach::Organization(first);
    let transaction = writer.begin(reach).await.map_err(store_error)?;
    let mut session = Session::of_many(transaction, first, hints.clone());
    for (organization, captures) in captures {
        session.turn_to(organization.0).await?;
        leads.extend(capture::write(&session, captures).await?);
    }
    Box::new(session).commit().await?;
    Ok(leads)
}

//! Contract suites: what every implementation of the store ports must do, as their documentation says.
//!
//! A suite is one function that takes a [`Contract`] over an empty, migrated store and panics at the first promise that
//! is not kept. To add one: a file named after the context, and a line in the test of each implementation.

pub mod audit;
pub mod bounces;
pub mod brand;
mod campaign_figures;
pub mod campaigns;
pub mod captures;
pub mod clients;
pub mod consents;
pub mod duplicates;
pub mod email;
pub mod enrichment;
pub mod forms;
pub mod goals;
pub mod halt;
pub mod idempotency;
pub mod identity;
pub mod imports;
pub mod jobs;
pub mod leads;
pub mod ledger;
pub mod limits;
pub mod llm_budgets;
pub mod pipeline;
pub mod predictions;
pub mod privacy;
pub mod projects;
pub mod qualification;
pub mod queue;
pub mod queue_turns;
pub mod schedules;
pub mod scoring;
pub mod secrets;
pub mod segments;
pub mod sending;
pub mod sequences;
pub mod sources;
pub mod templates;
pub mod topics;
pub mod undo;
pub mod visits;

use crate::Builders;
use groundswell_domain::clients::Client;
use groundswell_domain::paging::SortField;
use groundswell_domain::projects::Project;
use groundswell_domain::{
    ClientId, Page, PageRequest, Repos, Scope, Sort, Store, StoreError, SystemStore, UnitOfWork,
};
use std::future::Future;
use std::sync::Arc;

/// A store under test.
pub struct Contract {
    pub store: Arc<dyn Store>,
    pub system: Arc<dyn SystemStore>,
    pub make: Builders,
}

impl Contract {
    pub fn new(store: Arc<dyn Store>, system: Arc<dyn SystemStore>) -> Self {
        Self {
            store,
            system,
            make: Builders::default(),
        }
    }

    /// The scope of a new organization that exists in the store.
    pub async fn organization(&self) -> Scope {
        let organization = self.make.organization();
        let scope = self.make.scope(organization.id);
        let unit = self.begin(&scope).await;
        unit.identity().insert_organization(&organization).await.unwrap();
        unit.commit().await.unwrap();
        scope
    }

    /// A new client that exists in the store.
    pub async fn client(&self, scope: &Scope) -> Client {
        let client = self.make.client();
        self.read(scope).clients().insert(&client).await.unwrap();
        client
    }

    /// A new project that exists in the store.
    pub async fn project(&self, scope: &Scope, client: Option<ClientId>) -> Project {
        let project = self.make.project(client);
        self.read(scope).projects().insert(&project).await.unwrap();
        project
    }

    /// Repositories without a transaction.
    pub fn read(&self, scope: &Scope) -> Box<dyn Repos> {
        self.store.read(scope)
    }

    pub async fn begin(&self, scope: &Scope) -> Box<dyn UnitOfWork> {
        self.store.begin(scope).await.unwrap()
    }
}

/// Panics unless the result is [`StoreError::Duplicate`].
#[track_caller]
#[expect(
    clippy::needless_pass_by_value,
    reason = "reads as a sentence around the call"
)]
pub fn assert_duplicate<T: std::fmt::Debug>(result: Result<T, StoreError>) {
    assert!(
        matches!(result, Err(StoreError::Duplicate { .. })),
        "expected a duplicate, got {result:?}"
    );
}

/// Panics unless the result is [`StoreError::MissingReference`].
#[track_caller]
#[expect(
    clippy::needless_pass_by_value,
    reason = "reads as a sentence around the call"
)]
pub fn assert_missing_reference<T: std::fmt::Debug>(result: Result<T, StoreError>) {
    assert!(
        matches!(result, Err(StoreError::MissingReference { .. })),
        "expected a missing reference, got {result:?}"
    );
}

/// Walks through a whole list in pages of two, under every sort and direction, and checks that each walk meets each of
/// `expected` (ids) exactly once, in order of the sort field, and that the total is right.
pub async fn assert_pages<F, T, Id, Fut>(
    expected: &[Id],
    id: impl Fn(&T) -> Id,
    ordered: impl Fn(F, &T, &T) -> bool,
    list: impl Fn(PageRequest<F>) -> Fut,
) where
    F: SortField + std::fmt::Debug,
    Id: Ord + Clone + std::fmt::Debug,
    Fut: Future<Output = Result<Page<T>, StoreError>>,
{
    use groundswell_domain::Direction;
    for &field in F::all() {
        for direction in [Direction::Ascending, Direction::Descending] {
            let sort = Sort { field, direction };
            let mut items = Vec::new();
            let mut cursor = None;
            loop {
                let request = PageRequest::new(Some(2), cursor, sort, true).unwrap();
                let page = list(request).await.unwrap();
                assert_eq!(page.total, Some(expected.len() as u64), "{sort:?}: total");
                assert!(page.items.len() <= 2, "{sort:?}: more than the limit");
                assert_eq!(
                    page.next.is_none(),
                    items.len() + page.items.len() >= expected.len(),
                    "{sort:?}: the end"
                );
                items.extend(page.items);
                cursor = page.next;
                if cursor.is_none() {
                    break;
                }
            }
            for pair in items.windows(2) {
                let (first, second) = match direction {
                    Direction::Ascending => (&pair[0], &pair[1]),
                    Direction::Descending => (&pair[1], &pair[0]),
                };
                assert!(ordered(field, first, second), "{sort:?}: not in order");
            }
            let mut met: Vec<Id> = items.iter().map(&id).collect();
            met.sort();
            let mut wanted = expected.to_vec();
            wanted.sort();
            assert_eq!(met, wanted, "{sort:?}: a row was skipped or repeated");
        }
    }
}

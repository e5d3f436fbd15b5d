//! The lines of the journal that an erasure writes before its commit, and takes back when there was none.

use crate::App;
use groundswell_domain::privacy::ErasureRecord;
use groundswell_domain::{Error, Scope};
use std::collections::HashSet;

/// Lines first: what is in the journal and did not happen is made up for at the next start; the other way round it would be
/// lost.
pub(super) async fn commit(
    app: &App,
    scope: &Scope,
    records: &[ErasureRecord],
    commit: impl Future<Output = Result<(), Error>> + Send,
) -> Result<(), Error> {
    let result = async {
        for record in records {
            app.journal.append(record).await?;
        }
        commit.await
    }
    .await;
    if result.is_err() {
        take_back(app, scope, records).await;
    }
    result
}

/// People go on working with what was not erased: the next start must not erase it behind their backs. A commit whose answer
/// was lost on the way may have happened, and when the database can't tell, the line stays.
async fn take_back(app: &App, scope: &Scope, records: &[ErasureRecord]) {
    let ids: Vec<_> = records.iter().map(|record| record.id).collect();
    let happened: HashSet<_> = match app.store.read(scope).erasures().known(&ids).await {
        Ok(known) => known.into_iter().collect(),
        Err(error) => {
            tracing::error!(%error, ?ids, "it is not known whether these erasures happened: the next start does them");
            return;
        }
    };
    for id in ids.into_iter().filter(|id| !happened.contains(id)) {
        if let Err(error) = app.journal.void(id).await {
            tracing::error!(%error, %id, "the journal still tells of an erasure that did not happen: the next start does it");
        }
    }
}

//! Work that keeps a thread busy for seconds, away from the threads that answer requests.

use groundswell_domain::Error;
use tokio::sync::Semaphore;

/// Two at a time, whoever asks: such work also takes memory.
static SLOTS: Semaphore = Semaphore::const_new(2);

pub(crate) async fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    let slot = SLOTS.acquire().await.map_err(Error::internal)?;
    let work = tokio::task::spawn_blocking(move || {
        // The slot belongs to the work: whoever asked may go away before it is done.
        let _slot = slot;
        work()
    });
    work.await.map_err(Error::internal)
}

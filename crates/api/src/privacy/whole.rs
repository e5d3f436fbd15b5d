//! An erasure is a line of a journal and a commit. A request can be dropped between the two: its time is over, or whoever
//! asked has hung up.

use groundswell_domain::Error;
use tracing::Instrument;

/// Goes on to the end, also when nobody waits for it any more.
pub(super) async fn whole<T: 'static>(
    work: impl Future<Output = Result<T, Error>> + 'static,
) -> Result<T, Error> {
    actix_web::rt::spawn(work.in_current_span())
        .await
        .map_err(Error::internal)?
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::rc::Rc;
    use std::time::Duration;

    #[actix_web::test]
    async fn it_ends_also_when_nobody_waits() {
        let done = Rc::new(Cell::new(false));
        let work = {
            let done = done.clone();
            whole(async move {
                actix_web::rt::time::sleep(Duration::from_millis(50)).await;
                done.set(true);
                Ok(())
            })
        };
        assert!(
            tokio::time::timeout(Duration::from_millis(5), work)
                .await
                .is_err()
        );
        assert!(!done.get());
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(done.get());
    }
}

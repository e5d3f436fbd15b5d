//! Who a segment means where leads are chosen.

use crate::App;
use crate::organization::time_zone;
use groundswell_domain::leads::LeadFilter;
use groundswell_domain::segments::{Audience, Chosen, Fault, Moment, Segment};
use groundswell_domain::{Error, Repos, SegmentId};

/// What "now" means for this organization.
pub(super) async fn moment<R: Repos + ?Sized>(app: &App, repos: &R) -> Result<Moment, Error> {
    Ok(Moment {
        now: app.now(),
        time_zone: time_zone(repos).await?,
    })
}

/// Who is in the segment from now on; `field` is the one that names it.
pub(crate) async fn choose<R: Repos + ?Sized>(
    app: &App,
    repos: &R,
    id: SegmentId,
    field: &str,
) -> Result<Audience, Error> {
    let segment = repos.segments().get(id).await?;
    let segment = segment.ok_or_else(|| Error::invalid(field, "there is no such segment"))?;
    audience(app, repos, &segment).await
}

pub(super) async fn audience<R: Repos + ?Sized>(
    app: &App,
    repos: &R,
    segment: &Segment,
) -> Result<Audience, Error> {
    let moment = moment(app, repos).await?;
    segment.audience(moment).ok_or_else(|| {
        Error::conflict(
            "segment_freezing",
            format!(
                "the segment {} is still being written down: try again soon",
                segment.name
            ),
        )
    })
}

/// Looks up the segment that a filter names.
pub(crate) async fn of_filter<R: Repos + ?Sized>(
    app: &App,
    repos: &R,
    filter: &mut LeadFilter,
) -> Result<(), Error> {
    if let (Some(id), None) = (filter.segment_id, &filter.segment) {
        let audience = choose(app, repos, id, "segment_id").await?;
        filter.segment = Some(readable(audience.chosen())?);
    }
    Ok(())
}

/// Expressions are checked before they are kept: one that can't be read was kept by a newer version.
pub(crate) fn readable(chosen: Result<Chosen, Fault>) -> Result<Chosen, Error> {
    chosen.map_err(|fault| {
        Error::conflict(
            "segment_unreadable",
            format!("the segment's expression can't be read: {}", fault.message),
        )
    })
}

//! Segments.

mod manage;
mod query;

use actix_web::web::{ServiceConfig, resource};

#[derive(utoipa::OpenApi)]
#[openapi(paths(
    manage::create_segment,
    manage::list_segments,
    manage::preview_segment,
    manage::get_segment,
    manage::replace_segment,
    manage::update_segment,
    manage::delete_segment,
    manage::freeze_segment,
    manage::list_segment_leads,
))]
pub(crate) struct Docs;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(
            resource("/api/segments")
                .get(manage::list_segments)
                .post(manage::create_segment),
        )
        .service(resource("/api/segments/preview").post(manage::preview_segment))
        .service(
            resource("/api/segments/{id}")
                .get(manage::get_segment)
                .put(manage::replace_segment)
                .patch(manage::update_segment)
                .delete(manage::delete_segment),
        )
        .service(resource("/api/segments/{id}/freeze").post(manage::freeze_segment))
        .service(resource("/api/segments/{id}/leads").get(manage::list_segment_leads));
}

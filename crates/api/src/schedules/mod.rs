//! Recurring work.

mod manage;
mod query;

use actix_web::web::{self, ServiceConfig};

#[derive(utoipa::OpenApi)]
#[openapi(paths(
    manage::create_schedule,
    manage::list_schedules,
    manage::get_schedule,
    manage::replace_schedule,
    manage::update_schedule,
    manage::delete_schedule,
    manage::run_schedule,
))]
pub(crate) struct Docs;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(
            web::resource("/api/schedules")
                .post(manage::create_schedule)
                .get(manage::list_schedules),
        )
        .service(
            web::resource("/api/schedules/{id}")
                .get(manage::get_schedule)
                .put(manage::replace_schedule)
                .patch(manage::update_schedule)
                .delete(manage::delete_schedule),
        )
        .service(web::resource("/api/schedules/{id}/run").post(manage::run_schedule));
}

//! Puts the routes together and binds them to a socket.

use crate::http::{ApiError, ApiState, context, idempotency, limit, start_recorder, to_api};
use crate::{
    audit, brand, campaigns, clients, consents, document, email, enrichment, forms, health, identity, jobs,
    leads, pipeline, privacy, projects, schedules, secrets, segments, sequences,
};
use actix_web::dev::Server;
use actix_web::middleware::{Compress, from_fn};
use actix_web::web::{Data, QueryConfig, ServiceConfig, resource};
use actix_web::{App, HttpServer};
use groundswell_domain::Error;
use std::io;
use std::net::TcpListener;
use std::time::Duration;

/// Prefixes under which the systems that this one replaces had their routes.
const OLD_ROOTS: [&str; 7] = [
    "ai-video",
    "internal-publishing",
    "auth",
    "campaigns",
    "clients",
    "tasks",
    "analytics",
];

/// A server on a socket that listens already. It runs when it is awaited, and ends when its handle is told to stop: requests
/// that are being answered then have up to `drain`.
pub fn bind(listener: TcpListener, workers: usize, drain: Duration, state: ApiState) -> io::Result<Server> {
    start_recorder();
    let head_timeout = state.settings.head_timeout;
    let state = Data::new(state);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(state.clone())
            .app_data(QueryConfig::default().error_handler(|_, _| unreadable_query()))
            .wrap(from_fn(idempotency))
            .wrap(from_fn(limit))
            .wrap(Compress::default())
            .wrap(from_fn(context))
            .configure(routes)
            .default_service(actix_web::web::to(no_route))
    });
    let server = if workers == 0 {
        server
    } else {
        server.workers(workers)
    };
    Ok(server
        .disable_signals()
        .client_request_timeout(head_timeout)
        .shutdown_timeout(drain.as_secs())
        .listen(listener)?
        .run())
}

fn routes(config: &mut ServiceConfig) {
    audit::configure(config);
    brand::configure(config);
    campaigns::configure(config);
    clients::configure(config);
    consents::configure(config);
    email::configure(config);
    enrichment::configure(config);
    forms::configure(config);
    health::configure(config);
    identity::configure(config);
    jobs::configure(config);
    pipeline::configure(config);
    sequences::configure(config);
    leads::configure(config);
    privacy::configure(config);
    projects::configure(config);
    secrets::configure(config);
    schedules::configure(config);
    segments::configure(config);
    document::configure(config);
    for root in OLD_ROOTS {
        config.service(resource([format!("/{root}"), format!("/{root}/{{rest:.*}}")]).to(to_api));
    }
}

/// For pages, which take the query string as the framework reads it.
fn unreadable_query() -> actix_web::Error {
    ApiError::from(Error::invalid("query", "can't be read")).into()
}

async fn no_route() -> Result<actix_web::HttpResponse, ApiError> {
    Err(ApiError::NoRoute)
}

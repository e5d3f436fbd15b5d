//! How the server is: for people, for orchestrators, and for Prometheus.

use crate::http::{Answer, ApiError, ApiState, ClientIp, Envelope, render_metrics};
use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE};
use actix_web::web::{Data, ServiceConfig, resource};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use groundswell_app::health::{self, Component};
use groundswell_domain::jobs::JobStatus;
use groundswell_domain::limits::Sharing;
use secrecy::ExposeSecret;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write;
use utoipa::ToSchema;

#[derive(utoipa::OpenApi)]
#[openapi(paths(get_health, get_health_status))]
pub(crate) struct Docs;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(resource("/api/health").get(get_health))
        .service(resource("/api/health/status").get(get_health_status))
        .service(resource("/livez").get(live))
        .service(resource("/readyz").get(ready))
        .service(resource("/metrics").get(metrics));
}

#[derive(Debug, Serialize, ToSchema)]
struct Health {
    #[schema(example = "healthy")]
    status: &'static str,
    timestamp: DateTime<Utc>,
    environment: String,
    version: &'static str,
}

/// That the server answers.
#[utoipa::path(get, path = "/api/health", operation_id = "get_health", tag = "health",
    responses((status = 200, body = Envelope<Health>)), security(()))]
async fn get_health(state: Data<ApiState>) -> Answer<Health> {
    Answer::ok(Health {
        status: "healthy",
        timestamp: state.app.now(),
        environment: state.settings.environment.clone(),
        version: env!("CARGO_PKG_VERSION"),
    })
}

#[derive(Debug, Serialize, ToSchema)]
struct Report {
    /// `operational` or `degraded`.
    status: &'static str,
    /// By part: api, database, queue, mail, limits.
    #[schema(value_type = std::collections::HashMap<String, Component>)]
    services: BTreeMap<&'static str, Component>,
    timestamp: DateTime<Utc>,
}

/// How each part is.
#[utoipa::path(get, path = "/api/health/status", operation_id = "get_health_status", tag = "health",
    responses((status = 200, body = Envelope<Report>)), security(()))]
async fn get_health_status(state: Data<ApiState>) -> Answer<Report> {
    let good = |detail: &str| Component {
        status: "healthy",
        detail: detail.to_owned(),
    };
    let mail = match state.app.mailer.name() {
        "outbox" => good("kept in the outbox, not delivered"),
        _ => mail(&state),
    };
    let services = BTreeMap::from([
        ("api", good("answers")),
        ("database", health::database(&state.app).await),
        ("queue", health::queue(&state.app).await),
        ("mail", mail),
        ("limits", limits(&state).await),
    ]);
    let all = services.values().all(Component::is_healthy);
    let status = if all { "operational" } else { "degraded" };
    Answer::ok(Report {
        status,
        services,
        timestamp: state.app.now(),
    })
}

/// How many servers this process can reach, as far as it tried. Nobody is asked: anybody may look here.
fn mail(state: &ApiState) -> Component {
    let (reached, all) = state.app.mailer.reachable();
    let (status, detail) = match (reached, all) {
        (1, 1) => ("healthy", "delivered by a mail server".to_owned()),
        _ if reached == all => ("healthy", format!("delivered by {all} mail servers")),
        (0, _) => (
            "unhealthy",
            format!("none of {all} mail servers can be reached: mails wait"),
        ),
        _ => (
            "degraded",
            format!("{reached} of {all} mail servers can be reached"),
        ),
    };
    Component { status, detail }
}

/// Where rate limits are counted. Without the place that processes share they go on, each for itself.
async fn limits(state: &ApiState) -> Component {
    let (status, detail) = match state.limits.sharing().await {
        Sharing::Alone => ("healthy", "counted by this process"),
        Sharing::Shared => ("healthy", "counted in Redis"),
        Sharing::Away => ("degraded", "Redis is away: each process counts for itself"),
    };
    Component {
        status,
        detail: detail.to_owned(),
    }
}

/// The process runs: whoever asks gets an answer, whatever else is away.
async fn live() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain").body("ok\n")
}

/// Requests can be answered: the database is there, with all migrations.
async fn ready(state: Data<ApiState>) -> HttpResponse {
    let problem = match state.app.system.pending_migrations().await {
        Ok(pending) if pending.is_empty() => None,
        Ok(pending) => Some(format!(
            "{} migrations are missing: run `groundswell migrate`\n",
            pending.len()
        )),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            Some("the database does not answer\n".to_owned())
        }
    };
    match problem {
        None => HttpResponse::Ok().content_type("text/plain").body("ready\n"),
        Some(text) => HttpResponse::ServiceUnavailable()
            .insert_header(("retry-after", "2"))
            .content_type("text/plain")
            .body(text),
    }
}

/// For Prometheus. With a token for whoever has it; without, for this machine only.
async fn metrics(
    state: Data<ApiState>,
    request: HttpRequest,
    ip: ClientIp,
) -> Result<HttpResponse, ApiError> {
    let allowed = match &state.settings.metrics_token {
        Some(token) => {
            let header = request
                .headers()
                .get(AUTHORIZATION)
                .and_then(|value| value.to_str().ok());
            header
                .and_then(|text| text.strip_prefix("Bearer "))
                // Hashes: how long their comparison takes tells nothing about the token.
                .is_some_and(|text| Sha256::digest(text) == Sha256::digest(token.expose_secret()))
        }
        None => {
            state.settings.local && ip.0.is_loopback() && !request.headers().contains_key("x-forwarded-for")
        }
    };
    if !allowed {
        return Err(ApiError::NoRoute);
    }
    let rows = state.app.system.jobs().depth().await.unwrap_or_default();
    let now = gauges(&rows, state.started_at, resident_memory());
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/plain; version=0.0.4"))
        .body(render_metrics() + &now))
}

/// What is true at this moment. Not in the recorder, which would go on telling of a kind of job when its queue is empty.
fn gauges(jobs: &[(String, JobStatus, i64)], started_at: DateTime<Utc>, memory: Option<u64>) -> String {
    let mut text = String::from("# TYPE jobs_unfinished gauge\n");
    for (kind, status, count) in jobs {
        let _ = writeln!(
            text,
            "jobs_unfinished{{kind={kind:?},status=\"{}\"}} {count}",
            status.as_str()
        );
    }
    let started = started_at.timestamp();
    let _ = writeln!(
        text,
        "# TYPE process_start_time_seconds gauge\nprocess_start_time_seconds {started}"
    );
    if let Some(bytes) = memory {
        let _ = writeln!(
            text,
            "# TYPE process_resident_memory_bytes gauge\nprocess_resident_memory_bytes {bytes}"
        );
    }
    text
}

/// Of this process, in bytes. Only Linux tells.
fn resident_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gauges_are_in_the_format_of_prometheus() {
        let jobs = [("leads.import".to_owned(), JobStatus::Queued, 3)];
        let text = gauges(&jobs, DateTime::UNIX_EPOCH, Some(4096));
        assert!(
            text.contains("jobs_unfinished{kind=\"leads.import\",status=\"queued\"} 3\n"),
            "{text}"
        );
        assert!(text.ends_with("process_resident_memory_bytes 4096\n"), "{text}");
        let empty = gauges(&[], DateTime::UNIX_EPOCH, None);
        assert!(!empty.contains("leads.import") && empty.contains("process_start_time_seconds 0\n"));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn memory_is_told_in_bytes() {
        assert!(resident_memory().unwrap() > 1024 * 1024);
    }
}

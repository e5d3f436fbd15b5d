//! Measurements, for Prometheus. One recorder per process: servers in one process share it.

use actix_web::http::{Method, StatusCode};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Seconds: from a cached read to a timeout.
const BUCKETS: [f64; 11] = [
    0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5, 10.0,
];

/// Histograms keep every value until somebody sorts them in. A look at the metrics does; where nobody looks, this many
/// requests do, so that memory does not grow with them.
const UPKEEP_EVERY: u32 = 2048;

/// Starts recording; the first call counts.
pub(crate) fn start_recorder() {
    RECORDER.get_or_init(|| {
        let builder =
            PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &BUCKETS);
        match builder.and_then(PrometheusBuilder::install_recorder) {
            Ok(handle) => Some(handle),
            Err(error) => {
                tracing::warn!(%error, "nothing is measured");
                None
            }
        }
    });
}

/// Counts an answered request. `route` is the pattern of the address.
pub(super) fn record_request(method: &Method, route: String, status: StatusCode, took: Duration) {
    static ANSWERED: AtomicU32 = AtomicU32::new(0);
    let method = known(method);
    metrics::histogram!("http_request_duration_seconds", "method" => method, "route" => route.clone())
        .record(took.as_secs_f64());
    metrics::counter!("http_requests_total", "method" => method, "route" => route, "status" => status.as_u16().to_string())
        .increment(1);
    if ANSWERED.fetch_add(1, Ordering::Relaxed) % UPKEEP_EVERY == UPKEEP_EVERY - 1
        && let Some(handle) = RECORDER.get().and_then(Option::as_ref)
    {
        handle.run_upkeep();
    }
}

/// A label has few values; a caller can invent methods without end.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// Everything that was recorded, in the text format of Prometheus.
pub(crate) fn render_metrics() -> String {
    RECORDER
        .get()
        .and_then(Option::as_ref)
        .map(PrometheusHandle::render)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invented_methods_share_one_label() {
        start_recorder();
        for method in ["BREW", "STEEP"] {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            record_request(
                &method,
                "/recorder/{id}".into(),
                StatusCode::OK,
                Duration::from_millis(3),
            );
        }
        let text = render_metrics();
        let line = "http_requests_total{method=\"other\",route=\"/recorder/{id}\",status=\"200\"} 2";
        assert!(text.contains(line), "{text}");
        assert!(!text.contains("BREW"));
    }
}

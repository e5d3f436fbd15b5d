//! What an answer tells about its limit: `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10, which
//! are structured fields), and the three fields of its earlier versions, which most clients read.

use super::Shown;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use std::time::Duration;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const NOW: HeaderName = HeaderName::from_static("ratelimit");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

pub(super) fn tell(shown: &Shown, headers: &mut HeaderMap) {
    let Shown {
        policy,
        rate,
        standing,
    } = shown;
    let (quota, window) = (rate.burst(), seconds(rate.window()).max(1));
    // When nothing is left, what counts is when the next one may come.
    let reset = if standing.allowed {
        seconds(standing.full_after)
    } else {
        seconds(standing.retry_after)
    };
    let remaining = standing.remaining;
    let all = [
        (POLICY, format!("\"{policy}\";q={quota};w={window}")),
        (NOW, format!("\"{policy}\";r={remaining};t={reset}")),
        (LIMIT, quota.to_string()),
        (REMAINING, remaining.to_string()),
        (RESET, reset.to_string()),
    ];
    for (name, text) in all {
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.insert(name, value);
        }
    }
}

/// Rounded up: who waits that long has waited long enough.
pub(super) fn seconds(time: Duration) -> u64 {
    time.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use groundswell_domain::limits::{Rate, decide};

    #[test]
    fn both_versions_say_the_same() {
        let rate = Rate::new(3, Duration::from_mins(1), 3);
        let mut headers = HeaderMap::new();
        let standing = decide(&[(rate, 5_500_000)])[0];
        let policy = "sign_in";
        tell(
            &Shown {
                policy,
                rate,
                standing,
            },
            &mut headers,
        );
        let text = |name: &str| headers.get(name).unwrap().to_str().unwrap().to_owned();
        assert_eq!(text("ratelimit-policy"), "\"sign_in\";q=3;w=60");
        assert_eq!(text("ratelimit"), "\"sign_in\";r=1;t=26");
        assert_eq!(
            [
                text("ratelimit-limit"),
                text("ratelimit-remaining"),
                text("ratelimit-reset")
            ],
            ["3", "1", "26"]
        );
    }
}

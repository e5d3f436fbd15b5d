//! Asks whether the links of a mail lead somewhere: once, when a person wants to know, and only where robots.txt lets programs ask.

use crate::{App, robots};
use futures_util::{StreamExt, stream};
use groundswell_domain::egress::{FetchError, FetchRequest};
use groundswell_domain::email::{Finding, LintRule};
use std::time::Duration;
use url::Url;

/// Links that are asked; a mail with more has other problems.
const MOST: usize = 20;
/// At the same time.
const TOGETHER: usize = 10;
/// For the page, and for the robots.txt before it.
const PATIENCE: Duration = Duration::from_secs(8);

pub(super) async fn dead_links(app: &App, links: &[String]) -> Vec<Finding> {
    stream::iter(links.iter().take(MOST))
        .map(|link| async move { ask(app, link).await.map(|why| dead(link, &why)) })
        .buffered(TOGETHER)
        .filter_map(std::future::ready)
        .collect()
        .await
}

fn dead(link: &str, why: &str) -> Finding {
    let message = format!("`{link}` leads nowhere: {why}");
    Finding::new(LintRule::DeadLink, "html", message)
}

/// Why nobody gets there; none when somebody does, or when we may not ask.
async fn ask(app: &App, link: &str) -> Option<String> {
    let url = Url::parse(link).ok()?;
    let asked = tokio::time::timeout(PATIENCE, async {
        if !robots::allows(app, &url).await? {
            return Ok(None);
        }
        let request = FetchRequest {
            max_bytes: 1024,
            truncate: true,
            timeout: PATIENCE,
            ..FetchRequest::get(url)
        };
        app.egress.get(request).await.map(|answer| Some(answer.status))
    });
    match asked.await {
        // What needs a login, or has had enough of us, is there; and of what robots.txt forbids, or does not tell, nobody knows.
        Ok(
            Ok(None | Some(200..=399 | 401 | 403 | 405 | 407 | 429))
            | Err(FetchError::Unreadable(_) | FetchError::TooLarge(_)),
        ) => None,
        Ok(Ok(Some(status))) => Some(format!("the server answers {status}")),
        Ok(Err(error)) => Some(error.to_string()),
        Err(_) => Some(format!(
            "there was no answer within {} seconds",
            PATIENCE.as_secs()
        )),
    }
}

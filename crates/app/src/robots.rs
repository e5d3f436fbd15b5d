//! What a site wants of programs, asked once a day.

use crate::App;
use groundswell_domain::egress::{FetchError, FetchRequest, PRODUCT_TOKEN, Robots};
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// Whether the site's robots.txt lets us ask for this address. A site that has none allows everything. One whose server is in trouble or
/// not there at all is an error, which is not remembered: nothing may be asked for now (RFC 9309, section 2.3.1.4), but that is not what the
/// site wants.
pub async fn allows(app: &App, url: &Url) -> Result<bool, FetchError> {
    let origin = url.origin().ascii_serialization();
    if let Some(robots) = app.robots.get(&origin).await {
        return Ok(robots.allows(url));
    }
    let robots = Arc::new(ask(app, &origin).await?);
    let allowed = robots.allows(url);
    app.robots.insert(origin, robots).await;
    Ok(allowed)
}

async fn ask(app: &App, origin: &str) -> Result<Robots, FetchError> {
    let url = Url::parse(&format!("{origin}/robots.txt"))
        .map_err(|_| FetchError::Refused("a site without a name has no robots.txt".into()))?;
    let request = FetchRequest {
        max_bytes: Robots::MAX_BYTES,
        truncate: true,
        timeout: Duration::from_secs(10),
        ..FetchRequest::get(url)
    };
    let answer = match app.egress.get(request).await {
        Ok(answer) => answer,
        // As if there were none: RFC 9309, section 2.3.1.2.
        Err(FetchError::TooManyRedirects(_)) => return Ok(Robots::allowing_all()),
        Err(error) => return Err(error),
    };
    Ok(match answer.status {
        200..=299 => Robots::parse(&answer.body, PRODUCT_TOKEN),
        status @ (500..=599 | 429) => {
            let message = format!("the site answers {status} for its robots.txt");
            return Err(FetchError::Unreadable(message));
        }
        _ => Robots::allowing_all(),
    })
}

//! Whether the parts that Groundswell needs are there.

use crate::App;
use serde::Serialize;

/// One part and how it is.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Component {
    /// `healthy`, `degraded` (it works, but not as well as it should) or `unhealthy`.
    pub status: &'static str,
    pub detail: String,
}

impl Component {
    fn of(result: Result<String, String>) -> Self {
        match result {
            Ok(detail) => Self {
                status: "healthy",
                detail,
            },
            Err(detail) => Self {
                status: "unhealthy",
                detail,
            },
        }
    }

    pub fn is_healthy(&self) -> bool {
        self.status == "healthy"
    }
}

/// The database, without details that outsiders should not see.
pub async fn database(app: &App) -> Component {
    Component::of(match app.system.ping().await {
        Ok(()) => Ok("answers".into()),
        Err(error) => {
            tracing::warn!(%error, "the database does not answer");
            Err("does not answer".into())
        }
    })
}

/// The queue of background work.
pub async fn queue(app: &App) -> Component {
    Component::of(match app.system.jobs().depth().await {
        Ok(rows) => {
            let waiting: i64 = rows.iter().map(|(_, _, count)| count).sum();
            Ok(format!("{waiting} unfinished jobs"))
        }
        Err(error) => {
            tracing::warn!(%error, "the queue can't be read");
            Err("can't be read".into())
        }
    })
}

/// Whether mail leaves.
pub async fn mail(app: &App) -> Component {
    match app.system.sending_switch().halt().await {
        Ok(Some(halt)) => Component {
            status: "degraded",
            detail: halt.sentence(),
        },
        Ok(None) if app.mailer.name() == "outbox" => {
            Component::of(Ok("kept in the outbox, not delivered".to_owned()))
        }
        Ok(None) => servers(app),
        Err(error) => {
            tracing::warn!(%error, "whether mail leaves can't be read");
            Component::of(Err("can't be read".into()))
        }
    }
}

/// How many mail servers this process can reach, as far as it tried. Nobody is asked: anybody may look here.
fn servers(app: &App) -> Component {
    let (reached, all) = app.mailer.reachable();
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

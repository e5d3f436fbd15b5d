//! The job that makes the file, page by page and piece by piece.

use super::archive::{Archive, PIECE};
use super::export::KEPT_DAYS;
use crate::App;
use crate::jobs::{Progress, Stop};
use chrono::TimeDelta;
use groundswell_domain::audit::{AuditFilter, AuditSort};
use groundswell_domain::identity::User;
use groundswell_domain::privacy::{BuildExport, ExportPart};
use groundswell_domain::{Direction, Error, ExportId, PageRequest, Scope, Sort};
use serde_json::{Value, json};
use uuid::Uuid;

/// Rows on a page; mails can be long.
const PAGE: u32 = 200;
const MAILS: u32 = 20;

const README: &str = "\
Everything that is kept about you as a person with an account. Times are in UTC (RFC 3339).

account.json              your account and your organization
preferences.json          what user interfaces remember for you
sessions.json             where and when you signed in
api_keys.json             your API keys, without their secrets, which are not kept
account_links.json        links that were mailed to you: invitations, new passwords, confirmations
audit_log.json            what you did
audit_log_about_you.json  what others did to your account
created.json              campaigns that you made; other things you made are in audit_log.json
mails.json                mails to your address, with their text as far as it is kept

It is your data, not your organization's: leads, campaigns and the like have exports of their own.
";

/// Each attempt writes pieces of its own, so that one that was believed dead can't mix its own into the file.
pub async fn build_export(
    app: &App,
    scope: &Scope,
    job: &BuildExport,
    stop: &Stop,
) -> Result<Progress, Error> {
    let repos = app.store.read(scope);
    let Some(user) = repos.identity().user(job.user_id).await? else {
        return Ok(Progress::Done);
    };
    let export = repos.exports().of(user.id).await?;
    if export.is_none_or(|export| export.id != job.export_id || export.build.is_some()) {
        return Ok(Progress::Done);
    }
    let mut file = File {
        app,
        scope,
        stop,
        archive: Archive::new(),
        export: job.export_id,
        build: app.id(),
        pieces: 0,
    };
    if !file.fill(&user).await? {
        return Ok(Progress::ContinueAt(app.now()));
    }
    let (build, until) = (file.build, app.now() + TimeDelta::days(KEPT_DAYS));
    file.finish().await?;
    let unit = app.store.begin(scope).await?;
    unit.exports().complete(job.export_id, build, until).await?;
    unit.commit().await?;
    Ok(Progress::Done)
}

struct File<'a> {
    app: &'a App,
    scope: &'a Scope,
    stop: &'a Stop,
    archive: Archive,
    export: ExportId,
    build: Uuid,
    pieces: i32,
}

impl File<'_> {
    /// False when the process is draining: the next attempt starts anew.
    async fn fill(&mut self, user: &User) -> Result<bool, Error> {
        let repos = self.app.store.read(self.scope);
        self.archive.text("README.txt", README)?;
        let organization = repos.identity().organization().await?;
        let organization = organization.map(|found| json!({ "id": found.id, "name": found.name }));
        let account = json!({ "user": user, "organization": organization });
        self.archive.json("account.json", &account)?;
        let preferences = repos.identity().preferences(user.id).await?.unwrap_or_default();
        self.archive
            .json("preferences.json", &Value::Object(preferences))?;
        for (name, part, limit) in [
            ("sessions.json", ExportPart::Sessions, PAGE),
            ("api_keys.json", ExportPart::ApiKeys, PAGE),
            ("account_links.json", ExportPart::AccountLinks, PAGE),
            ("created.json", ExportPart::Campaigns, PAGE),
            ("mails.json", ExportPart::Mails, MAILS),
        ] {
            if !self.part(name, user, part, limit).await? {
                return Ok(false);
            }
        }
        let by_them = AuditFilter {
            user: Some(user.id),
            ..AuditFilter::default()
        };
        let about_them = AuditFilter {
            target_id: Some(user.id.0),
            ..AuditFilter::default()
        };
        Ok(self.log("audit_log.json", user, &by_them).await?
            && self.log("audit_log_about_you.json", user, &about_them).await?)
    }

    async fn part(&mut self, name: &str, user: &User, part: ExportPart, limit: u32) -> Result<bool, Error> {
        self.archive.start_list(name)?;
        let mut after = None;
        loop {
            let repos = self.app.store.read(self.scope);
            let (rows, next) = repos.exports().page(user, part, after, limit).await?;
            for row in &rows {
                self.archive.row(row)?;
            }
            self.put_away().await?;
            if self.stop.is_set() {
                return Ok(false);
            }
            if next.is_none() {
                break;
            }
            after = next;
        }
        self.archive.end_list()?;
        Ok(true)
    }

    async fn log(&mut self, name: &str, user: &User, filter: &AuditFilter) -> Result<bool, Error> {
        self.archive.start_list(name)?;
        let sort = Sort {
            field: AuditSort::CreatedAt,
            direction: Direction::Ascending,
        };
        let mut page = PageRequest::first(PAGE, sort);
        loop {
            let found = self
                .app
                .store
                .read(self.scope)
                .audit()
                .list(filter, &page)
                .await?;
            for mut entry in found.items {
                if entry.actor.user_id != Some(user.id) {
                    // From where somebody else did it is theirs.
                    entry.ip = None;
                    entry.user_agent = None;
                }
                let entry = serde_json::to_value(&entry).map_err(Error::internal)?;
                self.archive.row(&entry)?;
            }
            self.put_away().await?;
            if self.stop.is_set() {
                return Ok(false);
            }
            page.cursor = found.next;
            if page.cursor.is_none() {
                break;
            }
        }
        self.archive.end_list()?;
        Ok(true)
    }

    async fn put_away(&mut self) -> Result<(), Error> {
        while let Some(piece) = self.archive.piece() {
            self.keep(&piece).await?;
        }
        Ok(())
    }

    async fn keep(&mut self, piece: &[u8]) -> Result<(), Error> {
        let repos = self.app.store.begin(self.scope).await?;
        repos
            .exports()
            .add_piece(self.export, self.build, self.pieces, piece)
            .await?;
        repos.commit().await?;
        self.pieces += 1;
        Ok(())
    }

    async fn finish(mut self) -> Result<(), Error> {
        let rest = std::mem::replace(&mut self.archive, Archive::new()).finish()?;
        for piece in rest.chunks(PIECE) {
            self.keep(piece).await?;
        }
        Ok(())
    }
}

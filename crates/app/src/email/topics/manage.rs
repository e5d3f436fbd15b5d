//! Topics: create, read, change, delete, and who left them.

use super::commands::{NewTopic, TopicPatch};
use crate::audit::{self, Event};
use crate::clients::check_client;
use crate::{App, effect, version};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::email::{
    EmailAddress, MOST_TOPICS, Topic, TopicFilter, TopicLeave, TopicLeaveSort, TopicSort,
};
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::validate::Problems;
use groundswell_domain::{Error, Page, PageRequest, Scope, TopicId};
use serde_json::json;

const MISSING: Error = Error::NotFound { what: "topic" };

pub async fn create_topic(app: &App, scope: &Scope, new: NewTopic) -> Result<Topic, Error> {
    scope.require(Permission::TemplatesWrite)?;
    let now = app.now();
    let mut topic = Topic {
        id: app.id(),
        name: new.name,
        description: new.description,
        client_id: new.client_id,
        archived: false,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    let unit = app.store.begin(scope).await?;
    let mut problems = Problems::new();
    topic.check(&mut problems);
    check_client(unit.as_ref(), &mut problems, topic.client_id).await?;
    problems.finish()?;
    if unit.topics().count().await? >= MOST_TOPICS {
        return Err(Error::conflict(
            "too_many_topics",
            format!("an organization has at most {MOST_TOPICS} topics: delete one that nobody uses"),
        ));
    }
    unit.topics().insert(&topic).await?;
    let event = Event::of(AuditAction::TopicCreated, topic.id).after(json!({ "name": topic.name }));
    audit::record(app, scope, unit.as_ref(), event).await?;
    effect::commit(app, scope, unit, Outcome::Created, &topic).await?;
    Ok(topic)
}

pub async fn get_topic(app: &App, scope: &Scope, id: TopicId) -> Result<Topic, Error> {
    scope.require(Permission::EmailRead)?;
    app.store.read(scope).topics().get(id).await?.ok_or(MISSING)
}

pub async fn list_topics(
    app: &App,
    scope: &Scope,
    filter: &TopicFilter,
    page: &PageRequest<TopicSort>,
) -> Result<Page<Topic>, Error> {
    scope.require(Permission::EmailRead)?;
    Ok(app.store.read(scope).topics().list(filter, page).await?)
}

pub async fn update_topic(
    app: &App,
    scope: &Scope,
    id: TopicId,
    patch: TopicPatch,
    expected: Option<i32>,
) -> Result<Topic, Error> {
    scope.require(Permission::TemplatesWrite)?;
    let unit = app.store.begin(scope).await?;
    let before = unit.topics().get_locked(id).await?.ok_or(MISSING)?;
    let current = before.version;
    version::check("topic", current, expected)?;
    let mut topic = before.clone();
    topic.name = patch.name.unwrap_or(topic.name);
    patch.description.apply(&mut topic.description);
    topic.archived = patch.archived.unwrap_or(topic.archived);
    let mut problems = Problems::new();
    topic.check(&mut problems);
    problems.finish()?;
    topic.updated_at = app.now();
    topic.version += 1;
    let written = unit.topics().update(&topic, current).await?;
    version::written("topic", written, current)?;
    let (old, new) = audit::changes(&before, &topic)?;
    let event = Event::of(AuditAction::TopicUpdated, id).before(old).after(new);
    audit::record(app, scope, unit.as_ref(), event).await?;
    unit.commit().await?;
    Ok(topic)
}

/// Only one that nothing names and nobody left: whoever left it would get the next mail about the same thing.
pub async fn delete_topic(app: &App, scope: &Scope, id: TopicId) -> Result<(), Error> {
    scope.require(Permission::TemplatesWrite)?;
    let unit = app.store.begin(scope).await?;
    let topic = unit.topics().get_locked(id).await?.ok_or(MISSING)?;
    let uses = unit.topics().uses(id).await?;
    let by = [
        (uses.campaigns, "campaigns are about it"),
        (uses.sequences, "sequences are about it"),
        (uses.leaves, "people left it"),
    ];
    let by: Vec<&str> = by.iter().filter(|(used, _)| *used).map(|(_, by)| *by).collect();
    if !by.is_empty() {
        return Err(Error::conflict(
            "topic_in_use",
            format!(
                "this topic can't be deleted ({}): archive it, and it is no longer offered",
                by.join(", ")
            ),
        ));
    }
    unit.topics().delete(id).await?;
    let event = Event::of(AuditAction::TopicDeleted, id).before(json!({ "name": topic.name }));
    audit::record(app, scope, unit.as_ref(), event).await?;
    Ok(unit.commit().await?)
}

/// Who left a topic; with `address` only that one.
pub async fn list_topic_leaves(
    app: &App,
    scope: &Scope,
    id: TopicId,
    address: Option<&str>,
    page: &PageRequest<TopicLeaveSort>,
) -> Result<Page<TopicLeave>, Error> {
    scope.require(Permission::EmailRead)?;
    let repos = app.store.read(scope);
    repos.topics().get(id).await?.ok_or(MISSING)?;
    let key = address.map(|address| EmailAddress::from_trusted(address.trim().to_owned()).key());
    Ok(repos.topics().leaves(id, key.as_deref(), page).await?)
}

//! What mails are about: topics as people manage them, and whether a mail can be about one. How recipients leave them is in
//! `preferences.rs`.

mod commands;
mod manage;

pub use commands::{NewTopic, TopicPatch};
pub use manage::{create_topic, delete_topic, get_topic, list_topic_leaves, list_topics, update_topic};

use groundswell_domain::email::Topic;
use groundswell_domain::validate::Problems;
use groundswell_domain::{Error, Repos, TopicId};

/// That mails can be about a topic, named as `topic_id`; one that they were about `before` may be archived by now. Answers with it. In a
/// transaction, until whose end the topic stays.
pub(crate) async fn check<R: Repos + ?Sized>(
    repos: &R,
    problems: &mut Problems,
    topic: Option<TopicId>,
    before: Option<TopicId>,
) -> Result<Option<Topic>, Error> {
    let Some(id) = topic else { return Ok(None) };
    let topic = repos.topics().get_locked(id).await?;
    judge(problems, topic.as_ref(), before == Some(id));
    Ok(topic)
}

/// The same for a mail of its own. Nobody waits for anybody else who sends one about the same.
pub(super) async fn check_mail<R: Repos + ?Sized>(
    repos: &R,
    problems: &mut Problems,
    topic: Option<TopicId>,
) -> Result<(), Error> {
    if let Some(id) = topic {
        let topic = repos.topics().get(id).await?;
        judge(problems, topic.as_ref(), false);
    }
    Ok(())
}

fn judge(problems: &mut Problems, topic: Option<&Topic>, as_before: bool) {
    match topic {
        None => problems.add("topic_id", "there is no such topic"),
        Some(topic) => problems.check(
            !topic.archived || as_before,
            "topic_id",
            format!("the topic `{}` is archived: choose another one", topic.name),
        ),
    }
}

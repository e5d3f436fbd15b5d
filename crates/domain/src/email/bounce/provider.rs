//! What the mail servers of large providers mean by their words.

use super::BounceReason;
use super::phrases::rows;
use super::said::Said;

/// Whose mail server spoke: by the recipient's domain, the server that answered, or the one that reports.
fn provider(said: &Said) -> Option<&'static str> {
    let table = || rows::<2>(include_str!("../../../data/bounce/hosts.tsv"));
    let domain = said
        .recipient
        .rsplit_once('@')
        .map(|(_, domain)| domain.to_lowercase());
    let of_domain = domain
        .filter(|domain| !domain.is_empty())
        .and_then(|domain| table().find(|[_, host]| host.ends_with(&domain)));
    let of_host = |host: &str| {
        let host = host.to_lowercase();
        table().find(|[_, end]| host.ends_with(end))
    };
    of_domain
        .or_else(|| of_host(&said.remote))
        .or_else(|| of_host(&said.reporting))
        .map(|[provider, _]| provider)
}

pub(super) fn of_provider(said: &Said) -> Option<BounceReason> {
    let provider = provider(said)?;
    rows::<4>(include_str!("../../../data/bounce/providers.tsv"))
        .filter(|[own, _, _, phrase]| *own == provider && said.text.contains(phrase))
        .find(|[_, condition, ..]| condition.split_whitespace().all(|part| holds(part, said)))
        .and_then(|[_, _, reason, _]| reason.parse().ok())
}

/// A reply, a status, a range of statuses, or a class.
fn holds(condition: &str, said: &Said) -> bool {
    let begins = |class| said.status.starts_with(class) && said.reply.starts_with(class);
    match condition {
        "transient" => !said.status.starts_with('5') && !said.reply.starts_with('5'),
        "permanent" => begins('5'),
        _ if !condition.contains('.') => said.reply == condition,
        _ => match condition
            .rsplit_once('.')
            .and_then(|(class, range)| Some((class, range.split_once('-')?)))
        {
            Some((class, (low, high))) => {
                let number = |text: &str| text.parse::<u16>().ok();
                let detail = said.status.rsplit_once('.');
                detail.is_some_and(|(own, detail)| {
                    own == class
                        && number(detail) >= number(low)
                        && number(detail) <= number(high)
                        && number(detail).is_some()
                })
            }
            None => said.status == condition,
        },
    }
}

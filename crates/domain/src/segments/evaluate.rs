//! What conditions mean, on one lead in memory: the truth that the stores are compared with.

use super::condition::{Compare, Condition, ConsentState, CustomTest, EventTest, Literal, Subject, TextTest};
use super::field::{NumberField, TextField, TimeField};
use super::when::{Moment, Range};
use crate::consents::{Consent, ConsentDecision, Purpose};
use crate::ids::{CampaignId, MessageId};
use crate::leads::{Lead, LeadEvent, LeadEventKind};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::Value;
use uuid::Uuid;

/// A mail that went out to the lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SentMail {
    pub id: MessageId,
    pub campaign: Option<CampaignId>,
    pub at: DateTime<Utc>,
}

/// Everything that conditions can ask about one lead.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    pub lead: &'a Lead,
    pub events: &'a [LeadEvent],
    pub sent: &'a [SentMail],
    pub consents: &'a [Consent],
    pub suppressed: bool,
}

impl Condition {
    /// Whether the condition is met.
    pub fn holds(&self, facts: &Facts<'_>, moment: &Moment) -> bool {
        let lead = facts.lead;
        match self {
            Self::Everyone => true,
            Self::All(items) => items.iter().all(|item| item.holds(facts, moment)),
            Self::Any(items) => items.iter().any(|item| item.holds(facts, moment)),
            Self::Not(inner) => !inner.holds(facts, moment),
            Self::Text(field, test) => text(lead, *field, test),
            Self::Status(values) => values.contains(&lead.status),
            Self::Stage(values) => values.contains(&lead.stage),
            Self::Furthest(values) => values.contains(&lead.furthest_stage),
            Self::Deliverable(values) => values.contains(&lead.verification.deliverable),
            Self::Address(field, values) => values.contains(&field.of(&lead.verification)),
            Self::Number(field, compare, value) => {
                let score = match field {
                    NumberField::Total => lead.score.total,
                    NumberField::Fit => lead.score.fit,
                    NumberField::Engagement => lead.score.engagement,
                };
                compare.holds(&score, value)
            }
            Self::Time(field, when) => {
                let time = match field {
                    TimeField::Created => lead.created_at,
                    TimeField::Updated => lead.updated_at,
                    TimeField::StageSince => lead.stage_since,
                };
                moment.range(when).contains(time)
            }
            Self::Tag(tags) => tags.iter().any(|tag| lead.tags.as_slice().contains(tag)),
            Self::NoTags => lead.tags.is_empty(),
            Self::Client(ids) => lead.client_id.is_some_and(|id| ids.contains(&id)),
            Self::NoClient => lead.client_id.is_none(),
            Self::Custom(key, test) => custom(lead.custom_fields.get(key), test),
            Self::Consent(purpose, state) => consent(facts.consents, purpose) == *state,
            Self::Suppressed => facts.suppressed,
            Self::Event(test) => happened(facts, test, moment),
        }
    }
}

fn text(lead: &Lead, field: TextField, test: &TextTest) -> bool {
    let given = |text: &Option<String>| text.clone().unwrap_or_default();
    let (value, fold): (String, fn(&str) -> String) = match field {
        TextField::Name => (lead.name.clone(), fold),
        TextField::Email => (lead.email.as_str().to_owned(), fold),
        TextField::EmailDomain => (lead.email.domain().to_owned(), fold),
        TextField::Company => (given(&lead.company), fold),
        TextField::Title => (given(&lead.title), fold),
        TextField::Phone => (given(&lead.phone), str::to_ascii_lowercase),
        TextField::Source => (lead.source.clone(), str::to_ascii_lowercase),
        TextField::UtmSource => (given(&lead.utm.source), str::to_ascii_lowercase),
        TextField::UtmMedium => (given(&lead.utm.medium), str::to_ascii_lowercase),
        TextField::UtmCampaign => (given(&lead.utm.campaign), str::to_ascii_lowercase),
        TextField::OutcomeReason => (given(&lead.outcome_reason), str::to_ascii_lowercase),
    };
    let value = fold(&value);
    match test {
        TextTest::In(values) => values.iter().any(|wanted| value == fold(wanted)),
        TextTest::Contains(part) => value.contains(&fold(part)),
        TextTest::StartsWith(part) => value.starts_with(&fold(part)),
        TextTest::EndsWith(part) => value.ends_with(&fold(part)),
        TextTest::Empty => value.is_empty(),
    }
}

/// As the text that searches go through is kept.
fn fold(text: &str) -> String {
    text.to_lowercase().replace(char::is_control, " ")
}

fn custom(value: Option<&Value>, asked: &CustomTest) -> bool {
    let text = value.and_then(Value::as_str).map(str::to_ascii_lowercase);
    let part = |fits: fn(&str, &str) -> bool, part: &str| {
        text.as_ref()
            .is_some_and(|text| fits(text, &part.to_ascii_lowercase()))
    };
    match asked {
        CustomTest::In(values) => values.iter().any(|wanted| is(value, wanted)),
        CustomTest::Number(compare, number) => value
            .and_then(number_of)
            .is_some_and(|value| compare.holds(&value, &as_float(*number))),
        CustomTest::Contains(wanted) => part(|text, part| text.contains(part), wanted),
        CustomTest::StartsWith(wanted) => part(|text, part| text.starts_with(part), wanted),
        CustomTest::EndsWith(wanted) => part(|text, part| text.ends_with(part), wanted),
        CustomTest::Empty => match value {
            None | Some(Value::Null) => true,
            Some(Value::String(text)) => text.is_empty(),
            Some(Value::Array(items)) => items.is_empty(),
            Some(_) => false,
        },
    }
}

fn is(value: Option<&Value>, wanted: &Literal) -> bool {
    match (value, wanted) {
        (Some(Value::String(text)), Literal::Text(wanted)) => text == wanted,
        (Some(Value::Array(items)), Literal::Text(wanted)) => {
            items.iter().any(|item| item.as_str() == Some(wanted))
        }
        (Some(Value::Bool(flag)), Literal::Flag(wanted)) => flag == wanted,
        (Some(Value::String(text)), Literal::Flag(wanted)) => *text == wanted.to_string(),
        (Some(value), Literal::Number(wanted)) => {
            number_of(value).is_some_and(|value| Compare::Equal.holds(&value, &as_float(*wanted)))
        }
        _ => false,
    }
}

/// A number as stores compare it with custom fields.
pub fn as_float(number: Decimal) -> f64 {
    number.to_string().parse().unwrap_or(f64::NAN)
}

/// The number that a custom field holds: a JSON number, or a text of digits such as forms and files bring.
fn number_of(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => {
            let digits = text.strip_prefix('-').unwrap_or(text);
            let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
            let fine =
                |digits: &str| (1..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
            if fine(whole) && fine(part) {
                text.parse().ok()
            } else {
                None
            }
        }
        _ => None,
    }
}

fn consent(lines: &[Consent], purpose: &Purpose) -> ConsentState {
    let last = lines
        .iter()
        .filter(|line| line.purpose == *purpose)
        .max_by_key(|line| (line.decision.is_decided(), line.created_at, line.id));
    match last.map(|line| line.decision) {
        None => ConsentState::Unknown,
        Some(ConsentDecision::Granted) => ConsentState::Granted,
        Some(ConsentDecision::Withdrawn) => ConsentState::Withdrawn,
        Some(ConsentDecision::Pending) => ConsentState::Pending,
        Some(ConsentDecision::Lapsed) => ConsentState::Lapsed,
    }
}

fn happened(facts: &Facts<'_>, test: &EventTest, moment: &Moment) -> bool {
    let range = test
        .when
        .as_ref()
        .map_or_else(Range::default, |when| moment.range(when));
    let of_campaign = |message: Uuid, campaign: CampaignId| {
        facts
            .sent
            .iter()
            .any(|mail| mail.id.0 == message && mail.campaign == Some(campaign))
    };
    let about = |subject: Option<Uuid>| match test.subject {
        None => true,
        Some(Subject::Campaign(id)) => subject.is_some_and(|message| of_campaign(message, id)),
        Some(Subject::Form(id)) => subject == Some(id.0),
        Some(Subject::Message(id)) => subject == Some(id.0),
        Some(Subject::Other(id)) => subject == Some(id),
    };
    let times = if test.kind == LeadEventKind::EmailSent {
        let mails = facts.sent.iter();
        mails
            .filter(|mail| about(Some(mail.id.0)) && range.contains(mail.at))
            .count()
    } else {
        let events = facts.events.iter();
        events
            .filter(|event| {
                event.kind == test.kind && about(event.subject) && range.contains(event.occurred_at)
            })
            .count()
    };
    times >= test.at_least as usize
}

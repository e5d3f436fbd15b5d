//! Which events of a lead are meant.

use super::test::EventTest;
use crate::leads::LeadEvent;

/// The field of a custom event's data that has its name.
const NAME: &str = "name";

/// What can be matched with an event.
pub trait LeadEvents {
    fn means(&self, event: &LeadEvent) -> bool;
}

impl LeadEvents for EventTest {
    /// Of whatever time.
    fn means(&self, event: &LeadEvent) -> bool {
        event.kind == self.kind
            && self.subject.is_none_or(|subject| event.subject == Some(subject))
            && self
                .name
                .as_deref()
                .is_none_or(|name| event.data.get(NAME).and_then(|value| value.as_str()) == Some(name))
    }
}

//! What leads agreed to, purpose by purpose, with the words that they agreed to.
//!
//! Lines are only ever added: a withdrawal is a line of its own, and the newest decision of a lead about a [`Purpose`] is
//! what counts. Only what waits for the confirmation of a double opt-in is replaced, by what came of it. A lead without any line has neither agreed nor objected; it is no business of this context what may be done then,
//! for consent is one of several legal bases (GDPR, article 6).

mod consent;
mod form;
mod ports;
mod purpose;

pub use consent::{
    Confirmation, Consent, ConsentDecision, ConsentFilter, ConsentSort, ConsentSource, MAX_TEXT,
    PENDING_DAYS, check_text,
};
pub use form::{FormConsent, MAX_CONSENTS};
pub use ports::ConsentRepo;
pub use purpose::Purpose;

//! The fields that an expression can name, by the type of what they hold.

use crate::email::{Verdict, Verification};

crate::text_enum::text_enum! {
    /// A text. Compared without case: `name`, `email`, `company` and `title` of all letters, the others of A to Z.
    TextField {
        Name => "name",
        Email => "email",
        /// What is behind the `@`.
        EmailDomain => "email.domain",
        Phone => "phone",
        Company => "company",
        Title => "title",
        Source => "source",
        UtmSource => "utm.source",
        UtmMedium => "utm.medium",
        UtmCampaign => "utm.campaign",
        /// Why it was won or lost.
        OutcomeReason => "outcome.reason",
    }
}

crate::text_enum::text_enum! {
    /// A whole number.
    NumberField {
        Total => "score.total",
        Fit => "score.fit",
        Engagement => "score.engagement",
    }
}

crate::text_enum::text_enum! {
    TimeField {
        Created => "created",
        Updated => "updated",
        /// Since when the lead has been in its stage.
        StageSince => "stage.since",
    }
}

crate::text_enum::text_enum! {
    /// What the checks of the address found.
    AddressField {
        TakesMail => "email.mx",
        Disposable => "email.disposable",
        Role => "email.role",
        FreeMail => "email.free_mail",
    }
}

impl AddressField {
    pub fn of(self, found: &Verification) -> Verdict {
        match self {
            Self::TakesMail => found.mx,
            Self::Disposable => found.disposable,
            Self::Role => found.role,
            Self::FreeMail => found.free_mail,
        }
    }
}

/// Words that start a condition, apart from those of the enums above.
pub(super) const OTHERS: [&str; 17] = [
    "status",
    "stage",
    "stage.furthest",
    "email.deliverable",
    "tag",
    "client",
    "custom",
    "consent",
    "suppressed",
    "everyone",
    "sent",
    "opened",
    "clicked",
    "unsubscribed",
    "submitted",
    "event",
    "score",
];

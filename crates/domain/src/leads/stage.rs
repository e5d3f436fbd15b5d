//! The life cycle of a lead.
//!
//! `stage` is the truth; `status` is the coarser view of it that clients of the older systems know, and follows it.

use super::lead::LeadStatus;
use crate::error::Error;

crate::text_enum::text_enum! {
    /// Where a lead stands in its life cycle.
    LeadStage {
        /// Nobody has done anything with it yet.
        New => "new",
        /// It reacts, or somebody is in touch with it.
        Engaged => "engaged",
        /// Worth a salesperson's time.
        Qualified => "qualified",
        /// A concrete deal is being talked about.
        Opportunity => "opportunity",
        /// Became a customer.
        Converted => "converted",
        /// Will not become one.
        Disqualified => "disqualified",
    }
}

impl LeadStage {
    /// Nothing has come of the lead yet.
    pub fn is_open(self) -> bool {
        !matches!(self, Self::Converted | Self::Disqualified)
    }

    /// How far along the way to a customer: 0 (new) to 4 (converted); `None` for a disqualified lead.
    pub fn rank(self) -> Option<u8> {
        match self {
            Self::New => Some(0),
            Self::Engaged => Some(1),
            Self::Qualified => Some(2),
            Self::Opportunity => Some(3),
            Self::Converted => Some(4),
            Self::Disqualified => None,
        }
    }

    /// The one of the two that is further along the way.
    #[must_use]
    pub fn or_further(self, other: Self) -> Self {
        if other.rank() > self.rank() { other } else { self }
    }

    /// Stages that a lead can go to from here; its own is not one of them.
    ///
    /// While nothing has come of it, it may go anywhere. A disqualified lead can be taken up again, but not win a deal at
    /// once; of a customer only the deal can fall through.
    pub fn next(self) -> &'static [Self] {
        use LeadStage::{Converted, Disqualified, Engaged, New, Opportunity, Qualified};
        match self {
            New => &[Engaged, Qualified, Opportunity, Converted, Disqualified],
            Engaged => &[New, Qualified, Opportunity, Converted, Disqualified],
            Qualified => &[New, Engaged, Opportunity, Converted, Disqualified],
            Opportunity => &[New, Engaged, Qualified, Converted, Disqualified],
            Converted => &[Opportunity],
            Disqualified => &[New, Engaged, Qualified],
        }
    }

    /// A conflict, naming where the lead can go, when `to` is not one of [`Self::next`] nor this stage itself.
    pub fn check_move(self, to: Self) -> Result<(), Error> {
        if self == to || self.next().contains(&to) {
            return Ok(());
        }
        let words: Vec<&str> = self.next().iter().map(|stage| stage.as_str()).collect();
        Err(Error::conflict(
            "lead_stage",
            format!(
                "a lead that is {self} can't become {to}, only {}",
                words.join(" or ")
            ),
        ))
    }

    /// The coarser view.
    pub fn status(self) -> LeadStatus {
        match self {
            Self::New => LeadStatus::New,
            Self::Engaged => LeadStatus::Contacted,
            Self::Qualified | Self::Opportunity => LeadStatus::Qualified,
            Self::Converted => LeadStatus::Converted,
            Self::Disqualified => LeadStatus::Disqualified,
        }
    }

    /// The stage that somebody means who sets this status on a lead that is here.
    #[must_use]
    pub fn meant_by(self, status: LeadStatus) -> Self {
        if self.status() == status {
            return self;
        }
        match status {
            LeadStatus::New => Self::New,
            LeadStatus::Contacted => Self::Engaged,
            LeadStatus::Qualified => Self::Qualified,
            LeadStatus::Converted => Self::Converted,
            LeadStatus::Disqualified => Self::Disqualified,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_means_a_stage_that_has_it() {
        for from in LeadStage::ALL.iter().copied() {
            for status in LeadStatus::ALL.iter().copied() {
                assert_eq!(from.meant_by(status).status(), status);
            }
            assert_eq!(from.meant_by(from.status()), from);
            assert!(!from.next().contains(&from));
        }
    }

    #[test]
    fn what_can_not_be_is_a_conflict_that_says_what_can() {
        assert!(LeadStage::New.check_move(LeadStage::Converted).is_ok());
        assert!(LeadStage::Converted.check_move(LeadStage::Converted).is_ok());
        let refused = LeadStage::Disqualified
            .check_move(LeadStage::Converted)
            .unwrap_err();
        assert!(
            refused.to_string().contains("only new or engaged or qualified"),
            "{refused}"
        );
        assert!(LeadStage::Converted.check_move(LeadStage::New).is_err());
    }
}

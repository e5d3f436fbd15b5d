//! The life of a campaign.

use crate::error::Error;

crate::text_enum::text_enum! {
    CampaignStatus {
        Draft => "draft",
        /// Starts by itself at `start_date`.
        Scheduled => "scheduled",
        Active => "active",
        Paused => "paused",
        /// Every recipient is settled.
        Completed => "completed",
        /// Could not be run; `failure` says why.
        Failed => "failed",
        Cancelled => "cancelled",
    }
}

/// What someone wants to happen to a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Edit,
    Schedule,
    Launch,
    Pause,
    Resume,
    Complete,
    Cancel,
    Fail,
    Delete,
}

impl Action {
    fn verb(self) -> &'static str {
        match self {
            Self::Edit => "edited",
            Self::Schedule => "scheduled",
            Self::Launch => "launched",
            Self::Pause => "paused",
            Self::Resume => "resumed",
            Self::Complete => "completed",
            Self::Cancel => "cancelled",
            Self::Fail => "failed",
            Self::Delete => "deleted",
        }
    }
}

impl CampaignStatus {
    /// The state after `action`, or an error that names the state it is in.
    pub fn after(self, action: Action) -> Result<Self, Error> {
        use Action as A;
        let next = match (action, self) {
            (A::Edit, Self::Draft | Self::Scheduled | Self::Paused)
            | (A::Delete, Self::Draft | Self::Completed | Self::Failed | Self::Cancelled) => Some(self),
            (A::Schedule, Self::Draft | Self::Scheduled) => Some(Self::Scheduled),
            (A::Launch, Self::Draft | Self::Scheduled) | (A::Resume, Self::Paused) => Some(Self::Active),
            (A::Pause, Self::Active) => Some(Self::Paused),
            (A::Complete, Self::Active | Self::Paused) => Some(Self::Completed),
            (A::Cancel, Self::Draft | Self::Scheduled | Self::Active | Self::Paused) => Some(Self::Cancelled),
            (A::Fail, Self::Scheduled | Self::Active | Self::Paused) => Some(Self::Failed),
            _ => None,
        };
        next.ok_or_else(|| {
            Error::conflict(
                "campaign_state",
                format!("a campaign that is {self} can't be {}", action.verb()),
            )
        })
    }

    pub fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_a_final_state() {
        for status in CampaignStatus::ALL.iter().filter(|status| status.is_final()) {
            for action in [
                Action::Edit,
                Action::Schedule,
                Action::Launch,
                Action::Pause,
                Action::Resume,
                Action::Complete,
                Action::Cancel,
                Action::Fail,
            ] {
                assert!(
                    status.after(action).is_err(),
                    "{status} must not allow {action:?}"
                );
            }
        }
    }

    #[test]
    fn the_error_names_the_state() {
        let error = CampaignStatus::Draft.after(Action::Pause).unwrap_err();
        assert_eq!(error.to_string(), "a campaign that is draft can't be paused");
    }

    #[test]
    fn pause_and_resume_lead_back() {
        let paused = CampaignStatus::Active.after(Action::Pause).unwrap();
        assert_eq!(paused.after(Action::Resume).unwrap(), CampaignStatus::Active);
        assert!(paused.after(Action::Launch).is_err());
    }
}

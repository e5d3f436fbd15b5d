//! The checklists of salespeople.
//!
//! BANT is IBM's of the 1960s; CHAMP turns it round, with the challenge first; MEDDIC (Dunkel and Napoli, PTC, 1996) is for
//! deals with many people in them.

crate::text_enum::text_enum! {
    /// A checklist.
    Framework {
        /// Budget, authority, need, timeline.
        Bant => "bant",
        /// Challenges, authority, money, prioritization.
        Champ => "champ",
        /// Metrics, economic buyer, decision criteria, decision process, identified pain, champion.
        Meddic => "meddic",
    }
}

crate::text_enum::text_enum! {
    /// One thing to know. What there is depends on the framework.
    Slot {
        Budget => "budget",
        Authority => "authority",
        Need => "need",
        Timeline => "timeline",
        Challenges => "challenges",
        Money => "money",
        Prioritization => "prioritization",
        Metrics => "metrics",
        EconomicBuyer => "economic_buyer",
        DecisionCriteria => "decision_criteria",
        DecisionProcess => "decision_process",
        IdentifyPain => "identify_pain",
        Champion => "champion",
    }
}

impl Framework {
    /// In the order of its name.
    pub fn slots(self) -> &'static [Slot] {
        match self {
            Self::Bant => &[Slot::Budget, Slot::Authority, Slot::Need, Slot::Timeline],
            Self::Champ => &[
                Slot::Challenges,
                Slot::Authority,
                Slot::Money,
                Slot::Prioritization,
            ],
            Self::Meddic => &[
                Slot::Metrics,
                Slot::EconomicBuyer,
                Slot::DecisionCriteria,
                Slot::DecisionProcess,
                Slot::IdentifyPain,
                Slot::Champion,
            ],
        }
    }

    /// A sentence that names the slots there are, when this is not one of them.
    pub fn check(self, slot: Slot) -> Result<Slot, String> {
        if self.slots().contains(&slot) {
            return Ok(slot);
        }
        let known: Vec<_> = self.slots().iter().map(|slot| slot.as_str()).collect();
        Err(format!("is not a slot of {self}; it has {}", known.join(", ")))
    }
}

impl Slot {
    /// What to ask the lead to find out, unless the rules have their own words.
    pub fn question(self) -> &'static str {
        match self {
            Self::Budget => "Is there a budget for this, and about how much is it?",
            Self::Authority => "Who decides about this besides you, and who signs?",
            Self::Need => "What do you need to solve, and what happens if nothing changes?",
            Self::Timeline => "By when do you want this in place, and what depends on that date?",
            Self::Challenges => {
                "What is the hardest part of how you do this today, and what does it cost you?"
            }
            Self::Money => "How would you pay for this: is money set aside, or would it have to be found?",
            Self::Prioritization => "Where does this stand among the other things you want done this year?",
            Self::Metrics => "Which number should get better, by how much, and what is that worth to you?",
            Self::EconomicBuyer => "Who can release the money for this, and have you spoken about it?",
            Self::DecisionCriteria => {
                "By what will you compare the offers, and what must one have to be chosen?"
            }
            Self::DecisionProcess => "Which steps lead from today to a signature, and who is part of each?",
            Self::IdentifyPain => "What goes wrong today, for whom, and since when?",
            Self::Champion => {
                "Who in your company wants this to happen, and speaks for it when we are not there?"
            }
        }
    }
}

//! Everything that is audited. The list is closed: programs that read the log can rely on it.

crate::text_enum::text_enum! {
    /// What happened.
    AuditAction {
        OrganizationCreated => "organization.created",
        OrganizationUpdated => "organization.updated",
        UserCreated => "user.created",
        UserInvited => "user.invited",
        /// A name, a role, or a lock.
        UserUpdated => "user.updated",
        UserDeleted => "user.deleted",
        /// Somebody whom a trusted issuer vouches for was recognized as this person, and from now on always is.
        UserLinked => "user.linked",
        /// A person took their account away.
        UserErased => "user.erased",
        /// A person asked for everything about themselves.
        UserDataExported => "user.data_exported",
        /// What was kept for as long as the organization says was deleted.
        RetentionApplied => "retention.applied",
        /// A new password, by whoever knew the old one or followed a link. Every session ended.
        UserPasswordChanged => "user.password_changed",
        /// A session began.
        UserLogin => "user.login",
        /// Somebody gave a wrong password. One entry per account and minute, however many tries there were.
        UserLoginFailed => "user.login_failed",
        UserLogout => "user.logout",
        /// A refresh token came back after it was replaced: somebody has a copy, and the session was ended.
        SessionReused => "session.reused",
        /// A person ended one of their sessions, or all others.
        SessionRevoked => "session.revoked",
        ApiKeyCreated => "api_key.created",
        /// A key was replaced by a new one; both work until `expires_at`.
        ApiKeyRotated => "api_key.rotated",
        ApiKeyDeleted => "api_key.deleted",
        /// A value was kept for a service that had none.
        SecretCreated => "secret.created",
        /// Another value took the place of the one before.
        SecretReplaced => "secret.replaced",
        SecretDeleted => "secret.deleted",
        FormCreated => "form.created",
        FormUpdated => "form.updated",
        FormDeleted => "form.deleted",
        /// What was held back as spam was none.
        SubmissionReleased => "submission.released",
        SubmissionRejected => "submission.rejected",
        SegmentCreated => "segment.created",
        SegmentUpdated => "segment.updated",
        SegmentFrozen => "segment.frozen",
        SegmentDeleted => "segment.deleted",
        SequenceCreated => "sequence.created",
        /// Its name, who comes in, or its steps; `revision` and `migrate` tell of the latter.
        SequenceUpdated => "sequence.updated",
        SequenceActivated => "sequence.activated",
        SequencePaused => "sequence.paused",
        SequenceDeleted => "sequence.deleted",
        /// Leads were put into a sequence by hand.
        SequenceEntered => "sequence.entered",
        /// A lead was taken out of a sequence by hand.
        SequenceLeft => "sequence.left",
        /// Mails of an outreach were approved.
        OutreachApproved => "outreach.approved",
        /// Somebody with access wrote down what a lead decided. What leads do themselves is in the lead's consents.
        ConsentRecorded => "consent.recorded",
        LeadDeleted => "lead.deleted",
        /// Another lead became part of this one.
        LeadMerged => "lead.merged",
        LeadUnmerged => "lead.unmerged",
        /// Two leads that were proposed to be merged are two people.
        DuplicateDismissed => "duplicate.dismissed",
        EnrichmentProviderCreated => "enrichment_provider.created",
        EnrichmentProviderUpdated => "enrichment_provider.updated",
        EnrichmentProviderDeleted => "enrichment_provider.deleted",
        /// Whether new leads are enriched by themselves, or how many.
        EnrichmentUpdated => "enrichment.updated",
        ScoringModelCreated => "scoring_model.created",
        /// Its name, rules or caps, or whether it counts.
        ScoringModelUpdated => "scoring_model.updated",
        ScoringModelDeleted => "scoring_model.deleted",
        QualificationRulesCreated => "qualification_rules.created",
        /// Their name, whether they are on, and their framework.
        QualificationRulesUpdated => "qualification_rules.updated",
        QualificationRulesDeleted => "qualification_rules.deleted",
        /// With its projects, and with the secrets and API keys that were only for it.
        ClientDeleted => "client.deleted",
        /// Everything about a person was deleted or made anonymous; the receipt tells where.
        LeadErased => "lead.erased",
        /// Leads were taken out of the system, as a file.
        LeadsExported => "leads.exported",
        ImportStarted => "import.started",
        ImportUndone => "import.undone",
        LeadSourceCreated => "lead_source.created",
        LeadSourceUpdated => "lead_source.updated",
        LeadSourceDeleted => "lead_source.deleted",
        CampaignScheduled => "campaign.scheduled",
        CampaignLaunched => "campaign.launched",
        CampaignPaused => "campaign.paused",
        CampaignResumed => "campaign.resumed",
        CampaignCompleted => "campaign.completed",
        CampaignCancelled => "campaign.cancelled",
        /// A scheduled campaign could not be launched.
        CampaignFailed => "campaign.failed",
        CampaignDeleted => "campaign.deleted",
        /// Another version of a template is sent from now on.
        TemplatePublished => "template.published",
        /// The same, and it was published before.
        TemplateRolledBack => "template.rolled_back",
        TemplateDeleted => "template.deleted",
        SendingDomainCreated => "sending_domain.created",
        SendingDomainUpdated => "sending_domain.updated",
        /// The DNS began or ceased to show its keys.
        SendingDomainChecked => "sending_domain.checked",
        SendingDomainDeleted => "sending_domain.deleted",
        PartialCreated => "template_partial.created",
        /// Its name or its text: every mail with it says something else from now on.
        PartialUpdated => "template_partial.updated",
        PartialDeleted => "template_partial.deleted",
        TopicCreated => "email_topic.created",
        /// Its texts, or whether it is archived.
        TopicUpdated => "email_topic.updated",
        TopicDeleted => "email_topic.deleted",
        BrandUpdated => "brand.updated",
        /// An address gets no more mail.
        SuppressionAdded => "suppression.added",
        /// An address can be written to again.
        SuppressionRemoved => "suppression.removed",
        ScheduleCreated => "schedule.created",
        /// What it does, when, or whether it is paused.
        ScheduleUpdated => "schedule.updated",
        ScheduleDeleted => "schedule.deleted",
        /// Somebody ran it by hand.
        ScheduleRun => "schedule.run",
        /// The list was taken out of the system, as a file.
        SuppressionsExported => "suppressions.exported",
        /// Addresses came onto the list from a file.
        SuppressionsImported => "suppressions.imported",
        /// Opens and clicks are judged by the rules of today.
        EventsReclassified => "email_events.reclassified",
        JobCancelled => "job.cancelled",
        JobRetried => "job.retried",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_a_thing_and_what_became_of_it_and_json_has_the_same() {
        for action in AuditAction::ALL {
            let word = action.as_str();
            let (thing, event) = word.split_once('.').unwrap();
            assert!(
                [thing, event]
                    .iter()
                    .all(|part| part.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')),
                "{word}"
            );
            assert_eq!(serde_json::to_value(action).unwrap(), word);
            assert_eq!(
                serde_json::from_value::<AuditAction>(word.into()).unwrap(),
                *action
            );
        }
    }
}

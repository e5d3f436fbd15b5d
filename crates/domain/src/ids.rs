//! Typed identifiers: UUID version 7, so that ids sort by time of creation.

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String, format = "uuid"))]
        pub struct $name(pub uuid::Uuid);

        impl From<uuid::Uuid> for $name {
            fn from(id: uuid::Uuid) -> Self { Self(id) }
        }
        impl From<$name> for uuid::Uuid {
            fn from(id: $name) -> Self { id.0 }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { self.0.fmt(f) }
        }
        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, uuid::Error> { text.parse().map(Self) }
        }
    )*};
}

ids! {
    OrganizationId;
    UserId;
    /// A login and its chain of refresh tokens; the `sid` of access tokens.
    SessionId;
    ApiKeyId;
    /// A link that works once.
    OneTimeTokenId;
    /// That somebody at a trusted issuer is somebody here.
    IdentityLinkId;
    AuditEntryId;
    /// One HTTP request and the jobs that come of it: what log lines and error answers share.
    RequestId;
    ClientId;
    ProjectId;
    FormId;
    SubmissionId;
    /// Answers that were not sent yet.
    PartialId;
    LeadId;
    /// Something that happened to a lead.
    LeadEventId;
    /// Two leads that may be one person.
    DuplicateId;
    /// One look through all leads for duplicates.
    DuplicateScanId;
    /// That one lead became part of another.
    LeadMergeId;
    /// One decision of a lead about one purpose.
    ConsentId;
    ScoreEntryId;
    ScoringModelId;
    /// One computation of all scores.
    ScoringRunId;
    /// Rules of qualification.
    RuleSetId;
    /// One look at all leads by new rules of qualification.
    QualificationRunId;
    ImportId;
    /// A training of the prediction.
    PredictionModelId;
    /// Where leads are pulled from.
    SourceId;
    SegmentId;
    TemplateId;
    /// A piece that templates share.
    TemplatePartialId;
    MessageId;
    /// What mails are about, as recipients read it.
    TopicId;
    /// That an address left a topic.
    TopicLeaveId;
    SuppressionId;
    /// A domain that mail is sent from.
    SendingDomainId;
    EmailEventId;
    /// That a mail came back, or was called spam.
    BounceId;
    CampaignId;
    AbTestId;
    SecretId;
    SequenceId;
    /// That one lead is, or was, in a sequence.
    EnrollmentId;
    /// A mail to one lead that a person is to approve.
    DraftId;
    JobId;
    /// Something that is done again and again.
    ScheduleId;
    /// A receipt that somebody was forgotten.
    ErasureId;
    /// A service that tells more about leads, as an organization set it up.
    EnrichmentProviderId;
    /// A file with everything about one person.
    ExportId;
    /// Proof of a claim: whoever finishes work must show the token under which it was claimed.
    LeaseToken;
    /// The ledger of mails of one installation, from its first day on.
    LedgerId;
    /// A key of a provider of language models that an organization keeps with us.
    LlmKeyId;
    /// One use of a language model, with all its attempts.
    LlmCallId;
    /// How much may be spent on language models.
    LlmBudgetId;
    /// Money set aside for one attempt at a language model.
    LlmReservationId;
}

//! What it was done to.

use crate::ids::{
    ApiKeyId, CampaignId, ClientId, EnrichmentProviderId, ErasureId, FormId, ImportId, JobId, LeadId,
    OrganizationId, RuleSetId, ScheduleId, ScoringModelId, SecretId, SegmentId, SendingDomainId, SequenceId,
    SessionId, SourceId, SubmissionId, SuppressionId, TemplateId, TemplatePartialId, TopicId, UserId,
};
use serde::Serialize;
use uuid::Uuid;

crate::text_enum::text_enum! {
    /// What kind of thing.
    TargetType {
        Organization => "organization",
        User => "user",
        Session => "session",
        ApiKey => "api_key",
        Secret => "secret",
        Form => "form",
        Submission => "submission",
        Lead => "lead",
        ScoringModel => "scoring_model",
        QualificationRules => "qualification_rules",
        Client => "client",
        Import => "import",
        LeadSource => "lead_source",
        Campaign => "campaign",
        Template => "template",
        TemplatePartial => "template_partial",
        Topic => "email_topic",
        Suppression => "suppression",
        Job => "job",
        Schedule => "schedule",
        Erasure => "erasure",
        EnrichmentProvider => "enrichment_provider",
        Segment => "segment",
        SendingDomain => "sending_domain",
        Sequence => "sequence",
    }
}

/// One thing. It may be gone by now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Target {
    #[serde(rename = "type")]
    pub kind: TargetType,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "uuid"))]
    pub id: Uuid,
}

macro_rules! targets {
    ($($id:ident => $kind:ident),* $(,)?) => {$(
        impl From<$id> for Target {
            fn from(id: $id) -> Self {
                Self { kind: TargetType::$kind, id: id.0 }
            }
        }
    )*};
}

targets! {
    OrganizationId => Organization,
    UserId => User,
    SessionId => Session,
    ApiKeyId => ApiKey,
    SecretId => Secret,
    FormId => Form,
    SubmissionId => Submission,
    LeadId => Lead,
    ScoringModelId => ScoringModel,
    RuleSetId => QualificationRules,
    ClientId => Client,
    ImportId => Import,
    SourceId => LeadSource,
    CampaignId => Campaign,
    TemplateId => Template,
    TemplatePartialId => TemplatePartial,
    TopicId => Topic,
    SuppressionId => Suppression,
    JobId => Job,
    ScheduleId => Schedule,
    ErasureId => Erasure,
    EnrichmentProviderId => EnrichmentProvider,
    SegmentId => Segment,
    SendingDomainId => SendingDomain,
    SequenceId => Sequence,
}

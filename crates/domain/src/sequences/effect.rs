//! What a step does outside the enrollment. The engine writes it down in the transaction that moves the enrollment.

use super::definition::{MailContent, StepId};
use crate::ids::UserId;
use crate::leads::LeadStage;
use serde::Serialize;

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "effect", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Effect {
    Send { step: StepId, content: MailContent },
    AddTag { tag: String },
    RemoveTag { tag: String },
    ChangeStage { stage: LeadStage },
    CreateTask(CreateTask),
    CallWebhook(CallWebhook),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreateTask {
    pub step: StepId,
    pub title: String,
    pub text: Option<String>,
    pub user_id: Option<UserId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CallWebhook {
    pub step: StepId,
    pub url: String,
}

//! Between rows and sequences, enrollments and drafts.

use crate::codec::{from_json, parse, to_json};
use crate::entity::{outreach_drafts, sequence_enrollments, sequence_mails, sequences};
use groundswell_domain::StoreError;
use groundswell_domain::sequences::{Definition, Draft, Enrollment, Sequence, StepMail};
use uuid::Uuid;

pub(super) fn sequence(row: sequences::Model, definition: Definition) -> Result<Sequence, StoreError> {
    Ok(Sequence {
        id: row.id.into(),
        name: row.name,
        description: row.description,
        status: parse("sequences.status", &row.status)?,
        entry: from_json("sequences.entry", row.entry)?,
        reentry: from_json("sequences.reentry", row.reentry)?,
        definition,
        revision: row.revision,
        topic_id: row.topic_id.map(Into::into),
        outreach: row.outreach,
        created_at: row.created_at,
        updated_at: row.updated_at,
        version: row.version,
    })
}

pub(super) fn sequence_row(organization: Uuid, sequence: &Sequence) -> Result<sequences::Model, StoreError> {
    Ok(sequences::Model {
        organization_id: organization,
        id: sequence.id.0,
        name: sequence.name.clone(),
        description: sequence.description.clone(),
        status: sequence.status.as_str().to_owned(),
        entry: to_json(&sequence.entry)?,
        reentry: to_json(&sequence.reentry)?,
        revision: sequence.revision,
        outreach: sequence.outreach,
        created_at: sequence.created_at,
        updated_at: sequence.updated_at,
        version: sequence.version,
        topic_id: sequence.topic_id.map(Into::into),
    })
}

pub(super) fn enrollment(row: sequence_enrollments::Model) -> Result<Enrollment, StoreError> {
    let reason = row.exit_reason.as_deref();
    Ok(Enrollment {
        id: row.id.into(),
        sequence_id: row.sequence_id.into(),
        version: row.revision,
        lead_id: row.lead_id.into(),
        status: parse("sequence_enrollments.status", &row.status)?,
        step: row.step,
        phase: parse("sequence_enrollments.phase", &row.phase)?,
        taken: row.taken,
        attempt: row.attempt,
        arrived_at: row.arrived_at,
        due_at: row.due_at,
        wake_at: row.wake_at,
        listens: row.listens,
        entered_at: row.entered_at,
        exited_at: row.exited_at,
        exit_reason: reason
            .map(|reason| parse("sequence_enrollments.exit_reason", reason))
            .transpose()?,
        exit_note: row.exit_note,
    })
}

pub(super) fn enrollment_row(organization: Uuid, enrollment: &Enrollment) -> sequence_enrollments::Model {
    sequence_enrollments::Model {
        organization_id: organization,
        id: enrollment.id.0,
        sequence_id: enrollment.sequence_id.0,
        revision: enrollment.version,
        lead_id: enrollment.lead_id.0,
        status: enrollment.status.as_str().to_owned(),
        step: enrollment.step.clone(),
        phase: enrollment.phase.as_str().to_owned(),
        taken: enrollment.taken,
        attempt: enrollment.attempt,
        arrived_at: enrollment.arrived_at,
        due_at: enrollment.due_at,
        wake_at: enrollment.wake_at,
        listens: enrollment.listens,
        entered_at: enrollment.entered_at,
        exited_at: enrollment.exited_at,
        exit_reason: enrollment.exit_reason.map(|reason| reason.as_str().to_owned()),
        exit_note: enrollment.exit_note.clone(),
    }
}

pub(super) fn mail_row(organization: Uuid, mail: &StepMail) -> sequence_mails::Model {
    sequence_mails::Model {
        organization_id: organization,
        message_id: mail.message_id.0,
        enrollment_id: mail.enrollment_id.0,
        sequence_id: mail.sequence_id.0,
        revision: mail.version,
        step: mail.step.clone(),
        taken: mail.taken,
        batch: mail.batch,
    }
}

pub(super) fn draft(row: outreach_drafts::Model) -> Result<Draft, StoreError> {
    Ok(Draft {
        id: row.id.into(),
        outreach_id: row.sequence_id.into(),
        lead_id: row.lead_id.into(),
        subject: row.subject,
        html: row.html,
        text: row.text,
        status: parse("outreach_drafts.status", &row.status)?,
        decided_by: row.decided_by.map(Into::into),
        decided_at: row.decided_at,
        created_at: row.created_at,
        updated_at: row.updated_at,
        version: row.version,
    })
}

pub(super) fn draft_row(organization: Uuid, draft: &Draft) -> outreach_drafts::Model {
    outreach_drafts::Model {
        organization_id: organization,
        id: draft.id.0,
        sequence_id: draft.outreach_id.0,
        lead_id: draft.lead_id.0,
        subject: draft.subject.clone(),
        html: draft.html.clone(),
        text: draft.text.clone(),
        status: draft.status.as_str().to_owned(),
        decided_by: draft.decided_by.map(Into::into),
        decided_at: draft.decided_at,
        created_at: draft.created_at,
        updated_at: draft.updated_at,
        version: draft.version,
    }
}

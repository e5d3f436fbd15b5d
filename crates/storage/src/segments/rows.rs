//! Between rows and segments.

use crate::codec::parse;
use crate::entity::segments::Model;
use groundswell_domain::StoreError;
use groundswell_domain::segments::Segment;
use uuid::Uuid;

pub(super) fn segment(row: Model) -> Result<Segment, StoreError> {
    Ok(Segment {
        id: row.id.into(),
        name: row.name,
        description: row.description,
        expression: row.expression,
        kind: parse("segments.kind", &row.kind)?,
        client_id: row.client_id.map(Into::into),
        frozen_at: row.frozen_at,
        count_at_freeze: row.count_at_freeze,
        created_at: row.created_at,
        updated_at: row.updated_at,
        version: row.version,
        language: row.language,
    })
}

pub(super) fn row(organization: Uuid, segment: &Segment) -> Model {
    Model {
        organization_id: organization,
        id: segment.id.0,
        name: segment.name.clone(),
        description: segment.description.clone(),
        expression: segment.expression.clone(),
        language: segment.language,
        kind: segment.kind.as_str().to_owned(),
        client_id: segment.client_id.map(Into::into),
        frozen_at: segment.frozen_at,
        count_at_freeze: segment.count_at_freeze,
        created_at: segment.created_at,
        updated_at: segment.updated_at,
        version: segment.version,
    }
}

//! What is kept with a merge, as JSON.

use super::super::pairs::Carried;
use super::shared::Shared;
use crate::dialect;
use crate::entity::{
    duplicate_pairs, enrichment_values, lead_enrichments, lead_import_changes, lead_imports,
    lead_predictions, prediction_models, score_entries, side_score_entries,
};
use crate::error::store_error;
use crate::keys::padded;
use groundswell_domain::StoreError;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};
use uuid::Uuid;

/// The ledgers of a lead: of its own score, and of models that run beside.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Ledger {
    pub own: Vec<score_entries::Model>,
    pub side: Vec<side_score_entries::Model>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Kept {
    /// Rows that went to the lead that stays, by table.
    pub moved: BTreeMap<String, Vec<Uuid>>,
    /// Mails that belong to neither meanwhile.
    pub detached: Vec<Uuid>,
    pub survivor_ledger: Ledger,
    pub other_ledger: Ledger,
    /// Lines as the merge left them.
    pub ledger_after: Option<Ledger>,
    pub enrichment: Vec<enrichment_values::Model>,
    pub enrichments: Vec<lead_enrichments::Model>,
    pub imports: Vec<lead_import_changes::Model>,
    pub predictions: Vec<lead_predictions::Model>,
    pub pairs: Vec<duplicate_pairs::Model>,
    pub carried: Vec<Uuid>,
    pub former_pairs: Vec<duplicate_pairs::Model>,
    /// Consents that came with the merge.
    pub consents: Vec<Uuid>,
    /// What was suppressed with the merge.
    pub suppression: Option<Uuid>,
    /// Topics that were left with the merge.
    #[serde(default)]
    pub topics: Vec<Uuid>,
    #[serde(default)]
    pub shared: Shared,
}

macro_rules! rows_of {
    ($conn:ident, $organization:ident, $lead:ident, $table:ident, $order:ident) => {
        $table::Entity::find()
            .filter($table::Column::OrganizationId.eq($organization))
            .filter($table::Column::LeadId.eq($lead))
            .order_by_asc($table::Column::$order)
            .all($conn)
            .await
            .map_err(store_error)?
    };
}

pub(super) async fn ledger(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    lead: Uuid,
) -> Result<Ledger, StoreError> {
    Ok(Ledger {
        own: rows_of!(conn, organization, lead, score_entries, Id),
        side: rows_of!(conn, organization, lead, side_score_entries, Id),
    })
}

impl Kept {
    /// Reads what both leads can't have at once. What is the other's goes away with its row.
    pub async fn read(
        conn: &impl ConnectionTrait,
        organization: Uuid,
        survivor: Uuid,
        other: Uuid,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            survivor_ledger: ledger(conn, organization, survivor).await?,
            other_ledger: ledger(conn, organization, other).await?,
            enrichment: rows_of!(conn, organization, other, enrichment_values, Field),
            enrichments: rows_of!(conn, organization, other, lead_enrichments, LeadId),
            imports: rows_of!(conn, organization, other, lead_import_changes, ImportId),
            predictions: rows_of!(conn, organization, other, lead_predictions, LeadId),
            shared: Shared::read(conn, organization, other).await?,
            ..Self::default()
        })
    }

    pub fn carry(&mut self, carried: Carried) {
        self.pairs = carried.own;
        self.carried = carried.added;
        self.former_pairs = carried.former;
    }

    pub fn carried(&mut self) -> Carried {
        Carried {
            own: std::mem::take(&mut self.pairs),
            added: std::mem::take(&mut self.carried),
            former: std::mem::take(&mut self.former_pairs),
        }
    }

    /// Writes back what was the other's, when its row is there again. What it refers to may be gone by now.
    pub async fn restore(
        &mut self,
        conn: &impl ConnectionTrait,
        organization: Uuid,
    ) -> Result<(), StoreError> {
        macro_rules! back {
            ($rows:expr, $table:ident, $($key:ident),+) => {{
                let rows = std::mem::take($rows);
                let unique = [$($table::Column::$key),+];
                dialect::insert_new::<$table::Entity>(conn, rows, &unique, &[$table::Column::LeadId]).await?;
            }};
        }
        macro_rules! keep_with {
            ($rows:expr, $column:ident, $table:ident) => {{
                let ids: Vec<Uuid> = $rows.iter().map(|row| row.$column).collect();
                let there: HashSet<Uuid> = if ids.is_empty() {
                    HashSet::new()
                } else {
                    let rows: Vec<Uuid> = $table::Entity::find()
                        .select_only()
                        .column($table::Column::Id)
                        .filter($table::Column::OrganizationId.eq(organization))
                        .filter($table::Column::Id.is_in(padded(ids)))
                        .into_tuple()
                        .all(conn)
                        .await
                        .map_err(store_error)?;
                    rows.into_iter().collect()
                };
                $rows.retain(|row| there.contains(&row.$column));
            }};
        }
        keep_with!(&mut self.imports, import_id, lead_imports);
        keep_with!(&mut self.predictions, model_id, prediction_models);
        back!(
            &mut self.enrichment,
            enrichment_values,
            OrganizationId,
            LeadId,
            Field,
            Source
        );
        back!(&mut self.enrichments, lead_enrichments, OrganizationId, LeadId);
        back!(
            &mut self.imports,
            lead_import_changes,
            OrganizationId,
            ImportId,
            LeadId
        );
        back!(&mut self.predictions, lead_predictions, OrganizationId, LeadId);
        std::mem::take(&mut self.shared).part(conn, organization).await
    }
}

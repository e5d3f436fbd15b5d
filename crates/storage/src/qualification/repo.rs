//! The port of qualification.

use super::{answers, cases, convert, rules, runs};
use crate::dialect::execute;
use crate::entity::qualification_rules;
use crate::error::store_error;
use crate::one::one;
use crate::scoring::piece::Which;
use crate::session::Session;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use groundswell_domain::qualification::{
    Case, Framework, QualificationRepo, QualificationRun, RuleSet, RuleSetSort, Slot, SlotAnswer, StageHold,
};
use groundswell_domain::{LeadId, Page, PageRequest, QualificationRunId, RuleSetId, StoreError};
use sea_orm::{ConnectionTrait, EntityTrait};
use uuid::Uuid;

const DISABLE: &str = "UPDATE qualification_rules SET enabled = false, updated_at = $2, version = version + 1 \
    WHERE organization_id = $1 AND enabled";
const DELETE: &str = "DELETE FROM qualification_rules WHERE organization_id = $1 AND id = $2";
const HOLD: &str = "INSERT INTO stage_holds (organization_id, lead_id, reason, held_by, held_at) VALUES ($1, $2, $3, $4, $5) \
    ON CONFLICT (organization_id, lead_id) DO UPDATE SET reason = excluded.reason, held_by = excluded.held_by, \
    held_at = excluded.held_at";
const RELEASE: &str = "DELETE FROM stage_holds WHERE organization_id = $1 AND lead_id = $2";

#[async_trait]
impl<C: ConnectionTrait + Send> QualificationRepo for Session<C> {
    async fn insert(&self, rules: &RuleSet) -> Result<(), StoreError> {
        rules::insert(&self.conn, self.organization, rules).await
    }

    async fn get(&self, id: RuleSetId) -> Result<Option<RuleSet>, StoreError> {
        let select = qualification_rules::Entity::find_by_id((self.organization, id.0));
        one(&self.conn, select).await?.map(convert::rules).transpose()
    }

    async fn list(
        &self,
        enabled: Option<bool>,
        page: &PageRequest<RuleSetSort>,
    ) -> Result<Page<RuleSet>, StoreError> {
        rules::list(self, enabled, page).await
    }

    async fn enabled(&self) -> Result<Option<RuleSet>, StoreError> {
        rules::enabled(&self.conn, self.organization).await
    }

    async fn update(&self, rules: &RuleSet, expected: i32) -> Result<bool, StoreError> {
        rules::update(&self.conn, self.organization, rules, expected).await
    }

    async fn disable(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let values = [self.organization.into(), now.into()];
        execute(&self.conn, DISABLE, values).await.map_err(store_error)?;
        Ok(())
    }

    async fn delete(&self, id: RuleSetId) -> Result<bool, StoreError> {
        let values = [self.organization.into(), id.0.into()];
        Ok(execute(&self.conn, DELETE, values).await.map_err(store_error)? == 1)
    }

    async fn cases(&self, leads: &[LeadId], events: bool, lock: bool) -> Result<Vec<Case>, StoreError> {
        let ids: Vec<Uuid> = leads.iter().map(|id| id.0).collect();
        let which = Which::These(&ids);
        cases::cases(&self.conn, self.organization, &which, events, lock).await
    }

    async fn cases_between(
        &self,
        after: Option<LeadId>,
        until: LeadId,
        events: bool,
    ) -> Result<Vec<Case>, StoreError> {
        let which = Which::Between(after.map(|id| id.0), until.0);
        cases::cases(&self.conn, self.organization, &which, events, true).await
    }

    async fn answer(&self, answers: &[(LeadId, SlotAnswer)]) -> Result<(), StoreError> {
        answers::put(&self.conn, self.organization, answers).await
    }

    async fn forget(&self, lead: LeadId, framework: Framework, slots: &[Slot]) -> Result<(), StoreError> {
        answers::forget(&self.conn, self.organization, lead, framework, slots).await
    }

    async fn hold(&self, lead: LeadId, hold: &StageHold) -> Result<(), StoreError> {
        let values = [
            self.organization.into(),
            lead.0.into(),
            hold.reason.clone().into(),
            hold.held_by.map(|id| id.0).into(),
            hold.held_at.into(),
        ];
        execute(&self.conn, HOLD, values).await.map_err(store_error)?;
        Ok(())
    }

    async fn release(&self, lead: LeadId) -> Result<bool, StoreError> {
        let values = [self.organization.into(), lead.0.into()];
        Ok(execute(&self.conn, RELEASE, values).await.map_err(store_error)? == 1)
    }

    async fn begin_run(&self, run: &QualificationRun) -> Result<(), StoreError> {
        runs::begin(&self.conn, self.organization, run).await
    }

    async fn run(&self) -> Result<Option<QualificationRun>, StoreError> {
        runs::current(&self.conn, self.organization).await
    }

    async fn advance_run(
        &self,
        id: QualificationRunId,
        after: LeadId,
        done: u64,
        moved: u64,
    ) -> Result<bool, StoreError> {
        runs::advance(&self.conn, self.organization, id, after, (done, moved)).await
    }

    async fn finish_run(&self, id: QualificationRunId, now: DateTime<Utc>) -> Result<bool, StoreError> {
        runs::finish(&self.conn, self.organization, id, now).await
    }
}

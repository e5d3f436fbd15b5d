//! The port of secrets.

use super::convert;
use crate::dialect::execute;
use crate::entity::data_keys;
use crate::entity::secrets::{self, Column, Entity, Model, Relation};
use crate::error::store_error;
use crate::keyset;
use crate::one::one_locked;
use crate::session::Session;
use async_trait::async_trait;
use groundswell_domain::paging::CursorValue;
use groundswell_domain::secrets::{
    Holder, HolderKind, Sealed, Secret, SecretFilter, SecretRepo, SecretSort, Service, Stored,
};
use groundswell_domain::{ClientId, Page, PageRequest, SecretId, StoreError, UserId};
use sea_orm::sea_query::SimpleExpr;
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel,
    JoinType, QueryFilter, QuerySelect, RelationTrait,
};

const DELETE: &str = "DELETE FROM secrets WHERE organization_id = $1 AND id = $2";

/// The rows of one holder, each by an index of its own.
fn of(holder: Holder) -> Condition {
    let all = Condition::all();
    match holder {
        Holder::User(id) => all.add(Column::UserId.eq(id.0)),
        Holder::Client(id) => all.add(Column::ClientId.eq(id.0)),
        Holder::Organization => all.add(Column::UserId.is_null()).add(Column::ClientId.is_null()),
    }
}

fn kind(kind: HolderKind) -> Condition {
    let all = Condition::all();
    match kind {
        HolderKind::User => all.add(Column::UserId.is_not_null()),
        HolderKind::Client => all.add(Column::ClientId.is_not_null()),
        HolderKind::Organization => of(Holder::Organization),
    }
}

/// Nobody's when neither is wanted: an empty `any` would be everybody's.
fn visible(user: Option<UserId>, shared: bool) -> Condition {
    let nobody: SimpleExpr = Column::Id.is_null();
    Condition::any()
        .add(nobody)
        .add_option(user.map(|id| Column::UserId.eq(id.0)))
        .add_option(shared.then(|| Column::UserId.is_null()))
}

#[async_trait]
impl<C: ConnectionTrait + Send> SecretRepo for Session<C> {
    async fn find_locked(&self, holder: Holder, service: &Service) -> Result<Option<Secret>, StoreError> {
        let select = Entity::find()
            .filter(Column::OrganizationId.eq(self.organization))
            .filter(of(holder))
            .filter(Column::Service.eq(service.as_str()));
        one_locked(&self.conn, select)
            .await?
            .map(convert::secret)
            .transpose()
    }

    async fn insert(&self, secret: &Secret, sealed: &Sealed) -> Result<(), StoreError> {
        let row = convert::row(self.organization, secret, sealed);
        Entity::insert(row.into_active_model())
            .exec_without_returning(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn replace(&self, secret: &Secret, sealed: &Sealed, expected: i32) -> Result<bool, StoreError> {
        let row = convert::row(self.organization, secret, sealed);
        let mut change = secrets::ActiveModel {
            version: ActiveValue::Set(expected + 1),
            ..row.into_active_model().reset_all()
        };
        for column in [
            Column::OrganizationId,
            Column::Id,
            Column::UserId,
            Column::ClientId,
            Column::Service,
            Column::CreatedAt,
        ] {
            change.not_set(column);
        }
        let done = Entity::update_many()
            .set(change)
            .filter(Column::OrganizationId.eq(self.organization))
            .filter(Column::Id.eq(secret.id.0))
            .filter(Column::Version.eq(expected))
            .exec(&self.conn)
            .await
            .map_err(store_error)?;
        Ok(done.rows_affected == 1)
    }

    async fn delete(&self, id: SecretId) -> Result<bool, StoreError> {
        let values = [self.organization.into(), id.0.into()];
        Ok(execute(&self.conn, DELETE, values).await.map_err(store_error)? == 1)
    }

    async fn list(
        &self,
        filter: &SecretFilter,
        page: &PageRequest<SecretSort>,
    ) -> Result<Page<Secret>, StoreError> {
        // All fields are named, so that a new one can't be forgotten.
        let SecretFilter {
            user,
            shared,
            kind: of_kind,
            client,
            service,
        } = filter;
        let condition = Condition::all()
            .add(Column::OrganizationId.eq(self.organization))
            .add(visible(*user, *shared))
            // Keys that we made are nobody's to see.
            .add(Column::Service.not_like(format!("{}%", Service::ours())))
            .add_option(of_kind.map(kind))
            .add_option(client.map(|id| Column::ClientId.eq(id.0)))
            .add_option(
                service
                    .as_ref()
                    .map(|service| Column::Service.eq(service.as_str())),
            );
        let field = page.sort.field;
        let sort = match field {
            SecretSort::Service => Column::Service,
            SecretSort::CreatedAt => Column::CreatedAt,
            SecretSort::UpdatedAt => Column::UpdatedAt,
        };
        let place = |row: &Model| {
            let value = match field {
                SecretSort::Service => CursorValue::Text(row.service.clone()),
                SecretSort::CreatedAt => CursorValue::Time(row.created_at),
                SecretSort::UpdatedAt => CursorValue::Time(row.updated_at),
            };
            (value, row.id)
        };
        let select = Entity::find().filter(condition);
        keyset::page(
            &self.conn,
            select,
            (sort, Column::Id),
            page,
            place,
            convert::secret,
        )
        .await
    }

    async fn resolve(
        &self,
        service: &Service,
        user: Option<UserId>,
        client: Option<ClientId>,
    ) -> Result<Option<Stored>, StoreError> {
        let holders = Condition::any()
            .add_option(user.map(|id| of(Holder::User(id))))
            .add_option(client.map(|id| of(Holder::Client(id))))
            .add(of(Holder::Organization));
        // One statement: between two, a rotation could seal the secret anew and delete its key.
        let rows = Entity::find()
            .filter(Column::OrganizationId.eq(self.organization))
            .filter(Column::Service.eq(service.as_str()))
            .filter(holders)
            .join(JoinType::InnerJoin, Relation::Key.def())
            .select_also(data_keys::Entity)
            .all(&self.conn)
            .await
            .map_err(store_error)?;
        let first = rows.into_iter().min_by_key(|(row, _)| match row {
            row if row.user_id.is_some() => 0,
            row if row.client_id.is_some() => 1,
            _ => 2,
        });
        match first {
            Some((row, Some(key))) => convert::stored(row, key).map(Some),
            _ => Ok(None),
        }
    }
}

//! What is known about the installation as a whole: a name and a text each.

use crate::dialect::{self, execute};
use crate::error::store_error;
use crate::store::SeaStore;
use chrono::{DateTime, SecondsFormat, Utc};
use groundswell_domain::StoreError;
use sea_orm::ConnectionTrait;

const READ: &str = "SELECT value FROM installation WHERE name = $1";
const ADD: &str = "INSERT INTO installation (name, value, updated_at) VALUES ($1, $2, $3) \
    ON CONFLICT (name) DO NOTHING";
const CHANGE: &str = "UPDATE installation SET value = $2, updated_at = $3 WHERE name = $1 AND value = $4";
const REMOVE: &str = "DELETE FROM installation WHERE name = $1 AND value = $2";

/// A moment as such a text.
pub(crate) fn written(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}

impl SeaStore {
    pub(crate) async fn fact(&self, name: &'static str) -> Result<Option<String>, StoreError> {
        let statement = dialect::statement(&self.reader, READ, [name.into()]);
        let row = self.reader.query_one_raw(statement).await.map_err(store_error)?;
        row.map(|row| row.try_get_by_index(0))
            .transpose()
            .map_err(store_error)
    }

    pub(crate) async fn add_fact(
        &self,
        name: &'static str,
        value: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let values = [name.into(), value.into(), now.into()];
        Ok(execute(&self.writer, ADD, values).await.map_err(store_error)? == 1)
    }

    /// Keeps it if the present one is `expected`.
    pub(crate) async fn keep_fact(
        &self,
        name: &'static str,
        expected: Option<&str>,
        value: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let Some(expected) = expected else {
            return self.add_fact(name, value, now).await;
        };
        let values = [name.into(), value.into(), now.into(), expected.into()];
        Ok(execute(&self.writer, CHANGE, values).await.map_err(store_error)? == 1)
    }

    /// Forgets it if it is still `value`.
    pub(crate) async fn drop_fact(&self, name: &'static str, value: &str) -> Result<bool, StoreError> {
        let values = [name.into(), value.into()];
        Ok(execute(&self.writer, REMOVE, values).await.map_err(store_error)? == 1)
    }
}

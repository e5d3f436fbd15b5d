//! The connection to Redis, and whether there is one.
//!
//! Not the driver's connection manager: that one makes callers wait while it connects, and here nobody waits.

use super::scripts::Scripts;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, FromRedisValue, ScriptInvocation};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::Notify;

/// Between tries to reach it again.
const RETRY: Duration = Duration::from_millis(500);

/// A connection attempt, and the first question on it, may take this long: nobody waits for them.
const PATIENCE: Duration = Duration::from_secs(2);

/// Late answers in a row before Redis counts as away; one may be the machine's own fault.
const MOST_LATE: u32 = 3;

pub(super) struct Link {
    client: Client,
    time_limit: Duration,
    connection: RwLock<Option<MultiplexedConnection>>,
    late: AtomicU32,
    lost: Notify,
}

impl Link {
    pub fn new(client: Client, time_limit: Duration) -> Self {
        Self {
            client,
            time_limit,
            connection: RwLock::default(),
            late: AtomicU32::new(0),
            lost: Notify::new(),
        }
    }

    fn connection(&self) -> Option<MultiplexedConnection> {
        let connection = self.connection.read().unwrap_or_else(PoisonError::into_inner);
        connection.clone()
    }

    /// The script's answer; `None` when Redis is away or too slow.
    pub async fn ask<T: FromRedisValue>(&self, question: &ScriptInvocation<'_>) -> Option<T> {
        let mut connection = self.connection()?;
        match tokio::time::timeout(self.time_limit, question.invoke_async(&mut connection)).await {
            Ok(Ok(answer)) => {
                self.late.store(0, Ordering::Relaxed);
                return Some(answer);
            }
            Ok(Err(error)) => self.lose(&error.to_string()),
            Err(_) => {
                if self.late.fetch_add(1, Ordering::Relaxed) + 1 >= MOST_LATE {
                    self.lose("it does not answer in time");
                }
            }
        }
        None
    }

    fn lose(&self, why: &str) {
        let mut connection = self.connection.write().unwrap_or_else(PoisonError::into_inner);
        if connection.take().is_some() {
            tracing::warn!(
                error = why,
                "Redis is away: this process counts rate limits for itself"
            );
            self.lost.notify_one();
        }
    }

    /// Connects whenever there is no connection, for ever. One line in the log per change.
    pub async fn keep_connected(&self, scripts: &Scripts) {
        let mut told = false;
        loop {
            match connect(&self.client, scripts).await {
                Ok(connection) => {
                    self.late.store(0, Ordering::Relaxed);
                    *self.connection.write().unwrap_or_else(PoisonError::into_inner) = Some(connection);
                    tracing::info!("rate limits are counted in Redis");
                    self.lost.notified().await;
                    told = true;
                }
                Err(error) => {
                    if !told {
                        tracing::warn!(
                            error,
                            "Redis can't be reached: this process counts rate limits for itself"
                        );
                        told = true;
                    }
                }
            }
            tokio::time::sleep(RETRY).await;
        }
    }
}

/// A connection on which scripts run: a replica, or a server that is full, answers and refuses them.
pub(super) async fn connect(client: &Client, scripts: &Scripts) -> Result<MultiplexedConnection, String> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(PATIENCE))
        .set_response_timeout(Some(PATIENCE));
    let mut connection = client
        .get_multiplexed_async_connection_with_config(&config)
        .await
        .map_err(|error| error.to_string())?;
    let mut question = scripts.take.prepare_invoke();
    question.key("groundswell:limits:probe").arg(1).arg(1);
    let _: Vec<i64> = question
        .invoke_async(&mut connection)
        .await
        .map_err(|error| error.to_string())?;
    Ok(connection)
}

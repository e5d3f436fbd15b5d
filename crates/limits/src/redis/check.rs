//! For `groundswell doctor`.

use super::link::connect;
use super::scripts::Scripts;
use redis::Client;

/// What answers at this address, if scripts run there; else what is wrong. Never shows the password.
pub async fn check_redis(url: &str) -> Result<String, String> {
    let client = Client::open(url).map_err(|error| format!("the address is wrong: {error}"))?;
    let address = client.get_connection_info().addr().to_string();
    let mut connection = connect(&client, &Scripts::default())
        .await
        .map_err(|error| format!("Redis at {address} can't be used: {error}"))?;
    let info: String = redis::cmd("INFO")
        .arg("server")
        .query_async(&mut connection)
        .await
        .map_err(|error| format!("Redis at {address} can't be used: {error}"))?;
    let version = info
        .lines()
        .find_map(|line| line.strip_prefix("redis_version:"))
        .unwrap_or("of unknown version");
    Ok(format!("Redis {} answers at {address}", version.trim()))
}

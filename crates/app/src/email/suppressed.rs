//! Who must not be written to: by address, or by the hash that is left of an erased one.

use crate::App;
use groundswell_domain::email::{EmailAddress, SuppressionReason};
use groundswell_domain::{Error, Repos, Scope};
use std::collections::{HashMap, HashSet};

/// The two ways in which an address can be on the list.
pub(super) fn keys_of(app: &App, scope: &Scope, key: &str) -> [String; 2] {
    [key.to_owned(), app.pseudonyms.of_address(scope.organization, key)]
}

/// Which of these normalized addresses are suppressed, and why.
pub(crate) async fn suppressed<R: Repos + ?Sized>(
    app: &App,
    repos: &R,
    scope: &Scope,
    keys: &[String],
) -> Result<HashMap<String, SuppressionReason>, Error> {
    let hashes: HashMap<String, &String> = hashed(app, scope, keys);
    let both: Vec<String> = keys.iter().chain(hashes.keys()).cloned().collect();
    let found = repos.suppressions().find(&both).await?;
    let address = |key: String| hashes.get(&key).map_or(key, |address| (*address).clone());
    Ok(found
        .into_iter()
        .map(|(key, reason)| (address(key), reason))
        .collect())
}

/// Which of these normalized addresses were erased.
pub(crate) async fn erased<R: Repos + ?Sized>(
    app: &App,
    repos: &R,
    scope: &Scope,
    keys: &[String],
) -> Result<HashSet<String>, Error> {
    let hashes = hashed(app, scope, keys);
    let wanted: Vec<String> = hashes.keys().cloned().collect();
    let found = repos.suppressions().find(&wanted).await?;
    let address = |(key, _)| hashes.get(&key).map(|address| (*address).clone());
    Ok(found.into_iter().filter_map(address).collect())
}

fn hashed<'a>(app: &App, scope: &Scope, keys: &'a [String]) -> HashMap<String, &'a String> {
    // Older hashes are of domains beyond ASCII.
    let spelled = keys.iter().flat_map(|key| {
        let spellings = EmailAddress::spellings(key);
        spellings.into_iter().map(move |spelling| (spelling, key))
    });
    spelled
        .map(|(spelling, key)| (app.pseudonyms.of_address(scope.organization, &spelling), key))
        .collect()
}

//! What the machine gives (time, ids, randomness, keys), and the cryptography that is built on the keys.
//!
//! The one crate that may ask the machine directly: everything else goes through the ports of the domain, so that a
//! test decides what time it is. All secrets come from one [`MasterKey`], with a subkey per purpose.

mod clock;
mod entropy;
mod exchangers;
mod ids;
mod issuers;
mod journal;
mod keys;
mod links;
mod mark;
mod passwords;
mod pseudonyms;
mod records;
mod sns;
mod tokens;
mod vault;
mod webhooks;

pub use clock::SystemClock;
pub use entropy::SystemEntropy;
pub use exchangers::{DnsExchangers, NoExchangers};
pub use ids::SystemIds;
pub use issuers::{
    EmailProof, IssuerConfig, IssuerConfigError, IssuerKeys, Profile, SignatureAlgorithm, TrustedJwts,
    check_issuers,
};
pub use journal::{FileJournal, Journal, JournalError};
pub use keys::{KeyError, MasterKey};
pub use links::HmacLinks;
pub use mark::FileMark;
pub use passwords::Argon2Hasher;
pub use pseudonyms::HmacPseudonyms;
pub use records::FreshRecords;
pub use sns::SnsTopics;
pub use tokens::SignedTokens;
pub use vault::{AesVault, KeyCheck, Keyring};
pub use webhooks::WebhookKeys;

//! Secrets that users give us to keep: API keys of language models, mail services and social networks.
//!
//! Envelope encryption: a value is encrypted with a data key of its organization ([`Sealed`]), the data key with the
//! master key of the installation ([`WrappedKey`]), and the master key is in no database. So a copy of the database is
//! worth nothing alone, and a new master key costs one small row per organization instead of all values.
//!
//! A [`Secret`] belongs to a person, a client or the organization ([`Holder`]) and is for one [`Service`]; who needs the
//! secret of a service takes the first that there is in this order. Its value never leaves the server again: a person sees
//! [`last4`] of it, to tell one key from another. They are stored beside the ciphertext, so that a list decrypts nothing.
//!
//! Everything sealed lies in one table, which is what the rotation of data keys walks over. To keep another kind of secret,
//! give it a service of its own, or teach [`DataKeyRepo`] its column.

mod data_key;
mod holder;
mod last4;
mod place;
mod ports;
mod secret;
mod service;
mod vault;

pub use data_key::{DataKey, Resealed};
pub use holder::{Holder, HolderKind};
pub use last4::last4;
pub use place::Place;
pub use ports::{Census, DataKeyRepo, KeyDirectory, SecretFilter, SecretRepo, Stored};
pub use secret::{MAX_SECRET, Secret, SecretSort, check_value};
pub use service::Service;
pub use vault::{Sealed, Vault, VaultError, WrappedKey};

//! Secrets that users give us to keep: API keys of language models, mail services and social networks.
//!
//! Envelope encryption: a value is encrypted with a data key of its organization ([`Sealed`]), the data key with the
//! master key of the installation ([`WrappedKey`]), and the master key is in no database. So a copy of the database is
//! worth nothing alone, and a new master key costs one small row per organization instead of all values.
//!
//! A value never leaves the server again: a person sees [`last4`] of it, to tell one key from another. The last four
//! must be stored beside the ciphertext when it is sealed, so that a list decrypts nothing.
//!
//! To keep a secret in a new column: seal it at a [`Place`] that names the table, the row and the column, and add the
//! column to what the rotation of data keys walks over.

mod last4;
mod place;
mod vault;

pub use last4::last4;
pub use place::Place;
pub use vault::{Sealed, Vault, VaultError, WrappedKey};

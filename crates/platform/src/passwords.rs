//! Passwords: argon2id, off the async threads.
//!
//! One hash takes 19 MiB and some 20 ms of a core. Without a limit a burst of logins would take all memory and starve
//! everything else, so there are as many slots as cores and the rest waits.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{Error as HashError, PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use groundswell_domain::Error;
use groundswell_domain::identity::PasswordHasher;
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;
use tokio::sync::Semaphore;

#[derive(Debug)]
pub struct Argon2Hasher {
    params: Params,
    slots: Arc<Semaphore>,
    /// The hash of no password, with our parameters: what an unknown account is compared with.
    dummy: Arc<str>,
}

impl Default for Argon2Hasher {
    /// m = 19,456 KiB, t = 2, p = 1 (the first choice of OWASP's password storage cheat sheet).
    fn default() -> Self {
        Self::new(Params::default())
    }
}

impl Argon2Hasher {
    /// With the cost that `params` says; slots = cores.
    pub fn new(params: Params) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let dummy = format!(
            "$argon2id$v=19$m={},t={},p={}${}${}",
            params.m_cost(),
            params.t_cost(),
            params.p_cost(),
            STANDARD_NO_PAD.encode([0x5a; 16]),
            STANDARD_NO_PAD.encode([0xa5; 32]),
        );
        Self {
            params,
            slots: Arc::new(Semaphore::new(cores)),
            dummy: dummy.into(),
        }
    }

    /// As cheap as argon2 can be. For tests only.
    pub fn for_tests() -> Self {
        Self::new(Params::new(Params::MIN_M_COST, 1, 1, None).unwrap_or_default())
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon2<'static>) -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, Error> {
        let slot = Arc::clone(&self.slots)
            .acquire_owned()
            .await
            .map_err(Error::internal)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, self.params.clone());
        tokio::task::spawn_blocking(move || {
            // The slot belongs to the work, not to the request: a client that hangs up must not free it early.
            let _slot = slot;
            work(&argon2)
        })
        .await
        .map_err(Error::internal)?
        .map_err(|error| Error::internal(format!("argon2: {error}")))
    }
}

#[async_trait]
impl PasswordHasher for Argon2Hasher {
    async fn hash(&self, password: &SecretString) -> Result<String, Error> {
        let password = password.clone();
        self.run(move |argon2| {
            let hash: PasswordHash = argon2.hash_password(password.expose_secret().as_bytes())?;
            Ok(hash.to_string())
        })
        .await
    }

    async fn verify(&self, password: &SecretString, hash: Option<&str>) -> Result<bool, Error> {
        let password = password.clone();
        let known = hash.is_some();
        let hash: Arc<str> = hash.map_or_else(|| Arc::clone(&self.dummy), Arc::from);
        self.run(move |argon2| {
            let parsed = PasswordHash::new(&hash)?;
            match argon2.verify_password(password.expose_secret().as_bytes(), &parsed) {
                Ok(()) => Ok(known),
                Err(HashError::PasswordInvalid) => Ok(false),
                Err(error) => Err(error),
            }
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    fn secret(text: &str) -> SecretString {
        SecretString::from(text)
    }

    #[tokio::test]
    async fn the_right_password_and_no_other() {
        let hasher = Argon2Hasher::for_tests();
        let hash = hasher.hash(&secret("correct horse")).await.unwrap();
        assert!(
            hasher
                .verify(&secret("correct horse"), Some(&hash))
                .await
                .unwrap()
        );
        assert!(!hasher.verify(&secret("correct hors"), Some(&hash)).await.unwrap());
        assert!(!hasher.verify(&secret("correct horse"), None).await.unwrap());
        assert_ne!(
            hasher.hash(&secret("correct horse")).await.unwrap(),
            hash,
            "salted"
        );
        assert!(hasher.verify(&secret("x"), Some("not a hash")).await.is_err());
    }

    #[tokio::test]
    async fn hashes_carry_the_documented_cost() {
        let hasher = Argon2Hasher::default();
        let hash = hasher.hash(&secret("x")).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(hasher.dummy.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert_eq!(hasher.dummy.len(), hash.len());
    }

    #[tokio::test]
    async fn an_unknown_account_costs_what_a_wrong_password_costs() {
        async fn fastest(hasher: &Argon2Hasher, hash: Option<&str>) -> Duration {
            let mut best = Duration::MAX;
            for _ in 0..5 {
                let start = Instant::now();
                assert!(!hasher.verify(&secret("wrong"), hash).await.unwrap());
                best = best.min(start.elapsed());
            }
            best
        }
        let hasher = Argon2Hasher::default();
        let hash = hasher.hash(&secret("right")).await.unwrap();
        let known = fastest(&hasher, Some(&hash)).await;
        let unknown = fastest(&hasher, None).await;
        let ratio = unknown.as_secs_f64() / known.as_secs_f64();
        assert!(
            (0.4..2.5).contains(&ratio),
            "known {known:?}, unknown {unknown:?}"
        );
    }
}

//! Passwords: argon2id, off the async threads.
//!
//! One hash takes 19 MiB and some 20 ms of a core. Without a limit a burst of logins would take all memory and starve
//! everything else, so there are as many slots as cores, the rest waits, and when too many wait already the next is told to
//! come back later.

use argon2::password_hash::phc::{Output, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use groundswell_domain::Error;
use groundswell_domain::identity::PasswordHasher;
use secrecy::{ExposeSecret, SecretString};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

/// Four at a time are more than a hundred logins a second, and 76 MiB. A machine with many cores has better uses for more.
const MOST_SLOTS: usize = 4;

/// Whoever comes last waits about three seconds.
const WAITING_PER_SLOT: usize = 100;

const RETRY_AFTER: Duration = Duration::from_secs(2);

const OUTPUT_LENGTH: usize = Params::DEFAULT_OUTPUT_LEN;

#[derive(Debug)]
pub struct Argon2Hasher {
    params: Params,
    slots: Arc<Semaphore>,
    /// Places for whoever has a slot or waits for one.
    queue: Arc<Semaphore>,
    memory: Arc<Memory>,
    /// The hash of no password, with our parameters: what an unknown account is compared with.
    dummy: Arc<str>,
}

/// The working memory of slots, used again and again: given back to the allocator after each hash, most of it stays with the
/// process, once per thread that ever hashed, and some hundred logins are a gigabyte.
#[derive(Debug, Default)]
struct Memory(Mutex<Vec<Vec<Block>>>);

impl Memory {
    fn with<T>(&self, blocks: usize, work: impl FnOnce(&mut [Block]) -> T) -> T {
        let free = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut memory = free().pop().unwrap_or_default();
        if memory.len() < blocks {
            memory.resize(blocks, Block::default());
        }
        let result = work(memory.get_mut(..blocks).unwrap_or_default());
        free().push(memory);
        result
    }
}

impl Default for Argon2Hasher {
    /// m = 19,456 KiB, t = 2, p = 1 (the first choice of OWASP's password storage cheat sheet).
    fn default() -> Self {
        Self::new(Params::default())
    }
}

impl Argon2Hasher {
    /// With the cost that `params` says; slots = cores, but at most four.
    pub fn new(params: Params) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let slots = cores.min(MOST_SLOTS);
        let dummy = in_phc(&params, &[0x5a; 16], &[0xa5; OUTPUT_LENGTH]);
        Self {
            params,
            slots: Arc::new(Semaphore::new(slots)),
            queue: Arc::new(Semaphore::new(slots * (1 + WAITING_PER_SLOT))),
            memory: Arc::default(),
            dummy: dummy.into(),
        }
    }

    /// As cheap as argon2 can be. For tests only.
    pub fn for_tests() -> Self {
        Self::new(Params::new(Params::MIN_M_COST, 1, 1, None).unwrap_or_default())
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Memory) -> Result<T, String> + Send + 'static,
    ) -> Result<T, Error> {
        let _place = self.queue.try_acquire().map_err(|_| Error::Unavailable {
            message: "too many people are signing in right now".into(),
            retry_after: RETRY_AFTER,
        })?;
        let slot = Arc::clone(&self.slots)
            .acquire_owned()
            .await
            .map_err(Error::internal)?;
        let memory = Arc::clone(&self.memory);
        tokio::task::spawn_blocking(move || {
            // The slot belongs to the work, not to the request: a client that hangs up must not free it early.
            let _slot = slot;
            work(&memory)
        })
        .await
        .map_err(Error::internal)?
        .map_err(|error| Error::internal(format!("argon2: {error}")))
    }
}

/// The string format of password hashes (PHC).
fn in_phc(params: &Params, salt: &[u8], output: &[u8]) -> String {
    format!(
        "$argon2id$v=19$m={},t={},p={}${}${}",
        params.m_cost(),
        params.t_cost(),
        params.p_cost(),
        STANDARD_NO_PAD.encode(salt),
        STANDARD_NO_PAD.encode(output),
    )
}

/// Fills `output`, at the cost that `argon2` says.
fn fill(
    argon2: &Argon2<'_>,
    memory: &Memory,
    password: &SecretString,
    salt: &[u8],
    output: &mut [u8],
) -> Result<(), String> {
    let password = password.expose_secret().as_bytes();
    memory
        .with(argon2.params().block_count(), |blocks| {
            argon2.hash_password_into_with_memory(password, salt, output, blocks)
        })
        .map_err(|error| error.to_string())
}

fn matches(memory: &Memory, password: &SecretString, hash: &str) -> Result<bool, String> {
    let parsed = PasswordHash::new(hash).map_err(|error| error.to_string())?;
    let (Some(salt), Some(expected)) = (parsed.salt, parsed.hash) else {
        return Err("a hash without salt or without output".into());
    };
    // At the cost that it was made with, which need not be today's.
    let params = Params::try_from(&parsed).map_err(|error| error.to_string())?;
    let algorithm = Algorithm::try_from(parsed.algorithm.as_str()).map_err(|error| error.to_string())?;
    let version = parsed.version.unwrap_or(Version::V0x13.into());
    let version = Version::try_from(version).map_err(|error| error.to_string())?;
    let mut output = vec![0; expected.len()];
    let argon2 = Argon2::new(algorithm, version, params);
    fill(&argon2, memory, password, salt.as_ref(), &mut output)?;
    let output = Output::new(&output).map_err(|error| error.to_string())?;
    // In constant time.
    Ok(output == expected)
}

#[async_trait]
impl PasswordHasher for Argon2Hasher {
    async fn hash(&self, password: &SecretString) -> Result<String, Error> {
        let (password, params) = (password.clone(), self.params.clone());
        self.run(move |memory| {
            let salt = Salt::generate();
            let mut output = [0; OUTPUT_LENGTH];
            let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
            fill(&argon2, memory, &password, salt.as_ref(), &mut output)?;
            Ok(in_phc(&params, salt.as_ref(), &output))
        })
        .await
    }

    async fn verify(&self, password: &SecretString, hash: Option<&str>) -> Result<bool, Error> {
        let password = password.clone();
        let known = hash.is_some();
        let hash: Arc<str> = hash.map_or_else(|| Arc::clone(&self.dummy), Arc::from);
        self.run(move |memory| Ok(matches(memory, &password, &hash)? && known))
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

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
    async fn a_full_queue_says_so_at_once() {
        let hasher = Argon2Hasher::for_tests();
        let places = u32::try_from(hasher.queue.available_permits()).unwrap();
        let others = hasher.queue.acquire_many(places).await.unwrap();
        let refused = hasher.verify(&secret("x"), None).await;
        assert!(matches!(refused, Err(Error::Unavailable { .. })), "{refused:?}");
        drop(others);
        assert!(!hasher.verify(&secret("x"), None).await.unwrap());
    }

    /// From the tests of the reference implementation, with another cost than ours.
    #[test]
    fn hashes_of_elsewhere_are_understood() {
        let hash = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        let memory = Memory::default();
        assert!(matches(&memory, &secret("password"), hash).unwrap());
        assert!(!matches(&memory, &secret("passwort"), hash).unwrap());
        assert_eq!(memory.0.lock().unwrap().len(), 1, "memory is used again");
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
        let hasher = Argon2Hasher::default();
        let hash = hasher.hash(&secret("right")).await.unwrap();
        let mut fastest = [Duration::MAX; 2];
        // In turn, so that other work of the machine hits both.
        for _ in 0..8 {
            for (best, hash) in fastest.iter_mut().zip([Some(hash.as_str()), None]) {
                let start = Instant::now();
                assert!(!hasher.verify(&secret("wrong"), hash).await.unwrap());
                *best = start.elapsed().min(*best);
            }
        }
        let [known, unknown] = fastest;
        let ratio = unknown.as_secs_f64() / known.as_secs_f64();
        assert!(
            (0.4..2.5).contains(&ratio),
            "known {known:?}, unknown {unknown:?}"
        );
    }
}

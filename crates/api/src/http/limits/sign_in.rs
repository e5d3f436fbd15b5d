//! Tries of passwords. Wrong ones count, right ones do not.
//!
//! A try is counted when it begins and given back when it was right: otherwise many at the same time would all begin before
//! the first one is known to be wrong. Known and unknown accounts are treated alike.

use super::{Limits, RouteClass, Shown, limited, of_address, refusal, show};
use crate::http::client_ip::ClientIp;
use actix_web::{HttpMessage, HttpRequest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use groundswell_domain::Error;
use groundswell_domain::limits::{Attempt, Bucket, Verdict};
use sha2::{Digest, Sha256};

/// A try that has begun. Left without an end (because the caller hung up), it counts as wrong.
#[must_use]
pub(crate) struct SignInTry(Option<(Attempt, Bucket)>);

impl Limits {
    /// `account` is what was typed, whether or not there is such an account.
    pub(crate) async fn begin_sign_in(
        &self,
        request: &HttpRequest,
        ip: ClientIp,
        account: &str,
    ) -> Result<SignInTry, Error> {
        if !self.settings.enabled {
            return Ok(SignInTry(None));
        }
        let attempt = Attempt {
            account: pseudonym(account),
            place: ip.bucket().to_string(),
        };
        let shared = &self.limiters.shared;
        // The address first: whoever has none left can't fill the counts with invented accounts.
        let name = RouteClass::SignIn.as_str();
        let bucket = [of_address(name, self.settings.sign_in, ip)];
        let standings = shared.take(&bucket).await;
        match refusal(&[name], &bucket, &standings) {
            Ok(shown) => {
                if let Err(retry_after) = shared.begin_try(&attempt).await {
                    // Nobody will look at the password.
                    shared.give_back(&bucket).await;
                    return Err(Error::RateLimited { retry_after });
                }
                if let Some(shown) = shown {
                    show(request, shown);
                }
                let [bucket] = bucket;
                Ok(SignInTry(Some((attempt, bucket))))
            }
            Err(shown) => {
                show(request, shown);
                Err(limited(&shown))
            }
        }
    }

    /// `wrong` tells the error that means a wrong password from those that say nothing about it.
    pub(crate) async fn end_sign_in<T>(
        &self,
        request: &HttpRequest,
        begun: SignInTry,
        result: &Result<T, Error>,
        wrong: impl Fn(&Error) -> bool,
    ) {
        let Some((attempt, bucket)) = begun.0 else {
            return;
        };
        let verdict = match result {
            Ok(_) => Verdict::Right,
            Err(error) if wrong(error) => return,
            Err(_) => Verdict::Undecided,
        };
        let shared = &self.limiters.shared;
        shared.end_try(&attempt, verdict).await;
        shared.give_back(&[bucket]).await;
        if let Some(shown) = request.extensions_mut().get_mut::<Shown>()
            && shown.policy == RouteClass::SignIn.as_str()
        {
            shown.standing.remaining += 1;
        }
    }
}

/// What stands for an account where counts are kept: no mail address leaves the process for it.
fn pseudonym(account: &str) -> String {
    let typed = account.trim().to_lowercase();
    let digest = Sha256::digest(typed.as_bytes());
    URL_SAFE_NO_PAD.encode(&digest[..16])
}

#[cfg(test)]
mod tests {
    use super::pseudonym;

    #[test]
    fn spellings_of_an_address_are_one_account() {
        assert_eq!(pseudonym(" Ada@Example.com"), pseudonym("ada@example.com "));
        assert_ne!(pseudonym("ada@example.com"), pseudonym("bob@example.com"));
        assert!(!pseudonym("ada@example.com").contains("ada"));
    }
}

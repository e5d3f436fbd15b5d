//! Segments: kept as they are, frozen, and meaning what the domain says they mean.

mod dice;
mod differential;
mod keeping;
mod random;
mod world;

use super::{Contract, assert_pages};

pub async fn segments(contract: &Contract) {
    keeping::kept_as_they_are(contract).await;
    keeping::lists(contract).await;
    keeping::members_of_frozen_ones(contract).await;
    keeping::what_is_referred_to(contract).await;
    keeping::others_are_out_of_reach(contract).await;
    differential::the_store_means_what_the_domain_means(contract).await;
}

//! The brand of an organization.

use super::Contract;
use chrono::TimeDelta;
use groundswell_domain::brand::{Brand, BrandColors, OrganizationBrand};

pub async fn brand(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let (repos, theirs) = (contract.read(&mine), contract.read(&other));
    let nothing = OrganizationBrand {
        brand: Brand::default(),
        updated_at: None,
        version: 0,
    };
    assert_eq!(repos.brands().get().await.unwrap(), nothing);

    let brand = Brand {
        name: Some("Ada's \u{1F331}".to_owned()),
        colors: BrandColors {
            primary: Some("#2348d6".parse().unwrap()),
            accent: None,
        },
        address: Some("1 Harbour Road".to_owned()),
        ..Brand::default()
    };
    let now = contract.make.now();
    assert!(!repos.brands().put(&brand, 1, now).await.unwrap());
    assert!(repos.brands().put(&brand, 0, now).await.unwrap());
    let kept = OrganizationBrand {
        brand: brand.clone(),
        updated_at: Some(now),
        version: 1,
    };
    assert_eq!(repos.brands().get().await.unwrap(), kept);
    assert!(
        !repos.brands().put(&Brand::default(), 0, now).await.unwrap(),
        "somebody was first"
    );
    assert_eq!(theirs.brands().get().await.unwrap(), nothing);
    assert!(!theirs.brands().put(&brand, 1, now).await.unwrap());

    let later = contract.make.clock.advance(TimeDelta::seconds(1));
    assert!(repos.brands().put(&Brand::default(), 1, later).await.unwrap());
    let emptied = OrganizationBrand {
        brand: Brand::default(),
        updated_at: Some(later),
        version: 2,
    };
    assert_eq!(repos.brands().get().await.unwrap(), emptied);
}

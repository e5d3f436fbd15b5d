//! A provider as somebody set it up.

use super::Vendor;
use crate::secrets::Service;
use url::Url;

/// The name of a provider, such as `openai` or `our-vllm`. It is also the service that its keys are kept under as secrets.
pub type ProviderName = Service;

crate::text_enum::text_enum! {
    /// Who named an address. It decides over which client it is asked.
    NamedBy {
        /// In the configuration: trusted, and may be a machine in the same network.
        Operator => "operator",
        /// In the application: only public addresses are reached.
        Organization => "organization",
    }
}

/// Where a provider is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// With or without a slash at its end.
    pub base_url: Url,
    pub named_by: NamedBy,
}

impl Endpoint {
    /// The address of a call. `path` has no slash at its start.
    pub fn join(&self, path: &str) -> Url {
        let mut url = self.base_url.clone();
        let joined = format!("{}/{path}", url.path().trim_end_matches('/'));
        url.set_path(&joined);
        url
    }
}

/// A provider that can be routed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    pub name: ProviderName,
    pub vendor: Vendor,
    pub endpoint: Endpoint,
    /// What is sent there stays on machines of the operator. Only the operator may say so.
    pub local: bool,
    pub needs_key: bool,
}

impl Profile {
    /// A vendor as it comes, under its own name; `None` for those that are no place of their own.
    pub fn of(vendor: Vendor) -> Option<Self> {
        let name = vendor.as_str().parse().ok()?;
        let base_url = match vendor.base_url() {
            Some(url) => Url::parse(url).ok()?,
            None if vendor == Vendor::Builtin => Url::parse("builtin:").ok()?,
            None => return None,
        };
        Some(Self {
            name,
            vendor,
            endpoint: Endpoint {
                base_url,
                named_by: NamedBy::Operator,
            },
            local: matches!(vendor, Vendor::Ollama | Vendor::Builtin),
            needs_key: vendor.needs_key(),
        })
    }

    /// Every vendor that is a place of its own, as it comes.
    pub fn all() -> Vec<Self> {
        Vendor::ALL
            .iter()
            .filter_map(|vendor| Self::of(*vendor))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_lie_below_the_base_url_with_or_without_a_slash() {
        for base in ["https://a.example/v1", "https://a.example/v1/"] {
            let endpoint = Endpoint {
                base_url: Url::parse(base).unwrap(),
                named_by: NamedBy::Operator,
            };
            assert_eq!(
                endpoint.join("chat/completions").as_str(),
                "https://a.example/v1/chat/completions"
            );
        }
        let root = Endpoint {
            base_url: Url::parse("http://localhost:1").unwrap(),
            named_by: NamedBy::Operator,
        };
        assert_eq!(
            root.join("v1/messages").as_str(),
            "http://localhost:1/v1/messages"
        );
    }

    #[test]
    fn every_vendor_but_the_nameless_one_has_a_profile() {
        let names: Vec<_> = Profile::all()
            .iter()
            .map(|profile| profile.name.to_string())
            .collect();
        assert_eq!(names.len(), Vendor::ALL.len() - 1);
        assert!(!names.contains(&"compatible".to_owned()));
        let local = Profile::all().into_iter().filter(|profile| profile.local);
        assert_eq!(local.count(), 2, "Ollama and the built-in texts");
    }
}

//! Domains that mail is sent from: keys, the records to set, and looks at the DNS.

mod check;
mod commands;
mod keys;
mod manage;
mod spf;

pub use check::{DomainReport, check_again, check_domain, look_at_all, schedule_checks};
pub use commands::{DomainPatch, DomainView, NewDomain};
pub(super) use keys::signers;
pub use manage::{create_domain, delete_domain, get_domain, list_domains, update_domain};

use groundswell_domain::Error;
use groundswell_domain::identity::Permission;

const MISSING: Error = Error::NotFound {
    what: "sending domain",
};

/// Who decides about domains decides in whose name people are written to.
const NEEDS: Permission = Permission::OrganizationManage;

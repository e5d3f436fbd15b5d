//! What web pages say, apart from how they are written: the facts of a page, structured data about organizations, and what a site
//! runs on. Reading HTML is the adapter's, behind [`PageReader`].

mod organization;
mod page;
mod technology;

pub use organization::{OrganizationData, organization};
pub use page::{Page, PageReader};
pub use technology::technologies;

//! What an organization looks and sounds like to those it writes to: the fields `brand.*` of mails.

mod color;
mod ports;
mod profile;

pub use color::Color;
pub use ports::BrandRepo;
pub use profile::{Brand, BrandColors, OrganizationBrand};

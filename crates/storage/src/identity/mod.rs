//! Who belongs to an organization, and how they and their programs get in.

mod convert;
mod directory;
mod keys;
mod links;
mod organizations;
mod people;
mod repo;

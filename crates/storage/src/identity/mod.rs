//! Who belongs to an organization, and how they and their programs get in.

mod convert;
mod directory;
mod people;
mod repo;

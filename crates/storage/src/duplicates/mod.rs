//! Duplicates: proposals, what leads are found by, and merges.

mod convert;
mod index;
mod merge;
mod pairs;
mod repo;

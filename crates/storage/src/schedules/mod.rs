//! Schedules: one organization's, and those of all whose moment has come.

mod convert;
mod due;
mod repo;

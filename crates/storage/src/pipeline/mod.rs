//! Counting leads for the pipeline's numbers: one statement each, over the leads of a set.

mod condition;
mod goal;
mod repo;

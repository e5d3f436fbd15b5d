//! Predictions: what is learned from, trainings, and what leads were given.

mod facts;
mod repo;
mod rows;

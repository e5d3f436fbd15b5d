//! Rules of qualification, the slots of leads, stages that people hold, and how far a look at all leads is.

mod answers;
mod cases;
mod convert;
mod repo;
mod rules;
mod runs;

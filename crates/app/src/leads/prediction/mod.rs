//! Predictions: learning from outcomes, giving leads probabilities, and telling people both.

mod read;
mod score;
mod train;

pub use read::{
    LastRound, LeadPredictionView, LeadVerdict, PredictionOverview, get_lead_prediction, get_prediction,
};
pub use score::score_leads;
pub use train::{TrainingStarted, keep_training, read_outcomes, start_training, start_training_beside};

//! What a handler is told and what it answers.

use chrono::{DateTime, Utc};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// How far a handler came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    Done,
    /// There is more to do, not before this moment. Not counted as a failed attempt.
    ContinueAt(DateTime<Utc>),
}

/// Tells a long handler to stop at its next safe point: the process is draining, or its lease is lost.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    own: Arc<AtomicBool>,
    parent: Option<Arc<AtomicBool>>,
}

impl Stop {
    /// Stops with this one, and can be stopped alone.
    #[must_use]
    pub fn child(&self) -> Self {
        Self {
            own: Arc::default(),
            parent: Some(self.own.clone()),
        }
    }

    pub fn set(&self) {
        self.own.store(true, Ordering::Relaxed);
    }

    pub fn is_set(&self) -> bool {
        let set = |flag: &AtomicBool| flag.load(Ordering::Relaxed);
        set(&self.own) || self.parent.as_deref().is_some_and(set)
    }
}

//! Queues: kinds of jobs that share slots of a worker, so that no kind of work takes all of them.

crate::text_enum::text_enum! {
    /// Where a kind of job waits. Each queue has slots of its own in every worker.
    Queue {
        /// What is short.
        Default => "default",
        /// Single mails that somebody waits for.
        Mail => "mail",
        /// Campaigns: their audiences and their mails.
        Campaigns => "campaigns",
        /// Files, and other systems' leads.
        Imports => "imports",
        /// What computes long over many rows.
        Heavy => "heavy",
    }
}

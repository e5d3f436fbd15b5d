//! What a model can do.

crate::text_enum::text_enum! {
    /// What a call may need.
    Capability {
        Chat => "chat",
        Tools => "tools",
        /// Images in a prompt.
        Vision => "vision",
        /// Answers that follow a JSON Schema by construction.
        Schema => "schema",
        /// The temperature can be chosen. Reasoning models refuse it.
        Temperature => "temperature",
        Embeddings => "embeddings",
        /// Making images.
        Images => "images",
    }
}

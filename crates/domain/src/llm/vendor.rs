//! Whom we can speak with.

use super::Capability;

crate::text_enum::text_enum! {
    /// A way to speak with language models. Several providers may speak in the same way.
    Vendor {
        OpenAi => "openai",
        Anthropic => "anthropic",
        Gemini => "gemini",
        Mistral => "mistral",
        /// xAI's Grok.
        XAi => "xai",
        OpenRouter => "openrouter",
        /// Models on a machine of one's own.
        Ollama => "ollama",
        /// Any server that answers as OpenAI's chat completions do.
        Compatible => "compatible",
        /// Texts that are made without a model, by rules.
        Builtin => "builtin",
    }
}

impl Vendor {
    /// Where it is reached unless somebody says otherwise. Paths of calls are added behind it.
    pub fn base_url(self) -> Option<&'static str> {
        match self {
            Self::OpenAi => Some("https://api.openai.com/v1"),
            Self::Anthropic => Some("https://api.anthropic.com"),
            Self::Gemini => Some("https://generativelanguage.googleapis.com/v1beta"),
            Self::Mistral => Some("https://api.mistral.ai/v1"),
            Self::XAi => Some("https://api.x.ai/v1"),
            Self::OpenRouter => Some("https://openrouter.ai/api/v1"),
            Self::Ollama => Some("http://localhost:11434/v1"),
            Self::Compatible | Self::Builtin => None,
        }
    }

    /// Whether calls need a key.
    pub fn needs_key(self) -> bool {
        !matches!(self, Self::Ollama | Self::Compatible | Self::Builtin)
    }

    /// What it can do whatever the model: a model of the catalogue may narrow it.
    pub fn can(self, capability: Capability) -> bool {
        match capability {
            Capability::Chat => true,
            Capability::Tools | Capability::Vision | Capability::Temperature => self != Self::Builtin,
            // Servers that only resemble OpenAI's often do not know the field: the schema is put into the prompt there.
            Capability::Schema => !matches!(self, Self::Compatible | Self::Builtin),
            Capability::Embeddings => !matches!(self, Self::Anthropic | Self::XAi | Self::Builtin),
            Capability::Images => matches!(self, Self::OpenAi | Self::Gemini | Self::XAi | Self::Compatible),
        }
    }
}

//! What is thought of an event, and why.

crate::text_enum::text_enum! {
    /// Who stands behind an open or a click.
    Verdict {
        Human => "human",
        /// A mail provider fetched the picture because a person opened the mail.
        Proxy => "proxy",
        /// A mail provider fetched the picture before anybody opened the mail, or without that.
        Prefetch => "prefetch",
        /// A program that checks mails or pages.
        Scanner => "scanner",
        Unknown => "unknown",
    }
}

impl Verdict {
    /// Whether a person did it, directly or not. Only such events count in scores, send times and tests.
    pub fn is_human(self) -> bool {
        matches!(self, Self::Human | Self::Proxy)
    }
}

crate::text_enum::text_enum! {
    /// What a verdict goes by.
    Evidence {
        /// The user agent is that of a crawler or scanner.
        CrawlerAgent => "crawler_agent",
        /// The user agent is that of Gmail's or Yahoo's image proxy.
        ProxyAgent => "proxy_agent",
        /// The user agent says `Mozilla/5.0` and nothing else, as Apple's Mail Privacy Protection does.
        BareAgent => "bare_agent",
        NoAgent => "no_agent",
        /// No `Accept-Language`: browsers send one.
        NoLanguage => "no_language",
        ScannerNetwork => "scanner_network",
        ProxyNetwork => "proxy_network",
        PrefetchNetwork => "prefetch_network",
        /// It asked for the header only.
        Head => "head",
        /// Within two seconds after the mail was handed over.
        TooSoon => "too_soon",
        /// Three different links within ten seconds.
        AllLinks => "all_links",
        /// It, or something that came with it, followed the link that no person can see.
        Honeypot => "honeypot",
        /// Somebody unsubscribed: mail programs do that for people.
        Unsubscribed => "unsubscribed",
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    pub verdict: Verdict,
    /// In the order in which they are listed, each once.
    pub reasons: Vec<Evidence>,
}

impl Judgement {
    pub(super) fn new(verdict: Verdict, reasons: impl IntoIterator<Item = Evidence>) -> Self {
        let mut reasons: Vec<Evidence> = reasons.into_iter().collect();
        reasons.sort_unstable();
        reasons.dedup();
        Self { verdict, reasons }
    }

    /// A scanner after all, for one more reason.
    pub(super) fn is_scanner_by(&mut self, evidence: Evidence) {
        *self = Self::new(
            Verdict::Scanner,
            std::mem::take(&mut self.reasons).into_iter().chain([evidence]),
        );
    }
}

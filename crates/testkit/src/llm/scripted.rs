//! A vendor that does what a test wrote down.

use async_trait::async_trait;
use groundswell_domain::llm::{
    ChatRequest, Chunk, ChunkSource, Completion, EmbedRequest, Embeddings, Finish, ImageRequest, Images,
    LlmProvider, ProviderFailure, Target, Usage, Vendor,
};
use groundswell_domain::secrets::last4;
use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

/// What it does when it is asked the next time.
#[derive(Debug, Clone)]
pub enum Play {
    Text(&'static str),
    Whole(Box<Completion>),
    Fail(ProviderFailure),
    /// Takes so long, and then does that.
    After(Duration, Box<Play>),
    /// A stream: waits, chunks and failures, one after the other.
    Stream(Vec<Piece>),
}

#[derive(Debug, Clone)]
pub enum Piece {
    Wait(Duration),
    Chunk(Chunk),
    Fail(ProviderFailure),
}

impl Play {
    pub fn after(seconds: u64, play: Self) -> Self {
        Self::After(Duration::from_secs(seconds), Box::new(play))
    }
}

/// How it was asked.
#[derive(Debug, Clone)]
pub struct Asked {
    pub model: String,
    pub key: Option<String>,
    pub request: ChatRequest,
    pub native_schema: bool,
}

pub struct Scripted {
    vendor: Vendor,
    plays: Mutex<VecDeque<Play>>,
    asked: Mutex<Vec<Asked>>,
}

impl Scripted {
    pub fn new(vendor: Vendor, plays: impl IntoIterator<Item = Play>) -> Self {
        Self {
            vendor,
            plays: Mutex::new(plays.into_iter().collect()),
            asked: Mutex::default(),
        }
    }

    pub fn add(&self, play: Play) {
        self.plays.lock().unwrap().push_back(play);
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// Plays that nobody asked for.
    pub fn left(&self) -> usize {
        self.plays.lock().unwrap().len()
    }

    async fn next(&self, target: &Target, request: &ChatRequest) -> Play {
        self.asked.lock().unwrap().push(Asked {
            model: target.model.clone(),
            key: target.key.as_ref().and_then(last4),
            request: request.clone(),
            native_schema: target.native_schema,
        });
        let play = self.plays.lock().unwrap().pop_front();
        let mut play = play.unwrap_or_else(|| unreachable!("{} was asked once too often", self.vendor));
        while let Play::After(wait, then) = play {
            tokio::time::sleep(wait).await;
            play = *then;
        }
        play
    }
}

fn words(text: &str) -> Completion {
    Completion {
        text: text.to_owned(),
        tool_calls: Vec::new(),
        refusal: None,
        finish: Finish::Stop,
        usage: Some(Usage {
            input: 100,
            output: 50,
            ..Usage::default()
        }),
        model: None,
    }
}

#[async_trait]
impl LlmProvider for Scripted {
    fn vendor(&self) -> Vendor {
        self.vendor
    }

    async fn complete(&self, target: &Target, request: &ChatRequest) -> Result<Completion, ProviderFailure> {
        match self.next(target, request).await {
            Play::Text(text) => Ok(words(text)),
            Play::Whole(completion) => Ok(*completion),
            Play::Fail(failure) => Err(failure),
            Play::Stream(_) | Play::After(..) => {
                unreachable!("the script has a stream where none was asked for")
            }
        }
    }

    async fn stream(
        &self,
        target: &Target,
        request: &ChatRequest,
    ) -> Result<Box<dyn ChunkSource>, ProviderFailure> {
        let pieces = match self.next(target, request).await {
            Play::Stream(pieces) => pieces,
            Play::Fail(failure) => return Err(failure),
            Play::Text(text) => {
                let usage = words(text).usage.unwrap();
                let chunks = [
                    Chunk::Text(text.to_owned()),
                    Chunk::Finish(Finish::Stop),
                    Chunk::Usage(usage),
                ];
                chunks.into_iter().map(Piece::Chunk).collect()
            }
            Play::Whole(_) | Play::After(..) => {
                unreachable!("the script has no stream where one was asked for")
            }
        };
        Ok(Box::new(Pieces(pieces.into())))
    }

    async fn embed(&self, _: &Target, _: &EmbedRequest) -> Result<Embeddings, ProviderFailure> {
        Err(ProviderFailure::unsupported("the script has no embeddings"))
    }

    async fn image(&self, _: &Target, _: &ImageRequest) -> Result<Images, ProviderFailure> {
        Err(ProviderFailure::unsupported("the script has no images"))
    }
}

struct Pieces(VecDeque<Piece>);

#[async_trait]
impl ChunkSource for Pieces {
    async fn next(&mut self) -> Option<Result<Chunk, ProviderFailure>> {
        loop {
            match self.0.pop_front()? {
                Piece::Wait(wait) => tokio::time::sleep(wait).await,
                Piece::Chunk(chunk) => return Some(Ok(chunk)),
                Piece::Fail(failure) => {
                    self.0.clear();
                    return Some(Err(failure));
                }
            }
        }
    }
}

//! Walks over the tokens of an expression.

use super::lexer::{Fault, Place, Source, Token, tokens};

pub(super) struct Reader {
    source: Source,
    tokens: Vec<(Token, Place)>,
    at: usize,
}

impl Reader {
    pub fn new(text: &str) -> Result<Self, Fault> {
        let (source, tokens) = tokens(text)?;
        Ok(Self {
            source,
            tokens,
            at: 0,
        })
    }

    /// The last token is the end, and nobody gets beyond it.
    fn entry(&self) -> &(Token, Place) {
        &self.tokens[self.at.min(self.tokens.len() - 1)]
    }

    pub fn peek(&self) -> &Token {
        &self.entry().0
    }

    pub fn place(&self) -> Place {
        self.entry().1
    }

    pub fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    /// The place from `start` to the last token that was taken.
    pub fn since(&self, start: Place) -> Place {
        let last = self.tokens[..self.at.min(self.tokens.len())].last();
        Place {
            start: start.start,
            end: last.map_or(start.end, |(_, place)| place.end),
        }
    }

    pub fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Token::Word { lower, .. } if lower == word)
    }

    pub fn eat_word(&mut self, word: &str) -> bool {
        let there = self.is_word(word);
        self.at += usize::from(there);
        there
    }

    /// Two words in a row, or none of them.
    pub fn eat_words(&mut self, first: &str, second: &str) -> bool {
        if !self.is_word(first) {
            return false;
        }
        self.at += 1;
        let both = self.eat_word(second);
        self.at -= usize::from(!both);
        both
    }

    pub fn eat_sign(&mut self, sign: &str) -> bool {
        let there = matches!(self.peek(), Token::Sign(found) if *found == sign);
        self.at += usize::from(there);
        there
    }

    pub fn expect_sign(&mut self, sign: &str) -> Result<(), Fault> {
        if self.eat_sign(sign) {
            return Ok(());
        }
        Err(self.here(format!("`{sign}` is missing before {}", self.peek())))
    }

    pub fn expect_word(&mut self, word: &str) -> Result<(), Fault> {
        if self.eat_word(word) {
            return Ok(());
        }
        Err(self.here(format!("`{word}` is missing before {}", self.peek())))
    }

    /// A fault at the next token.
    pub fn here(&self, message: impl Into<String>) -> Fault {
        self.source.fault(self.place(), message)
    }

    pub fn fault(&self, place: Place, message: impl Into<String>) -> Fault {
        self.source.fault(place, message)
    }
}

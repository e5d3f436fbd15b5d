//! Server-sent events, as bytes arrive (WHATWG HTML, section 9.2.6), whatever the borders of the pieces.

/// Longest event, in bytes: an image of some vendors comes as one.
const MAX_EVENT: usize = 16 * 1024 * 1024;

/// Reads events. Only `data` matters here: vendors that name events say the same in the data.
#[derive(Debug, Default)]
pub(crate) struct Events {
    line: Vec<u8>,
    data: Option<Vec<u8>>,
    after_cr: bool,
}

impl Events {
    /// The data of all events that end in these bytes. The error says that the stream can't be one.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<String>, String> {
        let mut events = Vec::new();
        for &byte in bytes {
            let after_cr = std::mem::replace(&mut self.after_cr, byte == b'\r');
            match byte {
                b'\n' if after_cr => {}
                b'\r' | b'\n' => self.end_line(&mut events)?,
                _ => {
                    self.line.push(byte);
                    if self.line.len() + self.data.as_ref().map_or(0, Vec::len) > MAX_EVENT {
                        return Err("an event of the stream is too long".into());
                    }
                }
            }
        }
        Ok(events)
    }

    /// What was begun and not ended by an empty line. The standard drops it; vendors cut there, so it is looked at.
    pub fn rest(&mut self) -> Result<Option<String>, String> {
        let mut events = Vec::new();
        if !self.line.is_empty() {
            self.end_line(&mut events)?;
        }
        self.line.clear();
        self.end_line(&mut events)?;
        Ok(events.pop())
    }

    fn end_line(&mut self, events: &mut Vec<String>) -> Result<(), String> {
        let line = std::mem::take(&mut self.line);
        if line.is_empty() {
            if let Some(data) = self.data.take() {
                let text = String::from_utf8(data).map_err(|_| "the stream is no UTF-8")?;
                events.push(text);
            }
            return Ok(());
        }
        // A byte order mark may come first; comments begin with a colon.
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line);
        if let Some(value) = line.strip_prefix(b"data:") {
            let value = value.strip_prefix(b" ").unwrap_or(value);
            match &mut self.data {
                Some(data) => {
                    data.push(b'\n');
                    data.extend_from_slice(value);
                }
                None => self.data = Some(value.to_vec()),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_borders_give_the_same_events() {
        let stream = ": hello\r\n\r\nevent: x\ndata: one\n\ndata:two\rdata: zwölf 🎉\r\rid: 1\n\ndata: three"
            .as_bytes();
        let expected = ["one", "two\nzwölf 🎉"];
        for size in 1..=stream.len() {
            let mut events = Events::default();
            let mut found = Vec::new();
            for piece in stream.chunks(size) {
                found.extend(events.push(piece).unwrap());
            }
            assert_eq!(found, expected, "pieces of {size}");
            assert_eq!(events.rest().unwrap().as_deref(), Some("three"));
        }
    }

    #[test]
    fn what_is_no_text_is_an_error() {
        assert!(Events::default().push(b"data: \xff\n\n").is_err());
    }
}

//! Reads the form of a file of leads. The file is handed on as it comes; the fields around it are small.

use crate::http::ApiError;
use crate::parts::{MAX_PARTS, refused};
use actix_multipart::{Field, Multipart};
use actix_web::HttpRequest;
use actix_web::web::Payload;
use futures_util::TryStreamExt;
use groundswell_app::leads::{ImportOptions, IncomingFile, Preview, Receiver};
use groundswell_domain::Error;
use groundswell_domain::leads::Tags;
use groundswell_domain::validate::Problems;

/// Room for the fields beside the file, in bytes.
const MAX_FIELDS: usize = 256 * 1024;

const FIELDS: &str =
    "file, mapping, dry_run, tags, delimiter, encoding, header, sheet, upsert_key, on_existing and consent";

/// Where a file goes.
pub(super) trait Sink {
    async fn take(&mut self, bytes: &[u8]) -> Result<(), Error>;
    /// The form was wrong, or did not come to its end.
    async fn drop_all(self) -> Result<(), Error>;
}

impl Sink for Receiver {
    async fn take(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.push(bytes).await
    }
    async fn drop_all(self) -> Result<(), Error> {
        self.abandon().await
    }
}

impl Sink for Preview {
    async fn take(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.push(bytes)
    }
    async fn drop_all(self) -> Result<(), Error> {
        Ok(())
    }
}

/// The file, with what is to be done with it. `open` is called when the file begins; `max_file` is in bytes.
pub(super) async fn read_upload<S: Sink>(
    request: &HttpRequest,
    payload: Payload,
    max_file: usize,
    open: impl AsyncFn(IncomingFile) -> Result<S, Error>,
) -> Result<(S, ImportOptions), ApiError> {
    let mut form = Form::default();
    let mut sink = None;
    let read = read(request, payload, max_file, open, &mut form, &mut sink).await;
    let options = read.and_then(|()| Ok(form.options()?));
    match (options, sink) {
        (Ok(options), Some(sink)) => Ok((sink, options)),
        (Ok(_), None) => {
            let missing = Error::invalid("file", "is required, and must not be empty");
            Err(missing.into())
        }
        (Err(error), sink) => {
            if let Some(sink) = sink {
                sink.drop_all().await?;
            }
            Err(error)
        }
    }
}

async fn read<S: Sink>(
    request: &HttpRequest,
    payload: Payload,
    max_file: usize,
    open: impl AsyncFn(IncomingFile) -> Result<S, Error>,
    form: &mut Form,
    sink: &mut Option<S>,
) -> Result<(), ApiError> {
    let mut multipart = Multipart::new(request.headers(), payload);
    let mut room = MAX_FIELDS;
    let broken = |error| refused(error, max_file);
    let mut count = 0;
    while let Some(mut field) = multipart.try_next().await.map_err(broken)? {
        count += 1;
        if count > MAX_PARTS {
            return Err(ApiError::too_large(MAX_FIELDS));
        }
        let name = field.name().unwrap_or_default().to_owned();
        if name != "file" {
            let text = text(&mut field, &mut room).await?;
            form.field(&name, &text, sink.is_some());
            continue;
        }
        if sink.is_some() {
            form.problems.add("file", "one file at a time");
            continue;
        }
        let file_name = field
            .content_disposition()
            .and_then(|header| header.get_filename());
        file_name
            .unwrap_or("leads.csv")
            .clone_into(&mut form.file.file_name);
        let sink = sink.insert(open(form.file.clone()).await?);
        let mut left = max_file;
        while let Some(piece) = field.try_next().await.map_err(broken)? {
            left = left
                .checked_sub(piece.len())
                .ok_or_else(|| ApiError::too_large(max_file))?;
            sink.take(&piece).await?;
        }
    }
    Ok(())
}

/// What is not UTF-8 is replaced.
async fn text(field: &mut Field, room: &mut usize) -> Result<String, ApiError> {
    let mut content = Vec::new();
    while let Some(piece) = field
        .try_next()
        .await
        .map_err(|error| refused(error, MAX_FIELDS))?
    {
        *room = room
            .checked_sub(piece.len())
            .ok_or_else(|| ApiError::too_large(MAX_FIELDS))?;
        content.extend_from_slice(&piece);
    }
    Ok(String::from_utf8_lossy(&content).into_owned())
}

/// The fields that came so far.
#[derive(Default)]
struct Form {
    file: IncomingFile,
    options: ImportOptions,
    tags: Vec<String>,
    problems: Problems,
}

impl Form {
    fn field(&mut self, name: &str, text: &str, file_came: bool) {
        let (options, problems) = (&mut self.options, &mut self.problems);
        let given = text.trim();
        match name {
            "mapping" if !given.is_empty() => {
                let mapping = serde_json::from_str(given)
                    .map_err(|error| format!("must be a JSON object of texts ({error})"));
                options.mapping = problems.take(name, mapping).unwrap_or_default();
            }
            "consent" if !given.is_empty() => {
                let consent = serde_json::from_str(given)
                    .map_err(|error| format!("must be a JSON object with purpose, text and basis ({error})"));
                options.consent = problems.take(name, consent);
            }
            "dry_run" => options.dry_run = problems.take(name, flag(given)).flatten().unwrap_or_default(),
            "header" => options.header = problems.take(name, flag(given)).flatten(),
            "tags" => self.tags.extend(
                text.split(',')
                    .map(str::to_owned)
                    .filter(|tag| !tag.trim().is_empty()),
            ),
            // Not trimmed: it may be a tab.
            "delimiter" if !text.is_empty() => options.delimiter = Some(text.to_owned()),
            "on_existing" if !given.is_empty() => {
                if let Some(word) = problems.take(name, given.parse()) {
                    options.on_existing = word;
                }
            }
            "upsert_key" if !given.is_empty() => {
                problems.check(
                    given == "email",
                    name,
                    "must be `email`: leads are known by nothing else yet",
                );
            }
            "encoding" | "sheet" if file_came && !given.is_empty() => {
                problems.add(name, "must come before the file, which is read as it comes");
            }
            "encoding" if !given.is_empty() => self.file.encoding = Some(given.to_owned()),
            "sheet" if !given.is_empty() => self.file.sheet = Some(given.to_owned()),
            "mapping" | "consent" | "delimiter" | "on_existing" | "upsert_key" | "encoding" | "sheet" => {}
            other => problems.add(other, format!("is not a field of this form; there are {FIELDS}")),
        }
    }

    fn options(mut self) -> Result<ImportOptions, Error> {
        let tags = Tags::parse(&self.tags);
        self.options.tags = self.problems.take("tags", tags).unwrap_or_default();
        self.problems.finish()?;
        Ok(self.options)
    }
}

/// An empty one says nothing.
fn flag(text: &str) -> Result<Option<bool>, String> {
    match text.to_ascii_lowercase().as_str() {
        "" => Ok(None),
        "false" | "0" | "no" | "off" => Ok(Some(false)),
        "true" | "1" | "yes" | "on" => Ok(Some(true)),
        _ => Err("must be true or false".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use groundswell_domain::leads::OnExisting;

    fn read(fields: &[(&str, &str)]) -> Result<ImportOptions, Vec<String>> {
        let mut form = Form::default();
        for (name, text) in fields {
            form.field(name, text, true);
        }
        form.options().map_err(|error| match error {
            Error::Invalid(fields) => fields.into_iter().map(|field| field.field).collect(),
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn every_field_is_read() {
        let options = read(&[
            ("tags", "Spring, fair"),
            ("dry_run", "true"),
            ("header", "no"),
            ("delimiter", "\t"),
            ("on_existing", "fill"),
            ("upsert_key", "email"),
            ("consent", r#"{"purpose": "marketing", "text": "Write to me"}"#),
            ("mapping", r#"{"Mail": "email"}"#),
            ("tags", "2027"),
            ("sheet", ""),
        ])
        .unwrap();
        assert_eq!(options.tags.as_slice(), ["2027", "fair", "spring"]);
        assert_eq!((options.dry_run, options.header), (true, Some(false)));
        assert_eq!(options.delimiter.as_deref(), Some("\t"));
        assert_eq!(options.on_existing, OnExisting::Fill);
        assert_eq!(options.consent.unwrap().text, "Write to me");
        assert_eq!(options.mapping["Mail"], "email");
    }

    #[test]
    fn what_is_wrong_is_named() {
        let wrong = read(&[
            ("mapping", "[1]"),
            ("dry_run", "maybe"),
            ("on_existing", "destroy"),
            ("upsert_key", "phone"),
            ("consent", "yes"),
            ("encoding", "utf-8"),
            ("more", ""),
        ])
        .unwrap_err();
        assert_eq!(
            wrong,
            [
                "mapping",
                "dry_run",
                "on_existing",
                "upsert_key",
                "consent",
                "encoding",
                "more"
            ]
        );
    }
}

//! Reads the form of a CSV upload.

use crate::http::ApiError;
use crate::parts::{Part, read_parts};
use actix_web::HttpRequest;
use actix_web::web::Payload;
use groundswell_app::leads::Upload;
use groundswell_domain::Error;
use groundswell_domain::leads::Tags;
use groundswell_domain::validate::Problems;
use std::collections::BTreeMap;

/// Room for the other fields of the form.
const MAX_REST: usize = 256 * 1024;

/// `max_file` is in bytes.
pub(super) async fn read_upload(
    request: &HttpRequest,
    payload: Payload,
    max_file: usize,
) -> Result<Upload, ApiError> {
    let parts = read_parts(request.headers(), payload, max_file + MAX_REST).await?;
    if parts.iter().any(|part| part.content.len() > max_file) {
        return Err(ApiError::too_large(max_file));
    }
    Ok(upload(parts)?)
}

fn upload(parts: Vec<Part>) -> Result<Upload, Error> {
    let mut problems = Problems::new();
    let (mut file, mut mapping, mut dry_run, mut tags) = (None, BTreeMap::new(), false, Vec::new());
    for part in parts {
        match part.name.as_str() {
            "file" => {
                problems.check(file.is_none(), "file", "one file at a time");
                file = Some((
                    part.file_name.unwrap_or_else(|| "leads.csv".to_owned()),
                    part.content,
                ));
            }
            "mapping" => {
                let given = if part.content.is_empty() {
                    Ok(BTreeMap::new())
                } else {
                    serde_json::from_slice(&part.content)
                };
                let given = given.map_err(|error| format!("must be a JSON object of texts ({error})"));
                mapping = problems.take("mapping", given).unwrap_or_default();
            }
            "dry_run" => dry_run = problems.take("dry_run", flag(&part.text())).unwrap_or_default(),
            "tags" => tags.extend(
                part.text()
                    .split(',')
                    .map(str::to_owned)
                    .filter(|tag| !tag.trim().is_empty()),
            ),
            other => problems.add(
                other,
                "is not a field of this form; there are file, mapping, dry_run and tags",
            ),
        }
    }
    let tags = problems.take("tags", Tags::parse(&tags)).unwrap_or_default();
    let (file_name, content) = file.unwrap_or_default();
    problems.check(!content.is_empty(), "file", "is required, and must not be empty");
    problems.check(
        is_text(&content),
        "file",
        "is not a CSV file: it holds binary data",
    );
    problems.finish()?;
    Ok(Upload {
        file_name,
        content,
        mapping,
        dry_run,
        tags,
    })
}

fn flag(text: &str) -> Result<bool, String> {
    match text.trim().to_ascii_lowercase().as_str() {
        "" | "false" | "0" | "no" | "off" => Ok(false),
        "true" | "1" | "yes" | "on" => Ok(true),
        _ => Err("must be true or false".into()),
    }
}

/// Spreadsheet files, archives and pictures have NUL bytes near their start; text in UTF-8 or Latin-1 has none. UTF-16
/// has them too, and says so in its first bytes.
fn is_text(content: &[u8]) -> bool {
    let utf16 = content.starts_with(&[0xff, 0xfe]) || content.starts_with(&[0xfe, 0xff]);
    let archive = content.starts_with(b"PK\x03\x04");
    utf16 || !(archive || content.iter().take(4096).any(|byte| *byte == 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(name: &str, content: &[u8]) -> Part {
        Part {
            name: name.into(),
            file_name: (name == "file").then(|| "a.csv".into()),
            content: content.to_vec(),
        }
    }

    fn problems(parts: Vec<Part>) -> Vec<String> {
        match upload(parts) {
            Err(Error::Invalid(fields)) => fields.into_iter().map(|field| field.field).collect(),
            other => panic!("must be refused: {other:?}"),
        }
    }

    #[test]
    fn every_field_is_read() {
        let upload = upload(vec![
            part("tags", b"Spring, fair"),
            part("file", b"email\na@b.de\n"),
            part("dry_run", b"true"),
            part("mapping", br#"{"Mail": "email"}"#),
            part("tags", b"2027"),
        ])
        .unwrap();
        assert_eq!(upload.tags.as_slice(), ["2027", "fair", "spring"]);
        assert!(upload.dry_run);
        assert_eq!(upload.mapping["Mail"], "email");
        assert_eq!(upload.file_name, "a.csv");
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(problems(vec![]), ["file"]);
        assert_eq!(
            problems(vec![part("file", b"PK\x03\x04 a spreadsheet")]),
            ["file"]
        );
        assert_eq!(
            problems(vec![
                part("file", b"x"),
                part("mapping", b"[1]"),
                part("dry_run", b"maybe"),
                part("more", b"")
            ]),
            ["mapping", "dry_run", "more"]
        );
        assert_eq!(problems(vec![part("file", b"a"), part("file", b"b")]), ["file"]);
    }
}

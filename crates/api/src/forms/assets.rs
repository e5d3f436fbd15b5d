//! The scripts of forms, as part of the binary.
//!
//! Pages of elsewhere load them by a fixed address, so they are kept by browsers for an hour and asked for again by their
//! `ETag`. They are small enough as they are written; only comments and indentation stay here. They are packed once, as well as
//! can be: what packs answers on their way is in a hurry.

use actix_web::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderName, IF_NONE_MATCH, VARY,
};
use actix_web::{HttpRequest, HttpResponse};
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use std::io::Write;
use std::sync::LazyLock;

/// A script with its `ETag`.
struct Script {
    text: String,
    packed: Option<Vec<u8>>,
    tag: String,
}

static EMBED_SCRIPT: LazyLock<Script> = LazyLock::new(|| Script::of(include_str!("../../assets/embed.js")));
static CAPTCHA_SCRIPT: LazyLock<Script> =
    LazyLock::new(|| Script::of(include_str!("../../assets/captcha.js")));

impl Script {
    /// In the sources a comment has lines of its own, and no text depends on how its lines are indented.
    fn of(source: &str) -> Self {
        let lines = source.lines().map(str::trim_start);
        let lines: Vec<_> = lines
            .filter(|line| !line.is_empty() && !line.starts_with("//"))
            .collect();
        let text = lines.join("\n");
        let hash = Sha256::digest(text.as_bytes());
        let short = hash
            .iter()
            .take(8)
            .fold(0_u64, |all, byte| all << 8 | u64::from(*byte));
        Self {
            packed: pack(&text),
            text,
            tag: format!("\"{short:016x}\""),
        }
    }
}

/// The script that shows forms in pages of other sites: `<script src="https://your.host/embed.js" data-form="ID" async></script>`.
#[utoipa::path(get, path = "/embed.js", operation_id = "get_embed_script", tag = "forms",
    responses((status = 200, content_type = "text/javascript", body = String), (status = 304, description = "As before")), security(()))]
pub(super) async fn get_embed_script(request: HttpRequest) -> HttpResponse {
    answer(&request, &EMBED_SCRIPT)
}

/// The module that solves captchas of forms; loaded by the other script.
#[utoipa::path(get, path = "/captcha.js", operation_id = "get_captcha_script", tag = "forms",
    responses((status = 200, content_type = "text/javascript", body = String), (status = 304, description = "As before")), security(()))]
pub(super) async fn get_captcha_script(request: HttpRequest) -> HttpResponse {
    answer(&request, &CAPTCHA_SCRIPT)
}

/// Writing to memory does not fail; if it did, the script would be sent as it is.
fn pack(text: &str) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text.as_bytes()).ok()?;
    encoder.finish().ok()
}

/// Whether a list of a header has an element for which this is true.
fn any(request: &HttpRequest, name: HeaderName, is_it: impl Fn(&str) -> bool) -> bool {
    let value = request.headers().get(name).and_then(|value| value.to_str().ok());
    value.is_some_and(|list| list.split(',').map(str::trim).any(is_it))
}

fn answer(request: &HttpRequest, script: &'static Script) -> HttpResponse {
    // Weak: whoever packs it on the way says so.
    let same = any(request, IF_NONE_MATCH, |tag| {
        tag.trim_start_matches("W/") == script.tag
    });
    let mut response = if same {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    response
        .insert_header((ETAG, script.tag.as_str()))
        .insert_header((VARY, "Accept-Encoding"))
        .insert_header((CACHE_CONTROL, "public, max-age=3600"));
    if same {
        return response.finish();
    }
    response.insert_header((CONTENT_TYPE, "text/javascript; charset=utf-8"));
    let packs = any(request, ACCEPT_ENCODING, |coding| {
        coding.starts_with("gzip") && !coding.ends_with("q=0")
    });
    match &script.packed {
        Some(packed) if packs => response
            .insert_header((CONTENT_ENCODING, "gzip"))
            .body(packed.as_slice()),
        _ => response.body(script.text.as_str()),
    }
}

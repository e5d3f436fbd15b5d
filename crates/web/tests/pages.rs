//! Pages as sites write them, and pages as nobody should.

#![allow(clippy::unwrap_used, reason = "in tests a panic is the message")]

use groundswell_domain::egress::Fetched;
use groundswell_domain::web::{Page, PageReader, organization, technologies};
use groundswell_web::HtmlReader;
use proptest::prelude::*;
use std::time::{Duration, Instant};

fn read(body: impl Into<Vec<u8>>) -> Page {
    HtmlReader.read(&Fetched {
        status: 200,
        url: "https://www.acme.example/".parse().unwrap(),
        headers: vec![("content-type".into(), "text/html".into())],
        body: body.into(),
    })
}

#[test]
fn a_company_s_page_says_who_they_are() {
    let page = read(include_str!("pages/company.html"));
    assert_eq!(
        page.title.as_deref(),
        Some("Acme Werkzeuge & Söhne – Werkzeuge für alle")
    );
    assert_eq!(
        page.description.as_deref(),
        Some("Werkzeuge seit 1984 \"von Hand\"")
    );
    assert_eq!(page.canonical.as_deref(), Some("https://www.acme.example/"));
    assert_eq!(page.declared_language.as_deref(), Some("de-DE"));
    assert_eq!(page.detected_language.as_deref(), Some("de"));
    assert_eq!(page.open_graph["site_name"], "Acme Werkzeuge");
    assert_eq!(page.phones, ["+4930123456"]);
    assert!(
        page.text.contains("seit über dreißig Jahren") && !page.text.contains("color"),
        "{}",
        page.text
    );
    assert_eq!(page.json_ld.len(), 1);
    let data = organization(&page.json_ld).unwrap();
    assert_eq!(data.name.as_deref(), Some("Acme Werkzeuge GmbH"));
    assert_eq!(data.employees.as_deref(), Some("42"));
    assert_eq!(technologies(&page, &[]), ["Google Tag Manager", "TYPO3"]);
}

#[test]
fn what_is_no_page_says_nothing() {
    for body in [
        "",
        "{}",
        "plain text",
        "<",
        "<title>",
        "<!--",
        "<script type=application/ld+json>",
    ] {
        let page = read(body);
        assert_eq!((page.title, page.json_ld.len()), (None, 0), "{body}");
    }
    let broken = read(b"<html lang=fr><title>\xff\xfe\xc3\x28 ok</title>".to_vec());
    assert!(broken.title.unwrap().ends_with("ok"));
}

/// Five megabytes each, in a debug build: seconds would mean that the time does not follow the length.
#[test]
fn hostile_pages_cost_little() {
    let size = 5 * 1024 * 1024;
    let fill = |piece: &str| piece.repeat(size / piece.len());
    for (name, body) in [
        ("nested", fill("<div>")),
        ("nested links", fill("<a href=x>")),
        ("opened and closed", format!("{}{}", fill("<b>"), fill("</i>"))),
        ("one tag", format!("<meta content=\"{}", fill("x"))),
        ("one comment", format!("<!--{}", fill("-"))),
        ("attributes", format!("<meta {}>", fill("a=b "))),
        ("titles", fill("<title>x</title>")),
        ("references", format!("<title>{}", fill("&amp;&"))),
        ("data", format!("<script type=application/ld+json>{}", fill("["))),
        (
            "deep data",
            format!(
                "<script type=application/ld+json>{}</script>",
                "[".repeat(200_000)
            ),
        ),
        ("graph", fill("<meta property=og:x content=y>")),
        ("scripts", fill("<script src=/a></script>")),
        ("NUL", fill("\0")),
    ] {
        let started = Instant::now();
        let page = read(body);
        let took = started.elapsed();
        assert!(took < Duration::from_secs(20), "{name} took {took:?}");
        let kept = page.text.len() + page.resources.iter().map(String::len).sum::<usize>();
        assert!(kept < 600_000, "{name} keeps {kept} bytes");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read(body in proptest::collection::vec(any::<u8>(), 0..600)) {
        read(body);
    }

    #[test]
    fn any_tags_are_read(body in "(<(/?)(html|title|meta|script|a|svg|b)( [a-z]{1,8}=[\"']?[a-z&;:#0-9]{0,8}[\"']?)?>|[a-z&;<>!-]{0,6}){0,30}") {
        read(body);
    }
}

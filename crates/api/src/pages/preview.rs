//! A template as people would get it: at the widths of a phone, a pane and a window, in light and in dark, without a script.

use super::engine::render;
use super::media::{answered, with_head};
use super::page::HtmlPage;
use groundswell_app::email::PreviewPage;
use groundswell_domain::Error;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::json;
use utoipa::IntoParams;

/// Widths of a phone, a preview pane and a window.
const WIDTHS: [u16; 3] = [360, 600, 800];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ColorScheme {
    #[default]
    Light,
    Dark,
}

/// How it is looked at.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PreviewLook {
    /// In pixels: 360, 600 or 800. When absent 600, and for the mail alone the width of the window.
    #[serde(default, deserialize_with = "one_of_the_widths")]
    pub width: Option<u16>,
    /// `light` when absent.
    #[serde(default)]
    #[param(inline)]
    pub scheme: ColorScheme,
    /// The mail alone, as a page of its own: for pictures of it.
    #[serde(default)]
    pub bare: bool,
}

fn one_of_the_widths<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u16>, D::Error> {
    let width = u16::deserialize(deserializer)?;
    if WIDTHS.contains(&width) {
        return Ok(Some(width));
    }
    Err(serde::de::Error::custom("must be 360, 600 or 800"))
}

#[derive(Serialize)]
struct Choice {
    label: String,
    href: String,
    chosen: bool,
}

/// The mail in a frame, with switches above it. Its scripts don't run, and it reaches nothing of this server.
pub fn preview_page(page: &PreviewPage, token: &str, look: &PreviewLook) -> Result<HtmlPage, Error> {
    let width = look.width.unwrap_or(WIDTHS[1]);
    let scheme = |scheme: ColorScheme| match scheme {
        ColorScheme::Light => "light",
        ColorScheme::Dark => "dark",
    };
    let href = |width: u16, wanted: ColorScheme, bare: bool| {
        let bare = if bare { "&bare=true" } else { "" };
        format!(
            "/preview/mail/{token}?width={width}&scheme={}{bare}",
            scheme(wanted)
        )
    };
    let widths: Vec<_> = WIDTHS
        .iter()
        .map(|each| Choice {
            label: format!("{each} px"),
            href: href(*each, look.scheme, false),
            chosen: *each == width,
        })
        .collect();
    let schemes: Vec<_> = [ColorScheme::Light, ColorScheme::Dark]
        .into_iter()
        .map(|each| Choice {
            label: scheme(each).to_owned(),
            href: href(width, each, false),
            chosen: each == look.scheme,
        })
        .collect();
    // Links open beside the preview, as they do in a mail program. The frame is as wide as the mail should be, and asks no more.
    let mail = with_head(
        &in_scheme(&page.html, look.scheme, None),
        "<base target=\"_blank\">",
    );
    let data = json!({
        "name": page.name,
        "version": page.version,
        "subject": page.subject,
        "mail": mail,
        "text": page.text,
        "width": width,
        "scheme": scheme(look.scheme),
        "widths": widths,
        "schemes": schemes,
        "bare": href(width, look.scheme, true),
    });
    Ok(HtmlPage::preview(render("preview.html", data)?))
}

/// The mail as a page: what a program takes a picture of, at the left edge of its window. Its policy keeps it in a sandbox as the frame does.
pub fn mail_alone_page(page: &PreviewPage, look: &PreviewLook) -> HtmlPage {
    let mut html = in_scheme(&page.html, look.scheme, look.width);
    if let Some(width) = look.width {
        let narrow = format!("<style>html{{width:{width}px!important;margin:0!important}}</style>");
        html = with_head(&html, &narrow);
    }
    HtmlPage::sandboxed(html)
}

/// What the mail says for dark mode and for narrow windows applies, or not, whatever the browser prefers. What it says nothing about (the
/// colour of the page, of text and of links) is the browser's, and in dark so where the mail says that it can take it.
fn in_scheme(html: &str, scheme: ColorScheme, width: Option<u16>) -> String {
    let dark = scheme == ColorScheme::Dark;
    let answered = answered(html, dark, width);
    let mut said = html.match_indices("color-scheme");
    if said.all(|(at, _)| html[..at].ends_with("prefers-")) {
        return answered;
    }
    let scheme = if dark { "dark" } else { "light" };
    with_head(
        &answered,
        &format!("<style>:root{{color-scheme:only {scheme}!important}}</style>"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> PreviewPage {
        PreviewPage {
            name: "Letter <1>".into(),
            version: 3,
            subject: "Hello <b>Ada</b>".into(),
            html: "<style>@media (prefers-color-scheme: dark){p{color:#fff}}</style><p onclick=\"x()\">Hello</p><script>parent.stolen=1</script>".into(),
            text: "Hello".into(),
        }
    }

    #[test]
    fn a_preview_cannot_leave_its_frame() {
        let look = PreviewLook::default();
        let shown = preview_page(&page(), "tok.en", &look).unwrap();
        assert!(!shown.html.contains("<script"), "{}", shown.html);
        let sandbox = shown.html.split("sandbox=\"").nth(1).unwrap();
        let sandbox = sandbox.split('"').next().unwrap();
        assert!(!sandbox.contains("scripts") && !sandbox.contains("same-origin"));
        assert!(shown.policy.starts_with("default-src 'none'") && !shown.policy.contains("script-src"));
        assert!(
            shown.html.contains("tok.en?width=360&amp;scheme=light"),
            "{}",
            shown.html
        );
        assert!(shown.html.contains("width:600px"), "{}", shown.html);
    }

    #[test]
    fn the_mail_alone_is_as_wide_as_was_asked_for() {
        let page = PreviewPage {
            html: "<!doctype html><html><head><style>@media (max-width:480px){p{color:red}}</style></head><body><p>Hello".into(),
            ..page()
        };
        let shown = |width| {
            let look = PreviewLook {
                width,
                bare: true,
                ..PreviewLook::default()
            };
            mail_alone_page(&page, &look).html
        };
        let narrow = shown(Some(360));
        assert!(
            narrow.starts_with("<!doctype html>") && narrow.contains("html{width:360px!important"),
            "{narrow}"
        );
        assert!(narrow.contains("@media (min-width: 0){p"), "{narrow}");
        assert!(shown(Some(800)).contains("@media (max-width: 0){p"));
        assert_eq!(
            shown(None),
            page.html,
            "the window is as wide as the mail should be"
        );
    }

    #[test]
    fn the_mail_alone_is_in_a_sandbox_and_in_the_scheme_that_was_asked_for() {
        for (scheme, answer) in [
            (ColorScheme::Dark, "(min-width: 0)"),
            (ColorScheme::Light, "(max-width: 0)"),
        ] {
            let look = PreviewLook {
                scheme,
                bare: true,
                width: None,
            };
            let shown = mail_alone_page(&page(), &look);
            assert!(
                shown.html.contains(&format!("@media {answer}{{p")),
                "{}",
                shown.html
            );
            assert!(
                shown.policy.contains("sandbox;") || shown.policy.ends_with("sandbox"),
                "{}",
                shown.policy
            );
            assert!(shown.policy.starts_with("default-src 'none'") && !shown.policy.contains("script-src"));
        }
    }
}

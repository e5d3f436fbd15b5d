//! Figures as a picture that a report or a README can embed: bars with their numbers, as SVG without scripts or fonts of its own.

use super::EmailMetrics;
use std::fmt::Write;

crate::text_enum::text_enum! {
    /// What to draw.
    Chart {
        Funnel => "funnel",
        Hours => "hours",
        Links => "links",
        Domains => "domains",
        Devices => "devices",
    }
}

const WIDTH: usize = 640;
/// Of the labels.
const LEFT: usize = 220;
const BAR: usize = 18;
const STEP: usize = 26;
const TOP: usize = 44;
/// More bars than this nobody reads.
const MOST: usize = 24;

/// Colours that can be read on white and on black, should a page forbid styles.
const STYLE: &str = "text{font:13px system-ui,sans-serif;fill:#6b7280}.h{font-size:15px;fill:#374151}.b{fill:#2563eb}\
@media (prefers-color-scheme: dark){text{fill:#9ca3af}.h{fill:#e5e7eb}.b{fill:#60a5fa}}";

pub fn chart(metrics: &EmailMetrics, kind: Chart) -> String {
    let (title, bars) = bars(metrics, kind);
    draw(title, &bars)
}

fn bars(metrics: &EmailMetrics, kind: Chart) -> (&'static str, Vec<(String, i64)>) {
    match kind {
        Chart::Funnel => {
            let mails = metrics.mails;
            let bars = [
                ("Sent", mails.sent),
                ("Opened", mails.opened),
                ("Clicked", mails.clicked),
                ("Unsubscribed", mails.unsubscribed),
            ];
            (
                "What people did with mails",
                bars.map(|(name, value)| (name.to_owned(), value)).to_vec(),
            )
        }
        Chart::Hours => (
            "Opens and clicks by hour (UTC)",
            metrics
                .hours
                .iter()
                .map(|count| (format!("{:02}:00", count.hour), count.opens + count.clicks))
                .collect(),
        ),
        Chart::Links => (
            "Clicks of people by link",
            metrics
                .links
                .iter()
                .map(|count| (count.url.clone(), count.human))
                .collect(),
        ),
        Chart::Domains => (
            "Opened mails by recipient domain",
            metrics
                .domains
                .iter()
                .map(|count| (count.domain.clone(), count.opened))
                .collect(),
        ),
        Chart::Devices => (
            "Opens and clicks by device",
            metrics
                .devices
                .iter()
                .map(|count| (count.device.as_str().to_owned(), count.opens + count.clicks))
                .collect(),
        ),
    }
}

fn draw(title: &str, bars: &[(String, i64)]) -> String {
    let bars = &bars[..bars.len().min(MOST)];
    let most = bars.iter().map(|(_, value)| *value).max().unwrap_or(0);
    let described: Vec<String> = bars
        .iter()
        .map(|(name, value)| format!("{}: {value}", escape(name)))
        .collect();
    let described = if most > 0 {
        described.join(", ")
    } else {
        "No data".to_owned()
    };
    let height = TOP + STEP * bars.len().max(1) + 12;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" role=\"img\" \
         aria-labelledby=\"t d\"><title id=\"t\">{title}</title><desc id=\"d\">{described}</desc><style>{STYLE}</style>\
         <text class=\"h\" x=\"12\" y=\"26\" fill=\"#6b7280\">{title}</text>"
    );
    if most <= 0 {
        let _ = write!(
            svg,
            "<text x=\"12\" y=\"{}\" fill=\"#6b7280\">No data</text>",
            TOP + 14
        );
    }
    for (row, (name, value)) in bars.iter().enumerate().filter(|_| most > 0) {
        let y = TOP + STEP * row;
        let space = i64::try_from(WIDTH - LEFT - 80).unwrap_or(0);
        let length = value.max(&0) * space / most;
        let text = y + 14;
        let after = i64::try_from(LEFT + 6).unwrap_or(0) + length;
        let label = escape(&shortened(name));
        let _ = write!(
            svg,
            "<text x=\"{}\" y=\"{text}\" text-anchor=\"end\" fill=\"#6b7280\">{label}</text>\
             <rect class=\"b\" x=\"{LEFT}\" y=\"{y}\" width=\"{length}\" height=\"{BAR}\" rx=\"2\" fill=\"#2563eb\"/>\
             <text x=\"{after}\" y=\"{text}\" fill=\"#6b7280\">{value}</text>",
            LEFT - 8
        );
    }
    svg.push_str("</svg>\n");
    svg
}

/// What fits beside the bars; the end of an address tells more than its start.
fn shortened(name: &str) -> String {
    const FITS: usize = 30;
    let length = name.chars().count();
    if length <= FITS {
        return name.to_owned();
    }
    format!("…{}", name.chars().skip(length - FITS + 1).collect::<String>())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

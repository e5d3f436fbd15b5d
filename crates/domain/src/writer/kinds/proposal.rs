//! The offer of a proposal.

use super::{Desk, Work, close, items, items_with_benefits};
use crate::writer::page::{Page, Part};
use crate::writer::pen::Pen;

pub(in crate::writer) fn write(desk: &Desk) -> Work {
    let (page, notes) = desk.fitted(desk.target(350), 2, build);
    Work {
        body: page.markdown(),
        notes,
        ..Work::default()
    }
}

/// Way 1 lists the messages alone.
fn build(pen: &mut Pen, way: u32) -> Page {
    let mut page = Page::default();
    let heading = pen.say("proposal.start_heading");
    let start = page.section(heading);
    let mut opening = pen.passage("proposal.start").unwrap_or_default();
    let rest = opening.split_off(opening.len().min(if way == 0 { 2 } else { 0 }));
    opening.extend(pen.say("proposal.audience"));
    let part = page.part(start, Part::Paragraph(opening));
    page.offer(start, part, rest, (30, 30));

    if !pen.facts.messages.is_empty() {
        let heading = pen.say("proposal.offer_heading");
        let offer = page.section(heading);
        let lead = pen.say("proposal.offer");
        page.part(offer, Part::Paragraph(lead.into_iter().collect()));
        let list = if way == 0 {
            items_with_benefits(pen)
        } else {
            items(&pen.facts.messages)
        };
        page.part(offer, Part::List(list));
    }
    for (name, rank) in [("work", 10), ("need", 15), ("success", 18), ("risk", 20)] {
        let heading = pen.say(&format!("proposal.{name}_heading"));
        let section = page.section(heading);
        let mut rank = rank;
        while let Some(passage) = pen.passage(&format!("proposal.{name}")) {
            page.offer_paragraph(section, passage, (rank, rank));
            // Each section has its first passage before any has its second.
            rank += 20;
        }
    }
    let heading = pen.say("article.closing_headings");
    let end = page.section(heading);
    close(pen, &mut page, end, Some("proposal.closing"));
    page
}

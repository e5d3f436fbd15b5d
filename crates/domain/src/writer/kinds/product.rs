//! Product descriptions.

use super::{Desk, Work, close, items, items_with_benefits};
use crate::writer::page::{Page, Part};
use crate::writer::pen::Pen;

pub(in crate::writer) fn write(desk: &Desk) -> Work {
    let (page, notes) = desk.fitted(desk.target(130), 3, build);
    Work {
        body: page.markdown(),
        notes,
        ..Work::default()
    }
}

/// Way 1 lists the messages alone, way 2 has no opening.
fn build(pen: &mut Pen, way: u32) -> Page {
    let mut page = Page::default();
    let body = page.section(None);
    let opening = if way < 2 {
        pen.say("product.openings")
    } else {
        None
    };
    page.part(body, Part::Paragraph(opening.into_iter().collect()));
    if !pen.facts.messages.is_empty() {
        if let Some(lead) = pen.say("product.list_leads") {
            page.part(body, Part::Line(lead));
        }
        let list = if way == 0 {
            items_with_benefits(pen)
        } else {
            items(&pen.facts.messages)
        };
        page.part(body, Part::List(list));
    }
    let mut rank = 10;
    while let Some(passage) = pen.passage("product.use") {
        page.offer_paragraph(body, passage, (rank, rank));
        rank += 1;
    }
    let themes: Vec<_> = pen.facts.messages.iter().map(|message| message.theme).collect();
    for theme in themes.into_iter().filter(|theme| *theme != "general") {
        if let Some(passage) = pen.passage(&format!("{theme}.passages")) {
            page.offer_paragraph(body, passage, (50, 50));
        }
    }
    close(pen, &mut page, body, (way < 2).then_some("product.closings"));
    page
}

//! Mails, as plain text.

use super::{Desk, Work, items, objective_sections};
use crate::writer::page::{Page, Part};
use crate::writer::pen::Pen;

/// What most inboxes show of it.
const PREHEADER_CHARACTERS: usize = 90;

pub(in crate::writer) fn write(desk: &Desk) -> Work {
    let (page, notes) = desk.fitted(desk.target(150), 3, build);
    Work {
        preheader: preheader(desk),
        body: page.plain(),
        notes,
        ..Work::default()
    }
}

/// Way 1 has a short opening, way 2 none.
fn build(pen: &mut Pen, way: u32) -> Page {
    let mut page = Page::default();
    let body = page.section(None);
    if let Some(greeting) = pen.say("email.greetings") {
        page.part(body, Part::Line(greeting));
    }
    let opening = pen.passage(&format!("{}.emails", pen.facts.objective));
    if let Some(mut opening) = opening.filter(|_| way < 2) {
        let rest = opening.split_off(if way == 0 { opening.len() } else { 1 });
        let part = page.part(body, Part::Paragraph(opening));
        page.offer(body, part, rest, (10, 10));
    }
    match pen.facts.messages.as_slice() {
        [] => {}
        [one] => {
            page.part(body, Part::Paragraph(vec![one.sentence.clone()]));
        }
        several => {
            if let Some(lead) = pen.say("email.list_leads") {
                page.part(body, Part::Line(lead));
            }
            page.part(body, Part::List(items(several)));
        }
    }
    for (rank, (_, passages)) in (20..).zip(objective_sections(pen)) {
        page.offer_chain(body, passages, (rank, rank));
    }
    let closings = format!("{}.closings", pen.facts.objective);
    super::close(pen, &mut page, body, (way < 2).then_some(closings.as_str()));
    if way < 2 {
        let reply: Vec<String> = pen.say("email.reply").into_iter().collect();
        page.offer_paragraph(body, reply, (15, 15));
    }
    if pen.facts.brand.is_some() {
        let greeting = pen.say("email.signoff");
        let team = pen.say("email.team");
        if let (Some(greeting), Some(team)) = (greeting, team) {
            page.part(body, Part::Line(format!("{greeting},\n{team}")));
        }
    }
    page
}

/// The first message that fits, or the call to action.
fn preheader(desk: &Desk) -> Option<String> {
    let messages = desk.facts.messages.iter().map(|message| message.sentence.clone());
    let mut candidates = messages.chain(desk.facts.call.clone());
    candidates.find(|text| text.chars().count() <= PREHEADER_CHARACTERS)
}

//! Marketing plans.

use super::{Desk, Work, items};
use crate::writer::brief::Objective;
use crate::writer::page::{Page, Part};
use crate::writer::pen::Pen;
use crate::writer::pool::{pool, value_of};

pub(in crate::writer) fn write(desk: &Desk) -> Work {
    let weeks = desk.brief.weeks.unwrap_or(12);
    let (page, notes) = desk.fitted(desk.target(600), 1, |pen, _| build(pen, weeks));
    Work {
        body: page.markdown(),
        notes,
        ..Work::default()
    }
}

fn heading(name: &str) -> Option<String> {
    value_of("marketing.headings", name).map(str::to_owned)
}

fn build(pen: &mut Pen, weeks: u32) -> Page {
    let facts = pen.facts;
    let subject = subject(pen);
    pen.set("subject", &subject);
    let mut page = Page::default();
    say_and_offer(pen, &mut page, "goal", "marketing.goal", 10);

    let name = if facts.audience.is_some() {
        "marketing.audience"
    } else {
        "marketing.noaudience"
    };
    say_and_offer(pen, &mut page, "audience", name, 20);

    if !facts.messages.is_empty() {
        let section = page.section(heading("messages"));
        let lead = pen.say("marketing.messages");
        page.part(section, Part::Paragraph(lead.into_iter().collect()));
        page.part(section, Part::List(items(&facts.messages)));
        let rule = pen.passage("marketing.message_rule").unwrap_or_default();
        page.offer_paragraph(section, rule, (30, 30));
    }
    channels(pen, &mut page);
    let section = page.section(heading("timeline"));
    for (slot, text) in ["first", "middle", "last"].into_iter().zip(phases(weeks)) {
        pen.set(slot, &text);
    }
    let lines: Vec<_> = pool("marketing.timeline")
        .iter()
        .map(|line| pen.fill(line))
        .filter(|line| pen.allows(line))
        .collect();
    page.part(section, Part::List(lines));

    let section = say_and_offer(pen, &mut page, "measures", "marketing.measures", 40);
    let more = pen.passage("marketing.measures_more").unwrap_or_default();
    page.offer_paragraph(section, more, (50, 50));

    let name = if let Some(budget) = &facts.budget {
        pen.set("budget", budget);
        "marketing.budget"
    } else {
        "marketing.nobudget"
    };
    say_and_offer(pen, &mut page, "budget", name, 35);

    let section = page.section(heading("risks"));
    let mut rank = 45;
    while let Some(passage) = pen.passage("marketing.risks") {
        page.offer_paragraph(section, passage, (rank, rank));
        rank += 20;
    }
    let section = page.section(heading("next"));
    while let Some(passage) = pen.passage("marketing.more") {
        page.offer_paragraph(section, passage, (rank, rank));
        rank += 5;
    }
    let closing = pen.say("marketing.closing");
    page.part(section, Part::Paragraph(closing.into_iter().collect()));
    page
}

/// A section of one passage: its first sentence stands, the others are offered.
fn say_and_offer(pen: &mut Pen, page: &mut Page, name: &str, pool: &str, rank: u32) -> usize {
    let section = page.section(heading(name));
    let mut passage = pen.passage(pool).unwrap_or_default();
    let rest = passage.split_off(passage.len().min(1));
    let part = page.part(section, Part::Paragraph(passage));
    page.offer(section, part, rest, (rank, rank));
    if name == "goal"
        && let Some(call) = pen.facts.call_line()
    {
        let line = pen.say_with("marketing.goal_close", "cta", &call);
        page.part(section, Part::Paragraph(line.into_iter().collect()));
    }
    section
}

fn channels(pen: &mut Pen, page: &mut Page) {
    let section = page.section(heading("channels"));
    let platforms = &pen.facts.platforms;
    if platforms.is_empty() {
        let passage = pen.passage("marketing.nochannels").unwrap_or_default();
        page.part(section, Part::Paragraph(passage));
        return;
    }
    let rule = pen.passage("marketing.channels").unwrap_or_default();
    page.part(section, Part::Paragraph(rule));
    let line = |platform: &String| {
        let known = value_of("marketing.channel", &platform.to_lowercase());
        let common = pool("marketing.other_channel").first().copied();
        let task = known.into_iter().chain(common).find(|task| pen.allows(task));
        task.map_or_else(
            || platform.clone(),
            |task| format!("**{platform}:** {}.", pen.fill(task)),
        )
    };
    page.part(section, Part::List(platforms.iter().map(line).collect()));
}

/// What a plan is for, as it can be named in a sentence.
fn subject(pen: &Pen) -> String {
    let facts = pen.facts;
    let noun = facts.product.as_ref().or(facts.topic.as_ref());
    match noun {
        Some(noun) if facts.objective != Objective::Attend => noun.text.clone(),
        _ if facts.title.contains(['"', '“']) => facts.title.clone(),
        _ => format!("\"{}\"", facts.title),
    }
}

/// Names of the three parts of a time.
fn phases(weeks: u32) -> [String; 3] {
    if weeks < 3 {
        return ["before the start", "the first days", "the days after"].map(str::to_owned);
    }
    let (first, middle) = ((weeks / 4).max(1), (weeks / 2).max(2));
    let span = |from: u32, to: u32| {
        if from >= to {
            format!("week {from}")
        } else {
            format!("weeks {from} to {to}")
        }
    };
    [span(1, first), span(first + 1, middle), span(middle + 1, weeks)]
}

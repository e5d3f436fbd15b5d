//! What lines do to leads.

use super::super::plan::Layout;
use super::*;
use groundswell_domain::leads::{FileFormat, Place};
use std::cell::Cell;
use std::collections::BTreeMap;

fn run(text: &str, known: &mut Known) -> (Changes, ImportCounts, Vec<ImportError>) {
    run_as(OnExisting::Overwrite, text, known)
}

fn run_as(
    on_existing: OnExisting,
    text: &str,
    known: &mut Known,
) -> (Changes, ImportCounts, Vec<ImportError>) {
    run_with(on_existing, text, known, &HashSet::new())
}

fn run_with(
    on_existing: OnExisting,
    text: &str,
    known: &mut Known,
    ours: &HashSet<LeadId>,
) -> (Changes, ImportCounts, Vec<ImportError>) {
    let none = BTreeMap::new();
    let plan = ImportPlan::new(text, true, FileFormat::Csv, &none, &Layout::default()).unwrap();
    let mut reader = plan.reader(Place::default());
    reader.push(&text.as_bytes()[usize::try_from(plan.start.offset).unwrap()..]);
    reader.end();
    let lines = reader.read(1000);
    let (rows, counts, errors) = read_rows(&plan, &lines);
    let next = Cell::new(0);
    let changes = merge(
        &rows,
        &Manner {
            tags: Tags::parse(["fair"]).unwrap(),
            on_existing,
            source: "import",
        },
        known,
        ours,
        DateTime::UNIX_EPOCH,
        || {
            next.set(next.get() + 1);
            uuid::Uuid::from_u128(next.get()).into()
        },
    );
    (changes, counts, errors)
}

#[test]
fn one_address_twice_is_one_lead_with_both_lines_in_it() {
    let mut known = Known::new();
    let (changes, ..) = run(
        "email,name,company\na@b.de,Ada,\nA@B.de,,ACME\na@b.de,Ada,ACME\n",
        &mut known,
    );
    assert_eq!(
        (
            changes.counts.created,
            changes.counts.updated,
            changes.counts.unchanged
        ),
        (1, 1, 1)
    );
    assert_eq!(changes.inserts.len(), 1);
    assert_eq!(changes.inserts[0].company.as_deref(), Some("ACME"));
    assert!(changes.updates.is_empty());
}

#[test]
fn a_file_overwrites_but_its_empty_cells_do_not() {
    let mut known = Known::new();
    run("email,name,company,size\na@b.de,Ada,ACME,3\n", &mut known);
    let (changes, ..) = run("email,name,company,size\na@b.de,Ada L.,,4\n", &mut known);
    let lead = &changes.updates[0];
    assert_eq!(
        (lead.name.as_str(), lead.company.as_deref()),
        ("Ada L.", Some("ACME"))
    );
    assert_eq!(lead.custom_fields["size"], "4");
}

#[test]
fn leads_can_be_filled_up_or_skipped_instead() {
    let mut known = Known::new();
    run("email,name,company\na@b.de,Ada,\n", &mut known);
    let file = "email,name,company\na@b.de,Grace,ACME\nnew@b.de,New,\nnew@b.de,,Late\n";
    let (changes, ..) = run_as(OnExisting::Skip, file, &mut known.clone());
    assert_eq!(
        (
            changes.updates.len(),
            changes.counts.unchanged,
            changes.inserts[0].company.as_deref()
        ),
        (0, 1, Some("Late"))
    );
    assert_eq!(
        changes.meant.len(),
        2,
        "nobody says anything about a lead that is skipped"
    );
    let (changes, ..) = run_as(OnExisting::Fill, file, &mut known);
    let lead = &changes.updates[0];
    assert_eq!(
        (lead.name.as_str(), lead.company.as_deref()),
        ("Ada", Some("ACME"))
    );
}

#[test]
fn filling_leaves_custom_fields_that_are_there() {
    let mut known = Known::new();
    run("email,size\na@b.de,L\n", &mut known);
    let (changes, ..) = run_as(OnExisting::Fill, "email,size,colour\na@b.de,M,red\n", &mut known);
    let lead = &changes.updates[0];
    assert_eq!(
        (&lead.custom_fields["size"], &lead.custom_fields["colour"]),
        (&"L".into(), &"red".into())
    );
    let (changes, ..) = run_as(OnExisting::Fill, "email,size\na@b.de,M\n", &mut known);
    assert_eq!(changes.counts.unchanged, 1);
}

#[test]
fn what_there_is_no_room_for_is_an_error_and_drops_nothing() {
    let names = |from: usize, to: usize| (from..to).map(|index| format!("f{index}")).collect::<Vec<_>>();
    let file = |from, to| format!("email,{0}\na@b.de,{0}\n", names(from, to).join(","));
    for on_existing in [OnExisting::Overwrite, OnExisting::Fill] {
        let mut known = Known::new();
        run(&file(0, 150), &mut known);
        let (changes, ..) = run_as(on_existing, &file(100, 201), &mut known);
        assert_eq!((changes.counts.failed, changes.updates.len()), (1, 0));
        assert_eq!(changes.errors[0].field, "custom_fields");
        assert_eq!(known["a@b.de"].custom_fields.len(), 150);
        let (changes, ..) = run_as(on_existing, &file(100, 200), &mut known);
        assert_eq!(changes.updates[0].custom_fields.len(), 200);
    }
    let tags = |from: usize, to: usize| names(from, to).join(";");
    let file = |tags: &str| format!("email,tags\nb@b.de,{tags}\n");
    let mut known = Known::new();
    // With `fair`, which the import puts on everybody, these would be 101.
    let (changes, ..) = run(&file(&tags(0, 100)), &mut known);
    assert_eq!(
        (changes.counts.failed, changes.errors[0].field.as_str()),
        (1, "tags")
    );
    run(&file(&tags(0, 99)), &mut known);
    let (changes, ..) = run(&file("more"), &mut known);
    assert_eq!(
        (changes.counts.failed, changes.errors[0].field.as_str()),
        (1, "tags")
    );
    assert_eq!(known["b@b.de"].tags.as_slice().len(), 100);
}

#[test]
fn a_lead_that_an_earlier_piece_made_is_not_skipped() {
    let mut known = Known::new();
    let (first, ..) = run_as(OnExisting::Skip, "email,name\na@b.de,Ada\n", &mut known);
    let ours: HashSet<LeadId> = first.inserts.iter().map(|lead| lead.id).collect();
    let file = "email,company\na@b.de,ACME\n";
    let (skipped, ..) = run_with(OnExisting::Skip, file, &mut known.clone(), &HashSet::new());
    assert_eq!(skipped.counts.unchanged, 1);
    let (second, ..) = run_with(OnExisting::Skip, file, &mut known, &ours);
    assert_eq!(second.updates[0].company.as_deref(), Some("ACME"));
}

#[test]
fn bad_lines_are_errors_with_their_number_and_the_rest_goes_on() {
    let text = "email,status\nnope,new\n,new\na@b.de,wild\nb@b.de,qualified\nc@b.de,new,extra\n";
    let (changes, counts, errors) = run(text, &mut Known::new());
    assert_eq!((counts.rows, counts.failed, changes.counts.created), (5, 4, 1));
    let places: Vec<_> = errors
        .iter()
        .map(|error| (error.line, error.field.as_str()))
        .collect();
    assert_eq!(places, [(2, "email"), (3, "email"), (4, "status"), (6, "")]);
    assert_eq!(errors[0].raw, "nope,new");
}

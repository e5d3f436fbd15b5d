//! What a merge does with each table that says something about leads, so that none is forgotten: a table that is new needs
//! a line here, and the code that does what the line says (`moved.rs`, `kept.rs`).

use crate::dialect::statement;
use sea_orm::{ConnectionTrait, Value};
use std::collections::BTreeSet;

/// What happens at a merge to the rows that say something about the other lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Treatment {
    /// They go to the lead that stays, and back again.
    Moved,
    /// They are kept with the merge, and come back with the lead.
    Kept,
    /// They can be made from the leads at any time, and go with the lead.
    Derived,
    /// They only mention it.
    Left,
}

/// Every table with a column for a lead.
const TABLES_OF_LEADS: &[(&str, Treatment)] = &[
    ("consents", Treatment::Moved),
    // What was said of them is carried over, and comes back: see `pairs::carry`.
    ("duplicate_pairs", Treatment::Kept),
    // A mail of the same campaign to both stays with neither.
    ("email_messages", Treatment::Moved),
    ("enrichment_values", Treatment::Kept),
    ("lead_aliases", Treatment::Moved),
    ("lead_enrichments", Treatment::Kept),
    ("lead_events", Treatment::Moved),
    ("lead_import_changes", Treatment::Kept),
    ("lead_match_keys", Treatment::Derived),
    ("lead_merges", Treatment::Moved),
    ("lead_predictions", Treatment::Kept),
    // The sums of the ledgers.
    ("lead_scores", Treatment::Derived),
    // Of two drafts of one outreach that of the lead that stays is kept.
    ("outreach_drafts", Treatment::Moved),
    // It finds its lead by the address.
    ("quarantined_submissions", Treatment::Left),
    // Lines that both have are kept with the merge, the others are moved.
    ("score_entries", Treatment::Moved),
    // The lead that stays gets what it does not have itself: see `shared.rs`.
    ("segment_members", Treatment::Kept),
    // Of a sequence that both are in, only the place of the lead that stays is kept.
    ("sequence_enrollments", Treatment::Moved),
    ("side_score_entries", Treatment::Moved),
    ("slot_answers", Treatment::Kept),
    ("stage_holds", Treatment::Kept),
    ("submissions", Treatment::Moved),
];

async fn texts<const N: usize>(
    conn: &impl ConnectionTrait,
    sql: &'static str,
    values: [Value; N],
) -> Vec<String> {
    let rows = conn.query_all_raw(statement(conn, sql, values)).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

#[tokio::test]
async fn no_table_of_leads_is_forgotten() {
    let folder = std::env::temp_dir().join(format!("groundswell-merge-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let url = format!("sqlite://{}", folder.join("tables.sqlite").display());
    let store = crate::connect(&url, &crate::ConnectOptions::default())
        .await
        .unwrap();
    store.migrate().await.unwrap();
    let mut found = BTreeSet::new();
    for table in texts(
        &store.reader,
        "SELECT name FROM sqlite_master WHERE type = 'table'",
        [],
    )
    .await
    {
        let columns = texts(
            &store.reader,
            "SELECT name FROM pragma_table_info($1)",
            [table.as_str().into()],
        )
        .await;
        let references = texts(
            &store.reader,
            "SELECT DISTINCT \"table\" FROM pragma_foreign_key_list($1)",
            [table.as_str().into()],
        )
        .await;
        if columns.iter().any(|column| column == "lead_id") || references.iter().any(|to| to == "leads") {
            found.insert(table);
        }
    }
    store.close().await;
    std::fs::remove_dir_all(&folder).unwrap();
    let known: BTreeSet<String> = TABLES_OF_LEADS
        .iter()
        .map(|(table, _)| (*table).to_owned())
        .collect();
    assert_eq!(found, known);
    let moved: BTreeSet<&str> = super::moved::tables().collect();
    for (table, treatment) in TABLES_OF_LEADS {
        assert_eq!(moved.contains(table), *treatment == Treatment::Moved, "{table}");
    }
}

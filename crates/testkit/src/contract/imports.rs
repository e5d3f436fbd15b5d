//! Imports.

use super::{Contract, assert_duplicate};
use chrono::TimeDelta;
use groundswell_domain::Scope;
use groundswell_domain::leads::{
    Detected, FileFormat, Import, ImportConsent, ImportCounts, ImportError, ImportStatus, OnExisting, Place,
    Tags,
};

pub async fn imports(contract: &Contract) {
    arriving_in_pieces(contract).await;
    kept_as_they_are(contract).await;
    each_piece_counts_once(contract).await;
    errors_are_read_in_pieces(contract).await;
    failing(contract).await;
    others_are_out_of_reach(contract).await;
}

pub(super) fn import(contract: &Contract) -> Import {
    Import {
        id: contract.make.id(),
        file_name: "Kunden \"2027\" ü.csv".to_owned(),
        status: ImportStatus::Queued,
        dry_run: true,
        mapping: [
            ("E-Mail".to_owned(), "email".to_owned()),
            ("Größe".to_owned(), "custom:size".to_owned()),
        ]
        .into(),
        tags: Tags::parse(["fair"]).unwrap(),
        counts: ImportCounts::default(),
        undone: None,
        error: None,
        place: Place::default(),
        detected: Some(Detected {
            format: FileFormat::Csv,
            delimiter: ';',
            encoding: "UTF-8".to_owned(),
            header: true,
            sheet: None,
        }),
        on_existing: OnExisting::Fill,
        consent: Some(ImportConsent {
            purpose: "news".parse().unwrap(),
            text: "Write \"to\" me".to_owned(),
            basis: None,
        }),
        size: Some(4),
        created_at: contract.make.now(),
        finished_at: None,
    }
}

/// Keeps an import with its file.
async fn insert(contract: &Contract, scope: &Scope, import: &Import, content: &[u8]) {
    let repos = contract.read(scope);
    repos.imports().insert(import).await.unwrap();
    repos.imports().add_piece(import.id, 0, content).await.unwrap();
}

fn at(offset: i64) -> Place {
    Place { offset, line: 3 }
}

async fn arriving_in_pieces(contract: &Contract) {
    let scope = contract.organization().await;
    let whole = import(contract);
    let mut import = Import {
        status: ImportStatus::Receiving,
        detected: None,
        consent: None,
        on_existing: OnExisting::Overwrite,
        size: None,
        mapping: [].into(),
        tags: Tags::default(),
        ..whole.clone()
    };
    let repos = contract.read(&scope);
    let imports = repos.imports();
    imports.insert(&import).await.unwrap();
    assert_eq!(imports.get(import.id).await.unwrap(), Some(import.clone()));
    imports.add_piece(import.id, 0, b"one,").await.unwrap();
    imports.add_piece(import.id, 4, b"two").await.unwrap();
    let expected: [(i64, Option<&[u8]>); 6] = [
        (0, Some(b"one,")),
        (3, Some(b",")),
        (4, Some(b"two")),
        (6, Some(b"o")),
        (7, None),
        (99, None),
    ];
    for (offset, rest) in expected {
        let piece = imports.piece(import.id, offset).await.unwrap();
        assert_eq!(piece.as_deref(), rest, "from {offset}");
    }
    import = Import {
        status: ImportStatus::Queued,
        ..whole
    };
    assert!(imports.received(&import).await.unwrap());
    assert_eq!(imports.get(import.id).await.unwrap(), Some(import.clone()));
    assert!(
        !imports.received(&import).await.unwrap(),
        "it has arrived already"
    );

    let lost = Import {
        id: contract.make.id(),
        status: ImportStatus::Receiving,
        ..import
    };
    imports.insert(&lost).await.unwrap();
    imports.add_piece(lost.id, 0, b"half").await.unwrap();
    imports.abandon(lost.id).await.unwrap();
    assert_eq!(imports.get(lost.id).await.unwrap(), None);
    assert_eq!(imports.piece(lost.id, 0).await.unwrap(), None);
}

async fn kept_as_they_are(contract: &Contract) {
    let scope = contract.organization().await;
    let mut import = import(contract);
    let content: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let unit = contract.begin(&scope).await;
    unit.imports().insert(&import).await.unwrap();
    unit.imports().add_piece(import.id, 0, &content).await.unwrap();
    unit.commit().await.unwrap();
    let repos = contract.read(&scope);
    assert_eq!(
        repos.imports().get(import.id).await.unwrap(),
        Some(import.clone())
    );
    assert_eq!(repos.imports().piece(import.id, 0).await.unwrap(), Some(content));
    repos.imports().set_running(import.id).await.unwrap();
    import.status = ImportStatus::Running;
    assert_eq!(
        repos.imports().get(import.id).await.unwrap(),
        Some(import.clone())
    );

    let unit = contract.begin(&scope).await;
    assert_duplicate(unit.imports().insert(&import).await);
    drop(unit);
    let now = contract.make.clock.advance(TimeDelta::seconds(1));
    let unit = contract.begin(&scope).await;
    unit.imports().finish(import.id, None, now).await.unwrap();
    unit.commit().await.unwrap();
    import.status = ImportStatus::Succeeded;
    import.finished_at = Some(now);
    assert_eq!(
        repos.imports().get(import.id).await.unwrap(),
        Some(import.clone())
    );
    assert_eq!(
        repos.imports().piece(import.id, 0).await.unwrap(),
        None,
        "the file is forgotten"
    );
    repos.imports().set_running(import.id).await.unwrap();
    assert_eq!(
        repos.imports().get(import.id).await.unwrap(),
        Some(import),
        "what is finished stays so"
    );
    assert_eq!(repos.imports().get(contract.make.id()).await.unwrap(), None);
}

fn error(line: i64, field: &str) -> ImportError {
    ImportError {
        line,
        field: field.to_owned(),
        message: "is wrong".to_owned(),
        raw: "a,'b',\"\u{1F600}\"".to_owned(),
    }
}

async fn each_piece_counts_once(contract: &Contract) {
    let scope = contract.organization().await;
    let import = import(contract);
    let counts = ImportCounts {
        rows: 10,
        created: 4,
        updated: 3,
        unchanged: 2,
        failed: 1,
    };
    let repos = contract.read(&scope);
    insert(contract, &scope, &import, b"file").await;
    let imports = repos.imports();
    assert!(
        imports
            .advance(import.id, 0, at(500), counts, &[error(3, "email")])
            .await
            .unwrap()
    );
    assert!(
        !imports
            .advance(import.id, 0, at(500), counts, &[error(3, "email")])
            .await
            .unwrap(),
        "done already"
    );
    assert!(
        imports
            .advance(import.id, 500, at(900), counts, &[])
            .await
            .unwrap()
    );
    let now = imports.get(import.id).await.unwrap().unwrap();
    assert_eq!(now.place, at(900));
    assert_eq!(
        now.counts,
        ImportCounts {
            rows: 20,
            created: 8,
            updated: 6,
            unchanged: 4,
            failed: 2
        }
    );
    assert_eq!(
        imports.errors(import.id, 0, 10).await.unwrap(),
        [error(3, "email")]
    );
}

async fn errors_are_read_in_pieces(contract: &Contract) {
    let scope = contract.organization().await;
    let import = import(contract);
    let repos = contract.read(&scope);
    let imports = repos.imports();
    insert(contract, &scope, &import, b"file").await;
    let mut errors: Vec<_> = (2..6_002).map(|line| error(line, "")).collect();
    errors.insert(1, error(2, "email"));
    errors.insert(2, error(2, "name"));
    assert!(
        imports
            .advance(import.id, 0, at(1), ImportCounts::default(), &errors)
            .await
            .unwrap()
    );
    let (mut after, mut met) = (0, Vec::new());
    loop {
        let piece = imports.errors(import.id, after, 2).await.unwrap();
        let Some(last) = piece.last() else { break };
        after = last.line;
        met.extend(piece);
        if met.len() > 20 {
            break;
        }
    }
    assert_eq!(
        met,
        errors[..met.len()],
        "none is skipped, also of several in one line"
    );
    assert_eq!(imports.errors(import.id, 0, 10_000).await.unwrap(), errors);
}

async fn failing(contract: &Contract) {
    let scope = contract.organization().await;
    let import = import(contract);
    let repos = contract.read(&scope);
    insert(contract, &scope, &import, b"").await;
    assert_eq!(
        repos.imports().piece(import.id, 0).await.unwrap(),
        None,
        "an empty file has nothing to read"
    );
    repos
        .imports()
        .finish(import.id, Some("the file is no CSV"), contract.make.now())
        .await
        .unwrap();
    let now = repos.imports().get(import.id).await.unwrap().unwrap();
    assert_eq!(
        (now.status, now.error.as_deref()),
        (ImportStatus::Failed, Some("the file is no CSV"))
    );
    let counts = ImportCounts::default();
    assert!(
        !repos
            .imports()
            .advance(import.id, 0, at(9), counts, &[])
            .await
            .unwrap(),
        "it is finished"
    );
}

async fn others_are_out_of_reach(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let import = import(contract);
    let repos = contract.read(&mine);
    insert(contract, &mine, &import, b"file").await;
    let theirs = contract.read(&other);
    assert_eq!(theirs.imports().get(import.id).await.unwrap(), None);
    assert_eq!(theirs.imports().piece(import.id, 0).await.unwrap(), None);
    theirs.imports().set_running(import.id).await.unwrap();
    assert!(
        !theirs
            .imports()
            .advance(import.id, 0, at(9), ImportCounts::default(), &[])
            .await
            .unwrap()
    );
    theirs
        .imports()
        .finish(import.id, None, contract.make.now())
        .await
        .unwrap();
    assert_eq!(theirs.imports().errors(import.id, 0, 10).await.unwrap(), []);
    assert_eq!(
        repos.imports().get(import.id).await.unwrap(),
        Some(import.clone())
    );
    assert_eq!(
        repos.imports().piece(import.id, 0).await.unwrap(),
        Some(b"file".to_vec())
    );
}

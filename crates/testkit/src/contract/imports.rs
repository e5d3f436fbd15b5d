//! CSV imports.

use super::{Contract, assert_duplicate};
use chrono::TimeDelta;
use groundswell_domain::leads::{Import, ImportCounts, ImportError, ImportStatus, Tags};

pub async fn imports(contract: &Contract) {
    kept_as_they_are(contract).await;
    each_piece_counts_once(contract).await;
    errors_are_read_in_pieces(contract).await;
    failing(contract).await;
    others_are_out_of_reach(contract).await;
}

fn import(contract: &Contract) -> Import {
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
        error: None,
        offset: 0,
        created_at: contract.make.now(),
        finished_at: None,
    }
}

async fn kept_as_they_are(contract: &Contract) {
    let scope = contract.organization().await;
    let mut import = import(contract);
    let content: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let unit = contract.begin(&scope).await;
    unit.imports().insert(&import, &content).await.unwrap();
    unit.commit().await.unwrap();
    let repos = contract.read(&scope);
    assert_eq!(
        repos.imports().get(import.id).await.unwrap(),
        Some(import.clone())
    );
    assert_eq!(repos.imports().content(import.id).await.unwrap(), Some(content));
    repos.imports().set_running(import.id).await.unwrap();
    import.status = ImportStatus::Running;
    assert_eq!(
        repos.imports().get(import.id).await.unwrap(),
        Some(import.clone())
    );

    let unit = contract.begin(&scope).await;
    assert_duplicate(unit.imports().insert(&import, b"").await);
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
        repos.imports().content(import.id).await.unwrap(),
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
    repos.imports().insert(&import, b"file").await.unwrap();
    let imports = repos.imports();
    assert!(
        imports
            .advance(import.id, 0, 500, counts, &[error(3, "email")])
            .await
            .unwrap()
    );
    assert!(
        !imports
            .advance(import.id, 0, 500, counts, &[error(3, "email")])
            .await
            .unwrap(),
        "done already"
    );
    assert!(imports.advance(import.id, 500, 900, counts, &[]).await.unwrap());
    let now = imports.get(import.id).await.unwrap().unwrap();
    assert_eq!(now.offset, 900);
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
    imports.insert(&import, b"file").await.unwrap();
    let mut errors: Vec<_> = (2..6_002).map(|line| error(line, "")).collect();
    errors.insert(1, error(2, "email"));
    errors.insert(2, error(2, "name"));
    assert!(
        imports
            .advance(import.id, 0, 1, ImportCounts::default(), &errors)
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
    repos.imports().insert(&import, b"").await.unwrap();
    assert_eq!(
        repos.imports().content(import.id).await.unwrap(),
        Some(Vec::new())
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
            .advance(import.id, 0, 9, counts, &[])
            .await
            .unwrap(),
        "it is finished"
    );
}

async fn others_are_out_of_reach(contract: &Contract) {
    let (mine, other) = (contract.organization().await, contract.organization().await);
    let import = import(contract);
    let repos = contract.read(&mine);
    repos.imports().insert(&import, b"file").await.unwrap();
    let theirs = contract.read(&other);
    assert_eq!(theirs.imports().get(import.id).await.unwrap(), None);
    assert_eq!(theirs.imports().content(import.id).await.unwrap(), None);
    theirs.imports().set_running(import.id).await.unwrap();
    assert!(
        !theirs
            .imports()
            .advance(import.id, 0, 9, ImportCounts::default(), &[])
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
        repos.imports().content(import.id).await.unwrap(),
        Some(b"file".to_vec())
    );
}

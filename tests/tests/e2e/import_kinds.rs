//! Kinds of files: spreadsheets, files without a header, in odd encodings, and such as are meant to break something.

use crate::lead_files::{counts, import, lead, upload};
use groundswell_tests::{Account, Backend, Reply, TestServer};
use reqwest::{Method, multipart};
use serde_json::{Value, json};
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;

on_both!(
    spreadsheets_are_imported_by_their_rows,
    files_without_a_header_and_what_is_said_about_them,
    existing_leads_can_be_filled_or_skipped,
    consents_of_a_file_are_written_down,
    a_file_of_several_pieces_is_imported_whole,
    broken_files_cost_their_lines_only,
);

fn workbook(sheets: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let mut part = |name: String, content: String| {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    };
    let (mut list, mut relations) = (String::new(), String::new());
    for (index, (name, rows)) in sheets.iter().enumerate() {
        list += &format!("<sheet name=\"{name}\" r:id=\"r{index}\"/>");
        relations += &format!("<Relationship Id=\"r{index}\" Target=\"worksheets/{index}.xml\"/>");
        part(
            format!("xl/worksheets/{index}.xml"),
            format!("<worksheet><sheetData>{rows}</sheetData></worksheet>"),
        );
    }
    part(
        "xl/workbook.xml".into(),
        format!("<workbook><sheets>{list}</sheets></workbook>"),
    );
    part(
        "xl/_rels/workbook.xml.rels".into(),
        format!("<Relationships>{relations}</Relationships>"),
    );
    zip.finish().unwrap().into_inner()
}

fn row(number: u32, cells: &[&str]) -> String {
    let cells: String = cells
        .iter()
        .map(|cell| format!("<c t=\"inlineStr\"><is><t>{cell}</t></is></c>"))
        .collect();
    format!("<row r=\"{number}\">{cells}</row>")
}

async fn preview(account: &Account<'_>, file: &[u8], fields: &[(&'static str, &str)]) -> Value {
    let form = fields
        .iter()
        .fold(multipart::Form::new(), |form, (name, text)| {
            form.text(*name, (*text).to_owned())
        })
        .part("file", multipart::Part::bytes(file.to_vec()).file_name("leads"));
    let request = account
        .request(Method::POST, "/api/leads/import/preview")
        .multipart(form);
    Reply::to(request).await.expect(200).data()
}

async fn spreadsheets_are_imported_by_their_rows(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let rows = [
        row(1, &["E-Mail", "Vorname", "Nachname", "Notiz"]),
        row(
            2,
            &["grace@x.example", "Grace", "Hopper", "two\nlines, one \"cell\""],
        ),
        row(3, &["", "", ""]),
        row(5, &["nobody", "No", "Body"]),
        row(6, &["alan@x.example", "Alan"]),
    ];
    let file = workbook(&[("Leads", &rows.concat()), ("Others", &row(1, &["email"]))]);
    let seen = preview(&ada, &file, &[]).await;
    assert_eq!(seen["detected"]["format"], "xlsx", "{seen}");
    assert_eq!(seen["detected"]["sheet"], "Leads");
    assert_eq!(
        seen["columns"][1],
        json!({ "column": "Vorname", "field": "first_name", "confidence": 1.0, "samples": ["Grace", "No", "Alan"] })
    );
    let done = import(&server, &ada, &file, &[]).await;
    assert_eq!(counts(&done), [3, 2, 0, 0, 1], "{done}");
    assert_eq!(done["detected"], seen["detected"]);
    let grace = lead(&ada, "grace@x.example").await;
    assert_eq!(grace["name"], "Grace Hopper");
    assert_eq!(grace["custom_fields"]["notiz"], "two\nlines, one \"cell\"");
    let path = format!("/api/leads/imports/{}/errors", done["id"].as_str().unwrap());
    let report = Reply::to(ada.request(Method::GET, &path))
        .await
        .expect(200)
        .text
        .clone();
    assert!(report.contains("\n5,E-Mail,"), "{report}");

    for (file, said) in [
        (workbook(&[]), "without a sheet"),
        (
            workbook(&[("A", "<row r=\"9\"/><row r=\"3\"/>")]),
            "after row 9 comes row 3",
        ),
        (workbook(&[("A", &"<row><c/></row>".repeat(1_200_000))]), "is a"),
    ] {
        let reply = Reply::to(upload(&ada, &file, &[])).await;
        reply.expect(400).expect_envelope();
        assert!(reply.text.contains(said), "{}", reply.text);
    }
    assert_eq!(
        server
            .rows()
            .await
            .iter()
            .filter(|(table, _)| table == "lead_imports")
            .count(),
        1
    );
    server.stop().await;
}

async fn files_without_a_header_and_what_is_said_about_them(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let file = b"Ada|ada@x.example|+44 20 7946 0000\nBob|bob@x.example|\n";
    let seen = preview(&ada, file, &[]).await;
    assert_eq!(
        seen["detected"],
        json!({ "format": "csv", "delimiter": "|", "encoding": "UTF-8", "header": false, "sheet": null })
    );
    let fields: Vec<_> = (0..3)
        .map(|column| seen["columns"][column]["field"].clone())
        .collect();
    assert_eq!(fields, ["custom:column_1", "email", "phone"]);
    assert_eq!(seen["problem"], Value::Null);
    let mapping = r#"{"column_1": "name"}"#;
    let done = import(&server, &ada, file, &[("mapping", mapping)]).await;
    assert_eq!(counts(&done), [2, 2, 0, 0, 0], "{done}");
    assert_eq!(lead(&ada, "ada@x.example").await["name"], "Ada");

    let none = preview(&ada, b"name,phone\nAda,1\n", &[]).await;
    assert!(
        none["problem"].as_str().unwrap().contains("mail address"),
        "{none}"
    );
    // A file that lies about itself is read as the caller says.
    let (text, _, _) = encoding_rs::SHIFT_JIS.encode("email;氏名\nyu@x.example;結城,さん\n");
    let form = multipart::Form::new()
        .text("encoding", "shift_jis")
        .text("delimiter", ";")
        .part(
            "file",
            multipart::Part::bytes(text.into_owned()).file_name("a.csv"),
        );
    let request = ada.request(Method::POST, "/api/leads/import").multipart(form);
    Reply::to(request).await.expect(202);
    server.drain().await;
    assert_eq!(lead(&ada, "yu@x.example").await["name"], "結城,さん");
    for (name, text) in [
        ("encoding", "klingon"),
        ("encoding", "utf-8"),
        ("delimiter", "x"),
        ("upsert_key", "phone"),
        ("on_existing", "destroy"),
        ("header", "perhaps"),
        ("consent", r#"{"purpose": "news", "text": " "}"#),
    ] {
        // `upload` puts its fields behind the file, where an encoding comes too late.
        Reply::to(upload(&ada, b"email\nx@x.example\n", &[(name, text)]))
            .await
            .expect(400)
            .expect_envelope();
    }
    server.stop().await;
}

async fn existing_leads_can_be_filled_or_skipped(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    ada.post(
        "/api/leads",
        &json!({ "email": "grace@x.example", "name": "Grace" }),
    )
    .await;
    let file = b"email,name,company\ngrace@x.example,Admiral,Navy\n";
    let skipped = import(&server, &ada, file, &[("on_existing", "skip")]).await;
    assert_eq!(counts(&skipped), [1, 0, 0, 1, 0]);
    let filled = import(&server, &ada, file, &[("on_existing", "fill")]).await;
    assert_eq!(
        (counts(&filled), &filled["on_existing"]),
        ([1, 0, 1, 0, 0], &json!("fill"))
    );
    let grace = lead(&ada, "grace@x.example").await;
    assert_eq!(
        (&grace["name"], &grace["company"]),
        (&json!("Grace"), &json!("Navy"))
    );
    // Whoever the file itself made is not skipped by a later line, however far behind that is; a dry run says so, too.
    let between: String = (0..1500)
        .map(|index| format!("p{index}@x.example,P,\n"))
        .collect();
    let file = format!(
        "email,name,company\nnew@x.example,New,\n{between}new@x.example,,Late\ngrace@x.example,,Army\n"
    );
    for dry_run in ["true", "false"] {
        let fields = [("on_existing", "skip"), ("dry_run", dry_run)];
        let done = import(&server, &ada, file.as_bytes(), &fields).await;
        assert_eq!(counts(&done), [1503, 1501, 1, 1, 0], "{done}");
    }
    assert_eq!(lead(&ada, "new@x.example").await["company"], "Late");
    assert_eq!(lead(&ada, "grace@x.example").await["company"], "Navy");
    server.stop().await;
}

async fn consents_of_a_file_are_written_down(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let against = ada
        .post(
            "/api/leads",
            &json!({ "email": "against@x.example", "name": "No" }),
        )
        .await;
    let consents = |id: &Value| format!("/api/leads/{}/consents", id.as_str().unwrap());
    let no = json!({ "purpose": "marketing", "decision": "withdrawn", "text": "Stop" });
    ada.post(&consents(&against["id"]), &no).await;
    let file = b"email\nagainst@x.example\nnew@x.example\nnew@x.example\nwrong\n";
    let consent = r#"{"purpose": "marketing", "text": "Write to me", "basis": "Double opt-in, 2026"}"#;
    let done = import(&server, &ada, file, &[("consent", consent)]).await;
    assert_eq!(done["consent"]["basis"], "Double opt-in, 2026");
    let new = lead(&ada, "new@x.example").await;
    let given = ada.get_list(&consents(&new["id"])).await["data"].take();
    assert_eq!(given.as_array().unwrap().len(), 1, "{given}");
    assert_eq!(
        (&given[0]["source"], &given[0]["import_id"], &given[0]["decision"]),
        (&json!("import"), &done["id"], &json!("granted"))
    );
    let kept = ada.get_list(&consents(&against["id"])).await["data"].take();
    assert_eq!(
        kept.as_array().unwrap().len(),
        1,
        "a file lifts no withdrawal: {kept}"
    );
    server.stop().await;
}

async fn a_file_of_several_pieces_is_imported_whole(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let note = "ö".repeat(2000);
    let lines: String = (0..1400)
        .map(|index| format!("many{index}@x.example,\"{note}\n{index}\"\n"))
        .collect();
    let file = format!("email,note\n{lines}");
    assert!(file.len() > 5 << 20);
    let dry = import(&server, &ada, file.as_bytes(), &[("dry_run", "true")]).await;
    assert_eq!(counts(&dry), [1400, 1400, 0, 0, 0]);
    let done = import(&server, &ada, file.as_bytes(), &[]).await;
    assert_eq!(counts(&done), [1400, 1400, 0, 0, 0]);
    let last = lead(&ada, "many1399@x.example").await;
    assert_eq!(last["custom_fields"]["note"], format!("{note}\n1399"));
    server.stop().await;
}

async fn broken_files_cost_their_lines_only(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let file = b"email,name\n\"open@x.example,Open\na@x.example,A\nz\0@x.example,Z\nnul@x.example,Nu\0l\nb@x.example,\"B\"\"\"\n,\nc@x.example,C";
    let done = import(&server, &ada, file, &[]).await;
    assert_eq!(counts(&done), [6, 3, 0, 0, 3], "{done}");
    let path = format!("/api/leads/imports/{}/errors", done["id"].as_str().unwrap());
    let report = Reply::to(ada.request(Method::GET, &path))
        .await
        .expect(200)
        .text
        .clone();
    for start in [
        "\n2,,has a quotation mark",
        "\n4,email,",
        "\n5,name,must not contain line breaks or control",
    ] {
        assert!(report.contains(start), "{report}");
    }
    let wide = format!("email{}\n", ",x".repeat(10_000));
    let endless = format!("email\n{}", "x".repeat(3 << 20));
    for (file, said) in [
        (wide.as_bytes(), "has 10001 columns; at most 500"),
        (endless.as_bytes(), "longer than 1 MiB: line 2"),
        (b"\"email,name\na@x.example,A\n", "not closed"),
    ] {
        let reply = Reply::to(upload(&ada, file, &[])).await;
        reply.expect(400).expect_envelope();
        assert!(reply.text.contains(said), "{}", reply.text);
    }
    let kept = ["lead_imports", "lead_import_contents"];
    let rows = server.rows().await;
    let left = rows.iter().filter(|(table, _)| kept.contains(&table.as_str()));
    assert_eq!(left.count(), 1, "what is refused leaves nothing behind");
    server.stop().await;
}

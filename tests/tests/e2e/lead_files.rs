//! Files of leads, in and out.

use groundswell_tests::{Account, Backend, Options, Reply, TestServer};
use reqwest::{Method, multipart};
use serde_json::{Value, json};

on_both!(
    files_of_spreadsheets_are_understood,
    a_file_overwrites_with_what_it_knows,
    bad_lines_are_reported_and_a_dry_run_counts_the_same,
    a_report_is_whole_however_many_lines_are_bad,
    tags_come_back_as_they_were_exported,
);

pub(crate) fn upload(
    account: &Account<'_>,
    file: &[u8],
    fields: &[(&'static str, &str)],
) -> reqwest::RequestBuilder {
    let part = multipart::Part::bytes(file.to_vec()).file_name("leads.csv");
    let form = fields
        .iter()
        .fold(multipart::Form::new().part("file", part), |form, (name, text)| {
            form.text(*name, (*text).to_owned())
        });
    account.request(Method::POST, "/api/leads/import").multipart(form)
}

/// Imports to the end; the import as it then is.
pub(crate) async fn import(
    server: &TestServer,
    account: &Account<'_>,
    file: &[u8],
    fields: &[(&'static str, &str)],
) -> Value {
    let reply = Reply::to(upload(account, file, fields)).await;
    let started = reply.expect(202).data();
    server.drain().await;
    let import = account
        .get(&format!(
            "/api/leads/imports/{}",
            started["import_id"].as_str().unwrap()
        ))
        .await;
    assert_eq!(import["status"], "succeeded", "{import}");
    import
}

pub(crate) fn counts(import: &Value) -> [i64; 5] {
    ["rows", "created", "updated", "unchanged", "failed"].map(|name| import[name].as_i64().unwrap())
}

pub(crate) async fn lead(account: &Account<'_>, email: &str) -> Value {
    account.get_list(&format!("/api/leads/search?q={email}")).await["data"][0].take()
}

async fn files_of_spreadsheets_are_understood(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let german = "E-Mail-Adresse;Vorname;Nachname;Firma;Telefon;Lieblings-Farbe\r\njoerg@x.example;Jörg;Müller;\"Öl; Gas\";030 1;grün\r\n";
    let (windows, utf16): (Vec<u8>, Vec<u8>) = (
        german
            .replace("joerg", "windows")
            .chars()
            .map(|c| u8::try_from(u32::from(c)).unwrap())
            .collect(),
        std::iter::once(0xfeff)
            .chain(german.replace("joerg", "utf16").encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect(),
    );
    let bom = format!("\u{feff}{}", german.replace("joerg", "bom"));
    for (file, email) in [
        (german.as_bytes(), "joerg"),
        (&windows, "windows"),
        (&utf16, "utf16"),
        (bom.as_bytes(), "bom"),
    ] {
        let done = import(&server, &ada, file, &[("tags", "Fair, 2027")]).await;
        assert_eq!(counts(&done), [1, 1, 0, 0, 0], "{done}");
        assert_eq!(
            done["mapping"]["Lieblings-Farbe"], "custom:lieblings_farbe",
            "{done}"
        );
        let lead = lead(&ada, &format!("{email}@x.example")).await;
        assert_eq!(
            (&lead["name"], &lead["company"]),
            (&json!("Jörg Müller"), &json!("Öl; Gas"))
        );
        assert_eq!(
            (&lead["phone"], &lead["source"]),
            (&json!("030 1"), &json!("import"))
        );
        assert_eq!(lead["custom_fields"], json!({ "lieblings_farbe": "grün" }));
        assert_eq!(lead["tags"], json!(["2027", "fair"]));
    }
    // Quotes with line breaks, tabs between the cells, no line break at the end.
    let tabs = b"mail\tname\tnote\tlabels\nquoted@x.example\t\"Q \"\"the\"\" Q\"\t\"two\nlines\"\ta|b,c";
    let mapping = r#"{"mail": "email", "note": "custom:remark"}"#;
    assert_eq!(
        counts(&import(&server, &ada, tabs, &[("mapping", mapping)]).await),
        [1, 1, 0, 0, 0]
    );
    let quoted = lead(&ada, "quoted@x.example").await;
    assert_eq!(quoted["name"], "Q \"the\" Q");
    assert_eq!(
        (&quoted["custom_fields"], &quoted["tags"]),
        (&json!({ "remark": "two\nlines" }), &json!(["a", "b", "c"]))
    );
    assert_eq!(ada.get("/api/leads/analytics/overview").await["total_leads"], 5);
    server.stop().await;
}

async fn a_file_overwrites_with_what_it_knows(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let known = json!({ "email": "grace@navy.example", "name": "Grace", "company": "Navy", "phone": "1", "tags": ["old"],
        "custom_fields": { "size": "L", "kept": true } });
    ada.post("/api/leads", &known).await;
    let file = "email,name,company,phone,status,size\nGRACE@navy.example,Grace Hopper,,2,qualified,M\nnew@x.example,New,,,,\nNew@X.example,,Late,,,\nnew@x.example,New,Late,,,\n";
    let done = import(&server, &ada, file.as_bytes(), &[("tags", "fair")]).await;
    assert_eq!(counts(&done), [4, 1, 2, 1, 0], "{done}");
    let grace = lead(&ada, "grace@navy.example").await;
    assert_eq!(
        (&grace["name"], &grace["company"], &grace["phone"]),
        (&json!("Grace Hopper"), &json!("Navy"), &json!("2"))
    );
    assert_eq!(
        (&grace["status"], &grace["source"]),
        (&json!("qualified"), &json!("manual"))
    );
    assert_eq!(grace["custom_fields"], json!({ "size": "M", "kept": true }));
    assert_eq!(grace["tags"], json!(["fair", "old"]));
    let new = lead(&ada, "new@x.example").await;
    assert_eq!((&new["name"], &new["company"]), (&json!("New"), &json!("Late")));
    let overview = ada.get("/api/leads/analytics/overview").await;
    assert_eq!(
        (&overview["total_leads"], &overview["qualified_leads"]),
        (&json!(2), &json!(1))
    );
    server.stop().await;
}

/// 1,200 good lines, so that there are several pieces, with bad ones among them.
pub(crate) fn mixed() -> String {
    let mut file = "email,name,status\n".to_owned();
    for index in 0..1200 {
        let line = match index {
            100 => "not-an-address,Nobody,new\n".to_owned(),
            101 => ",Nobody,\n".to_owned(),
            600 => "wild@x.example,Wild,wild\n".to_owned(),
            601 => "many@x.example,Many,new,more\n".to_owned(),
            700 => "lead1@x.example,Lead one,\n".to_owned(),
            701 => "\n".to_owned(),
            1100 => format!("long@x.example,{},\n", "x".repeat(301)),
            _ => format!("lead{index}@x.example,Lead {index},\n"),
        };
        file.push_str(&line);
    }
    file
}

async fn bad_lines_are_reported_and_a_dry_run_counts_the_same(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    ada.post(
        "/api/leads",
        &json!({ "email": "lead5@x.example", "name": "Lead 5" }),
    )
    .await;
    let file = mixed();
    let dry = import(&server, &ada, file.as_bytes(), &[("dry_run", "true")]).await;
    assert_eq!(
        (&dry["dry_run"], counts(&dry)),
        (&json!(true), [1199, 1192, 1, 1, 5]),
        "{dry}"
    );
    assert_eq!(
        ada.get("/api/leads/analytics/overview").await["total_leads"],
        1,
        "a dry run changes nothing"
    );
    let real = import(&server, &ada, file.as_bytes(), &[]).await;
    assert_eq!(
        counts(&real),
        counts(&dry),
        "a dry run counts what the commit does"
    );
    assert_eq!(
        ada.get("/api/leads/analytics/overview").await["total_leads"],
        1193
    );
    for import in [&dry, &real] {
        let path = format!("/api/leads/imports/{}/errors", import["id"].as_str().unwrap());
        let report = Reply::to(ada.request(Method::GET, &path)).await;
        assert!(report.header("content-type").starts_with("text/csv"));
        assert!(report.header("content-disposition").contains("attachment"));
        let lines: Vec<&str> = report.expect(200).text.lines().collect();
        assert_eq!(lines.len(), 6, "{}", report.text);
        assert_eq!(lines[0], "line,field,message,raw");
        for (line, start) in
            lines[1..]
                .iter()
                .zip(["102,email,", "103,email,", "602,status,", "603,,", "1102,name,"])
        {
            assert!(line.starts_with(start), "{line}");
        }
        assert!(lines[1].contains("\"not-an-address,Nobody,new\""), "{}", lines[1]);
    }
    server.stop().await;
}

async fn a_report_is_whole_however_many_lines_are_bad(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    // One thing wrong with the first line, two with each other: no piece of the report ends with a line by chance.
    let lines: String = (0..700).map(|index| format!("nobody{index},wild\n")).collect();
    let file = format!("email,status\nnobody,new\n{lines}");
    let done = import(&server, &ada, file.as_bytes(), &[]).await;
    assert_eq!(counts(&done), [701, 0, 0, 0, 701], "{done}");
    let path = format!("/api/leads/imports/{}/errors", done["id"].as_str().unwrap());
    let report = Reply::to(ada.request(Method::GET, &path)).await;
    let mut numbers = report
        .expect(200)
        .text
        .lines()
        .skip(1)
        .map(|line| line.split(',').next().unwrap());
    assert_eq!(numbers.next(), Some("2"));
    for line in 3..703 {
        let line = line.to_string();
        assert_eq!(
            (numbers.next(), numbers.next()),
            (Some(line.as_str()), Some(line.as_str()))
        );
    }
    assert_eq!(numbers.next(), None);
    server.stop().await;
}

async fn tags_come_back_as_they_were_exported(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let tags = json!(["[odd]", "a;b", "c|d", "plain"]);
    ada.post(
        "/api/leads",
        &json!({ "email": "grace@x.example", "name": "Grace", "tags": tags }),
    )
    .await;
    ada.post(
        "/api/leads",
        &json!({ "email": "mary@x.example", "name": "Mary", "tags": ["one", "two words"] }),
    )
    .await;
    let export = Reply::to(ada.request(Method::GET, "/api/leads/export?format=csv")).await;
    let export = export.expect(200).text.clone();
    assert!(export.contains("\"one,two words\""), "{export}");
    let eve = server.register("Eve").await.with_key().await;
    let done = import(&server, &eve, export.as_bytes(), &[]).await;
    assert_eq!(counts(&done), [2, 2, 0, 0, 0], "{done}");
    assert_eq!(lead(&eve, "grace@x.example").await["tags"], tags);
    assert_eq!(
        lead(&eve, "mary@x.example").await["tags"],
        json!(["one", "two words"])
    );
    server.stop().await;
}

#[tokio::test]
async fn files_that_are_none_are_refused_at_once() {
    let options = Options {
        settings: vec![("limits.import_bytes", json!(20_000))],
        ..Options::default()
    };
    let server = TestServer::start_with(Backend::Sqlite, options).await;
    let ada = server.register("Ada").await;
    for (file, said) in [
        (&b""[..], "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\n\n", "empty"),
        (b"name,phone\nAda,1\n", "no column holds the mail address"),
        (b"just text", "no column holds the mail address"),
        (b"PK\x03\x04 a spreadsheet", "broken ZIP archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "old or encrypted"),
        (b"\x00\x01\x02", "binary"),
    ] {
        let reply = Reply::to(upload(&ada, file, &[])).await;
        reply.expect(400).expect_envelope();
        assert!(
            reply.text.contains(said),
            "{:?}: {}",
            String::from_utf8_lossy(file),
            reply.text
        );
    }
    let good = b"email\na@b.example\n";
    for (name, text) in [
        ("mapping", "[1]"),
        ("mapping", r#"{"email": "nothing"}"#),
        ("mapping", r#"{"email": "ignore"}"#),
        ("mapping", r#"{"absent": "name"}"#),
        ("dry_run", "perhaps"),
        ("tags", &"x".repeat(65)),
        ("more", "x"),
    ] {
        Reply::to(upload(&ada, good, &[(name, text)]))
            .await
            .expect(400)
            .expect_envelope();
    }
    Reply::to(upload(&ada, &vec![b'x'; 20_001], &[]))
        .await
        .expect(413)
        .expect_envelope();
    let form = multipart::Form::new().text("tags", "x");
    Reply::to(ada.request(Method::POST, "/api/leads/import").multipart(form))
        .await
        .expect(400);
    Reply::to(
        ada.request(Method::POST, "/api/leads/import")
            .body("email\na@b.example"),
    )
    .await
    .expect(415);
    // A header alone is an import of nobody.
    assert_eq!(counts(&import(&server, &ada, b"email,name\n", &[]).await), [0; 5]);
    assert_eq!(ada.get("/api/leads/analytics/overview").await["total_leads"], 0);
    server.stop().await;
}

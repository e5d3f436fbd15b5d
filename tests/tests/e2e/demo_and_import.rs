//! Commands that fill a database, beside a server.

use groundswell_tests::{Binary, command, new_folder};
use reqwest::Client;
use serde_json::{Value, json};

async fn get(http: &Client, binary: &Binary, token: &str, path: &str) -> Value {
    let request = http.get(format!("{}{path}", binary.base)).bearer_auth(token);
    request.send().await.unwrap().json().await.unwrap()
}

async fn sign_in(http: &Client, binary: &Binary, email: &str, password: &str) -> String {
    let body = json!({ "email": email, "password": password });
    let request = http.post(format!("{}/api/auth/login", binary.base)).json(&body);
    let answer: Value = request.send().await.unwrap().json().await.unwrap();
    answer["data"]["access_token"]
        .as_str()
        .unwrap_or_else(|| panic!("{answer}"))
        .to_owned()
}

#[tokio::test]
async fn accounts_and_the_demo_are_made_beside_a_server() {
    let data = new_folder();
    let user = [
        "user",
        "create",
        "--email",
        "ada@x.example",
        "--name",
        "Ada",
        "--organization",
        "Ada Ltd",
    ];
    let password = [("GROUNDSWELL_PASSWORD", "correct horse")];
    let made = command(&data, &user, &password).await;
    made.expect(0, &["created ada@x.example (company_admin) in Ada Ltd"]);
    assert!(!made.out.contains("correct horse"));
    command(&data, &user, &password)
        .await
        .expect(1, &["exists already"]);
    command(&data, &user, &[]).await.expect(1, &["password"]);
    let mut other = user.to_vec();
    other.extend(["--role", "emperor"]);
    command(&data, &other, &password).await.expect(1, &["--role"]);

    let demo = command(&data, &["demo"], &password).await;
    demo.expect(0, &["demo@groundswell.example", "500 leads", "correct horse"]);
    command(&data, &["demo"], &password)
        .await
        .expect(1, &["demo already"]);

    let mut binary = Binary::start_in(&data, "serve", &[]).await;
    let http = Client::new();
    let ada = sign_in(&http, &binary, "ada@x.example", "correct horse").await;
    assert_eq!(
        get(&http, &binary, &ada, "/api/leads/analytics/overview").await["data"]["total_leads"],
        0
    );
    let demo = sign_in(&http, &binary, "demo@groundswell.example", "correct horse").await;
    let overview = get(&http, &binary, &demo, "/api/leads/analytics/overview").await;
    assert_eq!(overview["data"]["total_leads"], 500, "{overview}");
    assert_eq!(
        get(&http, &binary, &demo, "/api/lead-capture/forms?with_total=true").await["total"],
        2
    );
    let clients = get(&http, &binary, &demo, "/api/clients/health/clients").await;
    assert_eq!(clients["data"].as_array().unwrap().len(), 2, "{clients}");
    for status in ["completed", "active"] {
        let found = get(
            &http,
            &binary,
            &demo,
            &format!("/api/campaigns?status={status}&with_total=true"),
        )
        .await;
        assert_eq!(found["total"], 1, "{found}");
    }
    let metrics =
        get(&http, &binary, &demo, "/api/campaigns?status=completed").await["data"][0]["metrics"].take();
    for name in ["sent", "unique_opens", "unique_clicks", "unsubscribes"] {
        assert!(metrics[name].as_i64().unwrap() > 0, "{name} in {metrics}");
    }
    let (code, log) = binary.end().await;
    assert_eq!(code, Some(0), "{log}");

    let file = data.with_extension("csv");
    std::fs::write(
        &file,
        "E-Mail;Name\ngrace@x.example;Grace\nnobody;N\nmary@x.example;Mary\n",
    )
    .unwrap();
    let file_name = file.to_str().unwrap();
    let import = [
        "import",
        "leads",
        file_name,
        "--user",
        "ada@x.example",
        "--tags",
        "Fair,2027",
        "--map",
        "Name=custom:who",
    ];
    let first = command(&data, &import, &[]).await;
    first.expect(
        1,
        &[
            "3 lines: 2 created, 0 updated, 0 unchanged, 1 failed",
            "errors.csv",
        ],
    );
    let errors = file.with_extension("errors.csv");
    let report = std::fs::read_to_string(&errors).unwrap();
    assert!(
        report.starts_with("line,field,message,raw\n3,E-Mail,") && report.contains("nobody;N"),
        "{report}"
    );
    command(&data, &import, &[])
        .await
        .expect(1, &["0 created, 0 updated, 2 unchanged, 1 failed"]);
    for (arguments, said) in [
        (
            &["import", "leads", "/no/such.csv", "--user", "ada@x.example"][..],
            "/no/such.csv",
        ),
        (
            &["import", "leads", file_name, "--user", "bob@x.example"],
            "bob@x.example",
        ),
        (
            &[
                "import",
                "leads",
                file_name,
                "--user",
                "ada@x.example",
                "--map",
                "Name",
            ],
            "COLUMN=FIELD",
        ),
        (
            &[
                "import",
                "leads",
                file_name,
                "--user",
                "ada@x.example",
                "--map",
                "E-Mail=ignore",
            ],
            "mail address",
        ),
    ] {
        command(&data, arguments, &[]).await.expect(1, &[said]);
    }
    let mut binary = Binary::start_in(&data, "serve", &[]).await;
    let ada = sign_in(&http, &binary, "ada@x.example", "correct horse").await;
    let lead = get(&http, &binary, &ada, "/api/leads/search?q=grace").await["data"][0].take();
    assert_eq!(
        (&lead["tags"], &lead["custom_fields"]),
        (&json!(["2027", "fair"]), &json!({ "who": "Grace" }))
    );
    binary.stop().await;
    for path in [file, errors] {
        std::fs::remove_file(path).unwrap();
    }
}

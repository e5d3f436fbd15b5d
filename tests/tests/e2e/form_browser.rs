//! Forms as people meet them: hosted and in somebody else's page, with the keyboard alone, on a phone, without scripts.

use crate::capture::submissions;
use crate::form_visits::make;
use groundswell_tests::{Account, Backend, Chromium, Reply, TestServer};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A page of another site: another port is another origin. Its policy allows our host's scripts and answers, and no styles.
pub(crate) async fn foreign_page(server: &TestServer, html: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let policy = format!("default-src 'none'; script-src {0}; connect-src {0}", server.base);
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-security-policy: {policy}\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{html}",
        html.len()
    );
    tokio::spawn(async move {
        loop {
            let (mut visitor, _) = listener.accept().await.unwrap();
            let mut request = [0; 8192];
            let _ = visitor.read(&mut request).await;
            let _ = visitor.write_all(answer.as_bytes()).await;
        }
    });
    address
}

fn fields() -> Value {
    json!([
        { "name": "name", "type": "text", "label": "Your name", "required": true },
        { "name": "plan", "type": "select", "label": "Plan", "options": ["Basic", "Pro"] },
        { "name": "seats", "type": "number", "label": "How many seats?", "min": 1, "required": true,
          "show_if": { "all": [{ "field": "plan", "equals": "Pro" }] } },
        { "name": "terms", "type": "checkbox", "label": "I agree to the terms", "required": true }
    ])
}

async fn contact(ada: &Account<'_>, settings: Value) -> String {
    let styling = json!({ "accent_color": "#0a6640", "intro": "We answer within a day.", "button_label": "Ask for an offer", "radius": 12 });
    make(ada, fields(), settings, styling).await
}

fn field(name: &str) -> String {
    format!("document.querySelector('[name=\"{name}\"]')")
}

/// Goes from field to field with the tabulator until this one has the focus, which can be seen.
async fn tab_to(page: &mut Chromium, name: &str) {
    for _ in 0..12 {
        page.press("Tab").await;
        let here = "document.activeElement.name || document.activeElement.type || ''";
        if page.eval(here).await == name {
            let outline = page
                .eval("getComputedStyle(document.activeElement).outlineStyle")
                .await;
            assert_ne!(outline, "none", "the focus on {name} can't be seen");
            return;
        }
    }
    panic!("the keyboard does not reach {name}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hosted_form_is_filled_in_with_the_keyboard_on_a_phone() {
    let Some(mut page) = Chromium::start(360).await else {
        return;
    };
    let server = TestServer::start(Backend::Sqlite).await;
    let ada = server.register("Ada").await;
    let consents = json!([{ "purpose": "marketing", "text": "Yes, write to me about news and offers." }]);
    let form = contact(
        &ada,
        json!({ "captcha": true, "thank_you": "Merci!", "consents": consents }),
    )
    .await;
    page.open(&server.url(&format!("/f/{form}?utm_source=fair")))
        .await;
    let seats = format!("{}.offsetParent", field("seats"));
    page.until(&format!("{seats} === null")).await;
    page.picture("hosted-360").await;
    let wide = page.eval("document.documentElement.scrollWidth").await;
    assert_eq!(wide, 360, "nothing is wider than the phone");

    tab_to(&mut page, "email").await;
    page.type_text("grace@navy.example").await;
    tab_to(&mut page, "name").await;
    page.type_text("Grace").await;
    tab_to(&mut page, "plan").await;
    for _ in 0..2 {
        page.press("ArrowDown").await;
    }
    page.until(&format!("{} .value === 'Pro' && {seats} !== null", field("plan")))
        .await;
    page.picture("hosted-360-conditional").await;
    tab_to(&mut page, "seats").await;
    page.type_text("7").await;
    tab_to(&mut page, "terms").await;
    page.press("Space").await;
    tab_to(&mut page, "consent.marketing").await;
    page.press("Space").await;
    tab_to(&mut page, "submit").await;
    page.picture("hosted-360-filled").await;
    page.press("Enter").await;
    page.until("document.body.innerText.includes('Merci!')").await;
    page.picture("hosted-360-thanks").await;

    let sent = submissions(&ada, &form).await;
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0]["answers"]["seats"], "7");
    assert_eq!(sent[0]["attribution"]["utm_source"], "fair");
    let lead = sent[0]["lead_id"].as_str().unwrap();
    let agreed = ada.get_list(&format!("/api/leads/{lead}/consents")).await;
    assert_eq!(agreed["data"][0]["purpose"], "marketing", "{agreed}");
    let found = ada
        .get(&format!("/api/lead-capture/forms/{form}/analytics"))
        .await;
    assert_eq!(
        found["totals"],
        json!({ "views": 1, "starts": 1, "completions": 1, "start_rate": 1.0, "completion_rate": 1.0 })
    );
    assert_eq!(
        (&found["by_source"][0]["source"], &found["drop_off"]),
        (&json!("fair"), &json!([]))
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hosted_form_works_without_scripts() {
    let Some(mut page) = Chromium::start(1280).await else {
        return;
    };
    let server = TestServer::start(Backend::Sqlite).await;
    let ada = server.register("Ada").await;
    let form = contact(&ada, json!({ "thank_you": "Merci!" })).await;
    let guarded = contact(&ada, json!({ "captcha": true })).await;
    page.without_scripts().await;
    page.open(&server.url(&format!("/f/{form}"))).await;
    for (name, text) in [("email", "not an address at all@"), ("name", "Grace")] {
        tab_to(&mut page, name).await;
        page.type_text(text).await;
    }
    // The browser's own checks need no scripts; what gets past them is answered by a page.
    page.eval("document.querySelector('form').noValidate = true; 0")
        .await;
    tab_to(&mut page, "submit").await;
    page.press("Enter").await;
    page.until("document.title.startsWith('Error')").await;
    page.picture("hosted-1280-refused").await;
    assert_eq!(
        page.eval("document.querySelector('[role=alert] a').getAttribute('href')")
            .await,
        "#field-email"
    );
    assert_eq!(
        page.eval(&format!("{}.getAttribute('aria-invalid')", field("email")))
            .await,
        "true"
    );
    page.eval(&format!(
        "{0}.value = 'grace@navy.example'; {1}.checked = true; 0",
        field("email"),
        field("terms")
    ))
    .await;
    tab_to(&mut page, "submit").await;
    page.press("Enter").await;
    page.until("document.body.innerText.includes('Merci!')").await;
    let sent = submissions(&ada, &form).await;
    assert_eq!((sent.len(), &sent[0]["answers"]["name"]), (1, &json!("Grace")));
    page.open(&server.url(&format!("/f/{guarded}"))).await;
    assert_eq!(
        page.eval("document.body.innerText.includes('needs JavaScript')")
            .await,
        true
    );
    page.picture("hosted-1280-captcha-without-script").await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_forms_in_a_page_of_elsewhere() {
    let Some(mut page) = Chromium::start(360).await else {
        return;
    };
    let server = TestServer::start(Backend::Sqlite).await;
    let ada = server.register("Ada").await;
    let consents = json!([{ "purpose": "marketing", "text": "Write <to> me" }]);
    let form = contact(
        &ada,
        json!({ "captcha": true, "thank_you": "Merci!", "save_partial": true, "consents": consents }),
    )
    .await;
    let other = make(
        &ada,
        json!([{ "name": "company", "type": "text" }]),
        json!({}),
        json!({}),
    )
    .await;
    let tag = |id: &str| {
        format!(
            "<section id=\"s{id}\"><script src=\"{}/embed.js\" data-form=\"{id}\" async></script></section>",
            server.base
        )
    };
    let html = format!(
        "<!doctype html><html lang=en><meta name=viewport content=\"width=device-width\"><title>Shop</title><h1>A shop</h1>{}<hr>{}",
        tag(&form),
        tag(&other)
    );
    let shop = foreign_page(&server, html).await;
    page.open(&format!(
        "{shop}/?utm_source=ads&email=prefilled@navy.example&terms=yes"
    ))
    .await;
    page.until("document.querySelectorAll('.gs-form button').length === 2")
        .await;
    page.eval("window.told = []; addEventListener('groundswell:submitted', event => told.push(event.detail.message)); 0").await;
    page.picture("embedded-360").await;
    assert_eq!(page.eval("document.documentElement.scrollWidth").await, 360);
    let doubled = "[...document.querySelectorAll('[id]')].map(one => one.id).filter((id, at, all) => all.indexOf(id) !== at).length";
    assert_eq!(page.eval(doubled).await, 0, "ids are unique in the page");
    let unlabelled = "[...document.querySelectorAll('input:not([type=hidden]),select,textarea')].filter(one => !one.labels.length).length";
    assert_eq!(page.eval(unlabelled).await, 0);
    assert_eq!(
        page.eval("document.querySelector('.gs-extra').getBoundingClientRect().right < 0")
            .await,
        true
    );
    assert_eq!(
        page.eval("getComputedStyle(document.querySelector('.gs-form button')).backgroundColor")
            .await,
        "rgb(10, 102, 64)"
    );
    assert_eq!(
        page.eval(&format!("{}.value", field("email"))).await,
        "prefilled@navy.example"
    );
    assert_eq!(page.eval(&format!("{}.checked", field("terms"))).await, false);
    assert_eq!(
        page.eval(&format!("{}.offsetParent === null", field("seats")))
            .await,
        true
    );

    tab_to(&mut page, "name").await;
    page.type_text("Grace").await;
    tab_to(&mut page, "terms").await;
    page.press("Space").await;
    page.eval(&format!("{0}.focus(); {0}.select(); 0", field("email")))
        .await;
    page.type_text("grace@nowhere").await;
    tab_to(&mut page, "name").await;
    let kept = format!("/api/lead-capture/forms/{form}/partials");
    let list = async || ada.get_list(&kept).await["data"].take();
    assert!(
        groundswell_tests::until(async || list().await != json!([])).await,
        "nothing was kept"
    );
    // The server knows more than the browser about addresses.
    page.eval(&format!("{0}.focus(); {0}.select(); 0", field("email")))
        .await;
    page.type_text("grace..hopper@navy.example").await;
    page.eval("document.querySelector('form').noValidate = true; 0")
        .await;
    tab_to(&mut page, "submit").await;
    page.press("Enter").await;
    page.until(&format!(
        "{}.getAttribute('aria-invalid') === 'true'",
        field("email")
    ))
    .await;
    page.picture("embedded-360-refused").await;
    assert_eq!(
        page.eval("document.activeElement.name").await,
        "email",
        "the mistake has the focus"
    );
    let said = "document.getElementById(document.activeElement.getAttribute('aria-describedby')).textContent";
    assert!(page.eval(said).await.as_str().unwrap().starts_with("This "));
    page.eval(&format!("{}.select(); 0", field("email"))).await;
    page.type_text("grace@navy.example").await;
    tab_to(&mut page, "submit").await;
    page.press("Enter").await;
    page.until("document.body.innerText.includes('Merci!')").await;
    assert_eq!(
        page.eval("document.activeElement.getAttribute('role')").await,
        "status"
    );
    assert_eq!(page.eval("told").await, json!(["Merci!"]));
    page.picture("embedded-360-thanks").await;
    let sent = submissions(&ada, &form).await;
    assert_eq!((sent.len(), &sent[0]["answers"]["name"]), (1, &json!("Grace")));
    assert_eq!(sent[0]["attribution"]["utm_source"], "ads");
    assert!(
        sent[0]["attribution"]["referrer"]
            .as_str()
            .unwrap()
            .starts_with(&shop),
        "{}",
        sent[0]
    );
    assert_eq!(list().await, json!([]), "what was sent is not kept twice");

    // The other form is begun and left.
    page.eval(&format!("{}.focus(); 0", field("company"))).await;
    page.type_text("Na").await;
    page.open("about:blank").await;
    let analytics = format!("/api/lead-capture/forms/{other}/analytics");
    let left = async || {
        ada.get(&analytics).await["drop_off"]
            == json!([{ "field": "company", "label": "company", "exits": 1 }])
    };
    assert!(
        groundswell_tests::until(left).await,
        "{}",
        ada.get(&analytics).await
    );
    let totals = ada.get(&analytics).await["totals"].take();
    assert_eq!(
        (&totals["views"], &totals["starts"], &totals["completions"]),
        (&json!(1), &json!(1), &json!(0))
    );
    Reply::to(server.http.get(server.url(&format!("/f/{form}/embed"))))
        .await
        .expect(200);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_looks_as_it_was_styled() {
    let Some(mut page) = Chromium::start(1280).await else {
        return;
    };
    let server = TestServer::start(Backend::Sqlite).await;
    let ada = server.register("Ada").await;
    let styling = json!({ "accent_color": "#ffd400", "background_color": "#1b1035", "text_color": "#f4efff", "font": "serif", "radius": 0, "layout": "inline" });
    let form = make(&ada, fields(), json!({}), styling).await;
    page.open(&server.url(&format!("/f/{form}"))).await;
    for (what, is) in [
        (
            "document.querySelector('button')).backgroundColor",
            "rgb(255, 212, 0)",
        ),
        ("document.querySelector('button')).color", "rgb(0, 0, 0)"),
        ("document.querySelector('button')).borderRadius", "0px"),
        ("document.body).backgroundColor", "rgb(27, 16, 53)"),
        ("document.querySelector('label')).color", "rgb(244, 239, 255)"),
    ] {
        assert_eq!(page.eval(&format!("getComputedStyle({what}")).await, is, "{what}");
    }
    page.picture("styled-1280").await;
    page.resize(360).await;
    assert_eq!(page.eval("document.documentElement.scrollWidth").await, 360);
    page.picture("styled-360").await;
    server.stop().await;
}

//! A double opt-in in a real browser: from the form through a mail server to the link in the mail and the button behind it.
//!
//! `GROUNDSWELL_TEST_CHROMIUM` names the browser; without it there is nothing to click with.

use crate::form_browser::foreign_page;
use crate::intake::{double_opt_in, form};
use crate::mail::{only, with_sink};
use groundswell_tests::{Backend, Chromium};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visitor_signs_up_and_follows_the_link_in_the_mail() {
    let Some(mut page) = Chromium::start(360).await else {
        return;
    };
    let (server, sink) = with_sink(Backend::Sqlite).await;
    let ada = server.register("Ada").await;
    let form = form(&ada, double_opt_in()).await;
    page.open(&server.url(&format!("/f/{form}"))).await;
    let fill = "document.querySelector('[name=email]').value = 'grace@navy.example'; \
        for (const box of document.querySelectorAll('[type=checkbox]')) box.checked = true; \
        document.querySelector('button[type=submit]').focus()";
    page.eval(fill).await;
    page.press("Enter").await;
    page.until("document.body.innerText.includes('Thank you')").await;
    server.drain().await;

    // As a mail program shows it: the part that was sent, in a page of elsewhere.
    let mail = only(&sink, "grace@navy.example");
    assert_eq!(mail.header("subject"), Some("Please confirm your mail address"));
    let mailbox = foreign_page(&server, mail.part("text/html").unwrap()).await;
    page.open(&mailbox).await;
    let link = "document.querySelector('a[href*=\"/f/confirm/\"]')";
    page.eval(&format!("{link}.focus()")).await;
    page.press("Enter").await;
    page.until("document.body.innerText.includes('grace@navy.example')")
        .await;
    let found = ada.get_list("/api/leads?q=grace@navy.example").await;
    let lead = found["data"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/leads/{lead}/consents?current=true&purpose=marketing");
    let decision = async || ada.get_list(&path).await["data"][0]["decision"].clone();
    assert_eq!(
        decision().await,
        "pending",
        "programs that look at links agree to nothing"
    );
    page.eval("document.querySelector('button[type=submit]').focus()")
        .await;
    page.press("Enter").await;
    page.until("document.body.innerText.includes('it is confirmed')")
        .await;
    page.picture("double-opt-in-confirmed").await;
    assert_eq!(decision().await, "granted");
    server.stop().await;
}

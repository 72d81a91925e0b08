use std::io::Write as _;
use std::thread;
use std::time::Duration;

use serde_json::json;
use sternway_core::check::{Check, CheckAnswer, HttpCheck, Question, Text};
use sternway_core::ids::ServiceName;
use sternway_core::time::Millis;
use sternway_core::verdict::Verdict::{Fail, Pass, Unknown};
use sternway_probe::{Prober, Secrets, Subject};

use crate::server::{Server, closed_port, respond};
use crate::{ask, ask_within, assert_answer, check, get, subject};

fn http(question: HttpCheck, subject: &Subject) -> CheckAnswer {
    ask(Question::Http(Box::new(question)), subject)
}

/// Holds a connection open until the client has gone: without that the end of the stream would be an answer.
fn hang(stream: &std::net::TcpStream) {
    let _ = std::io::copy(&mut &*stream, &mut std::io::sink());
}

fn fixed(status: u16, headers: &'static str, body: &'static str) -> Server {
    Server::start(move |_, stream| respond(stream, status, headers, body))
}

#[test]
fn the_status_is_judged() {
    let (ok, broken) = (fixed(204, "", ""), fixed(500, "", "oops"));
    assert_answer(&http(get("/up"), &subject(&ok.url())), Pass, "status 204");
    assert_answer(&http(get("/up"), &subject(&broken.url())), Fail, "status 500, expected 2xx");
    let either = HttpCheck { status: vec![200, 500], ..get("/up") };
    assert_answer(&http(either, &subject(&broken.url())), Pass, "status 500");
}

#[test]
fn the_body_is_judged_without_being_shown() {
    let server = fixed(200, "", r#"{"hello": "Jane", "items": [{"n": 1}]}"#);
    let subject = subject(&server.url());
    let with = |change: &dyn Fn(&mut HttpCheck)| {
        let mut question = get("/");
        change(&mut question);
        http(question, &subject)
    };
    assert_answer(&with(&|q| q.contains = vec!["hello".into()]), Pass, "status 200");
    assert_answer(&with(&|q| q.contains = vec!["Welcome".into()]), Fail, r#"body lacks "Welcome""#);
    assert_answer(&with(&|q| q.lacks = vec!["hello".into()]), Fail, r#"body contains "hello""#);
    assert_answer(&with(&|q| q.json_path = [("items.0.n".into(), json!(1))].into()), Pass, "status 200");
    assert_answer(
        &with(&|q| q.json_path = [("/hello".into(), json!("John"))].into()),
        Fail,
        r#"/hello is another text, expected "John""#,
    );
}

#[test]
fn json_is_asked_of_json_only() {
    let server = fixed(200, "", "<html>");
    let question = HttpCheck { json_path: [("/a".into(), json!(1))].into(), ..get("/") };
    assert_answer(&http(question, &subject(&server.url())), Fail, "body is not JSON");
}

#[test]
fn method_headers_form_and_secrets_are_sent() {
    let server = fixed(200, "", "");
    let question = HttpCheck {
        method: "POST".into(),
        headers: [("x-key".into(), Text::Secret("KEY".into())), ("cookie".into(), Text::Plain("a=1".into()))].into(),
        form: [("user".into(), Text::Plain("a b&c".into())), ("password".into(), Text::Secret("KEY".into()))].into(),
        ..get("/login?x=1")
    };
    let subject = Subject {
        secrets: [("KEY", "s3cret/")].into_iter().collect(),
        headers: [("cookie".to_owned(), "sternway=candidate".to_owned())].into(),
        ..subject(&server.url())
    };
    assert_answer(&http(question, &subject), Pass, "status 200");
    let request = server.requests.recv().unwrap();
    assert!(request.starts_with("POST /login?x=1 HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("\r\nx-key: s3cret/\r\n"), "{request}");
    assert!(request.contains("\r\ncookie: a=1; sternway=candidate\r\n"), "{request}");
    assert!(request.contains("\r\ncontent-type: application/x-www-form-urlencoded\r\n"), "{request}");
    assert!(request.ends_with("\r\n\r\npassword=s3cret%2F&user=a+b%26c"), "{request}");
}

#[test]
fn json_and_plain_bodies_are_sent() {
    let server = fixed(200, "", "");
    let subject = subject(&server.url());
    http(HttpCheck { method: "PUT".into(), json: Some(json!({"a": 1})), ..get("/") }, &subject);
    let request = server.requests.recv().unwrap();
    assert!(request.contains("application/json") && request.ends_with(r#"{"a":1}"#), "{request}");
    http(HttpCheck { method: "PUT".into(), body: Some(Text::Plain("raw".into())), ..get("/") }, &subject);
    assert!(server.requests.recv().unwrap().ends_with("\r\n\r\nraw"));
}

#[test]
fn the_route_or_the_named_service_chooses_the_instance() {
    let (web, component) = (fixed(200, "", "web"), fixed(200, "", "component"));
    let service = |name: &str| ServiceName::new(name).unwrap();
    let subject = Subject {
        base_urls: [(service("web"), web.url()), (service("component"), component.url())].into(),
        routes: [("/".to_owned(), service("web")), ("/component".to_owned(), service("component"))].into(),
        ..Subject::default()
    };
    let routed = HttpCheck { contains: vec!["component".into()], ..get("/component/up") };
    assert_answer(&http(routed, &subject), Pass, "status 200");
    let question = HttpCheck { contains: vec!["component".into()], ..get("/up") };
    let named = Check { service: Some(service("component")), ..check(Question::Http(Box::new(question))) };
    assert_answer(&Prober::new().unwrap().evaluate(&named, &subject), Pass, "status 200");
}

#[test]
fn an_absolute_url_is_asked_as_it_is_and_without_the_canarys_cookie() {
    let server = fixed(200, "", "");
    let subject = Subject {
        headers: [("cookie".to_owned(), "sternway=candidate".to_owned())].into(),
        ..subject("http://127.0.0.1:9")
    };
    assert_answer(&http(get(&format!("{}/x", server.url())), &subject), Pass, "status 200");
    assert!(!server.requests.recv().unwrap().contains("cookie"));
}

#[test]
fn a_redirect_is_judged_itself_unless_it_is_followed() {
    let server = Server::start(|request, stream| {
        if request.starts_with("POST /login") {
            respond(stream, 302, "location: /me?token=abc\r\nset-cookie: session=7; Path=/; HttpOnly\r\n", "");
        } else {
            respond(stream, 200, "", "me");
        }
    });
    let login =
        HttpCheck { method: "POST".into(), form: [("a".into(), Text::Plain("b".into()))].into(), ..get("/login") };
    let seen = "status 302 to /me, expected 2xx";
    assert_answer(&http(login.clone(), &subject(&server.url())), Fail, seen);
    server.requests.recv().unwrap();

    let followed = HttpCheck { follow: true, contains: vec!["me".into()], ..login };
    assert_answer(&http(followed, &subject(&server.url())), Pass, "status 200");
    server.requests.recv().unwrap();
    let second = server.requests.recv().unwrap();
    assert!(second.starts_with("GET /me?token=abc ") && second.contains("cookie: session=7\r\n"), "{second}");
}

#[test]
fn a_redirect_loop_ends() {
    let server = fixed(302, "location: /again\r\n", "");
    let question = HttpCheck { follow: true, ..get("/") };
    assert_answer(&http(question, &subject(&server.url())), Fail, "more than 10 redirects");
}

#[test]
fn nothing_of_the_request_goes_to_another_origin() {
    let stranger = fixed(200, "", "");
    let target = stranger.url();
    let server = Server::start(move |_, stream| respond(stream, 307, &format!("location: {target}/\r\n"), ""));
    let question =
        HttpCheck { follow: true, headers: [("x-key".into(), Text::Secret("KEY".into()))].into(), ..get("/") };
    let subject = Subject { secrets: [("KEY", "s3cret")].into_iter().collect(), ..subject(&server.url()) };
    assert_answer(&http(question.clone(), &subject), Pass, "status 200");
    assert!(!stranger.requests.recv().unwrap().contains("s3cret"));

    let question = HttpCheck { method: "POST".into(), body: Some(Text::Secret("KEY".into())), ..question };
    assert_eq!(http(question, &subject).verdict, Fail);
    assert!(stranger.requests.try_recv().is_err());
}

#[test]
fn refused_hanging_and_dripping_are_failures() {
    let closed = subject(&format!("http://{}", closed_port()));
    assert_answer(&http(get("/"), &closed), Fail, "connection refused");

    let hanging = Server::start(|_, stream| hang(stream));
    let question = || Question::Http(Box::new(get("/")));
    assert_answer(&ask_within(300, question(), &subject(&hanging.url())), Fail, "no answer within 300 ms");

    // Each byte comes well within the time; only the whole does not.
    let dripping = Server::start(|_, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        while stream.write_all(b".").is_ok() {
            thread::sleep(Duration::from_millis(20));
        }
    });
    assert_answer(&ask_within(300, question(), &subject(&dripping.url())), Fail, "no answer within 300 ms");
}

#[test]
fn a_body_that_breaks_off_is_a_failure() {
    let server = Server::start(|_, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf");
    });
    let answer = http(get("/"), &subject(&server.url()));
    assert_eq!(answer.verdict, Fail);
    assert!(answer.seen.starts_with("status 200, then the body broke off"), "{}", answer.seen);
}

#[test]
fn of_an_endless_body_the_first_two_mebibytes_are_looked_at() {
    let server = Server::start(|_, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\nstart");
        while stream.write_all(&vec![b'x'; 65536]).is_ok() {}
    });
    let subject = subject(&server.url());
    let question = |contains: &str| HttpCheck { contains: vec![contains.into()], ..get("/") };
    assert_answer(&http(question("start"), &subject), Pass, "status 200");
    assert_answer(&http(question("end"), &subject), Fail, r#"body lacks "end" in its first 2 MiB"#);
    // What lies beyond was not seen: that it lacks something is not known.
    assert_eq!(http(HttpCheck { lacks: vec!["end".into()], ..get("/") }, &subject).verdict, Unknown);
}

#[test]
fn slower_than_allowed_is_a_failure() {
    let server = Server::start(|_, stream| {
        thread::sleep(Duration::from_millis(30));
        respond(stream, 200, "", "");
    });
    let slow = Check { latency: Some(Millis(5)), ..check(Question::Http(Box::new(get("/")))) };
    let answer = Prober::new().unwrap().evaluate(&slow, &subject(&server.url()));
    assert_eq!(answer.verdict, Fail);
    assert!(answer.seen.ends_with("allowed 5 ms"), "{}", answer.seen);
}

#[test]
fn what_keeps_us_from_asking_is_unknown() {
    let here = subject("http://127.0.0.1:9");
    let secret = HttpCheck { body: Some(Text::Secret("KEY".into())), ..get("/") };
    assert_answer(&http(secret, &here), Unknown, "secret KEY has no value in this release");
    for url in ["nonsense", "ftp://127.0.0.1/", "http://"] {
        assert_eq!(http(get(url), &here).verdict, Unknown, "{url}");
    }
    assert_eq!(http(get("http://name.invalid/"), &here).verdict, Unknown);
    assert_eq!(http(get("/"), &subject("")).verdict, Unknown);
}

#[test]
fn a_secret_that_comes_back_is_not_shown() {
    let server = fixed(302, "location: /login/s3cret%2Fpw\r\n", "");
    let secrets: Secrets = [("KEY", "s3cret/pw")].into_iter().collect();
    let subject = Subject { secrets, ..subject(&server.url()) };
    assert_answer(&http(get("/"), &subject), Fail, "status 302 to /login/[secret], expected 2xx");
}

#[test]
fn a_server_that_does_not_speak_tls_fails_https() {
    let server = fixed(200, "", "");
    let answer = http(get(&server.url().replace("http:", "https:")), &subject(""));
    assert_eq!(answer.verdict, Fail, "{}", answer.seen);
}

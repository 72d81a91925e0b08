use super::{COMPLETE, render};
use crate::project::parse;

/// What is refused in a file that is right but for one thing: the line that differs, and what is said about it.
fn refusals(edits: &[(&str, &str)]) -> String {
    let refusal = |(from, to): &(&str, &str)| {
        assert!(COMPLETE.contains(from), "the complete file has no {from:?}");
        let text = COMPLETE.replacen(from, to, 1);
        let said = match parse(&text, "sternway.toml") {
            Ok(_) => panic!("{to:?} is accepted"),
            Err(problems) => render(&text, &problems),
        };
        format!("{to}\n{said}\n")
    };
    edits.iter().map(refusal).collect()
}

fn refused(text: &str) -> String {
    match parse(text, "sternway.toml") {
        Ok(_) => panic!("accepted"),
        Err(problems) => render(text, &problems),
    }
}

#[test]
fn what_is_not_toml() {
    let texts = [
        "[project\nname = \"shop\"",
        "name = \"shop",
        "a = 1\na = 2",
        "[a]\nb = \n[c]\nd = 1 2\n",
        "\u{0}",
        "a = {b = 1,, c = 2}",
    ];
    let all: Vec<String> = texts.iter().map(|text| format!("{text:?}\n{}", refused(text))).collect();
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn what_is_empty() {
    insta::assert_snapshot!(format!(
        "{}\n{}",
        refused(""),
        refused("[project]\n[services]\n[environments]\n[checks]\nname = \"a\"")
    ));
}

#[test]
fn unknown_keys() {
    insta::assert_snapshot!(refusals(&[
        ("build = \"composer", "biuld = \"composer"),
        ("keep = 9", "bakes = \"1m\""),
        ("[[checks]]\nname = \"login\"", "[[check]]\nname = \"login\""),
        ("smoke = true", "smok = true"),
        ("form = { user", "froms = { user"),
        ("keep = 9", "\"a key\" = 9"),
        ("[project]", "[project]\nfrobnicate = 1"),
    ]));
}

#[test]
fn keys_of_later_versions() {
    insta::assert_snapshot!(refusals(&[
        ("keep = 9", "backup_upstream = \"127.0.0.1:9090\""),
        ("port = 8200", "port = 8200\nruntime = { php = \"8.2\" }\nmigrate = { command = \"x\" }"),
        ("[[checks]]", "[data.main]\npostgres = {}\n[[checks]]"),
        ("target = { host = \"local\" }", "target = { ssh = [\"a\"] }"),
        ("target = { host = \"local\" }", "target = { host = \"web1\" }"),
        ("\"dotenv:config/production.env\"", "\"vault:secret/shop\""),
    ]));
}

#[test]
fn agreements_that_cannot_be_meant() {
    insta::assert_snapshot!(refusals(&[
        ("must_agree = [\"web:SESSION_DSN\"", "must_agree = [\"wbe:SESSION_DSN\""),
        ("must_agree = [\"web:SESSION_DSN\"", "must_agree = [\"SESSION_DSN\""),
        ("must_agree = [\"web:SESSION_DSN\", \"component:SESSION_REDIS\"]", "must_agree = [\"web:SESSION_DSN\"]"),
        ("environments = [\"production\"]", "environments = [\"prodution\"]"),
        ("on = [\"store\"", "on = [\"stor\""),
        ("name = \"own databases\"", "name = \"session store\""),
        ("session = [\"web\", \"component\"]", "session = [\"web\"]"),
        ("may_differ = [\"web:APP_DEBUG\"]", "may_differ = [\"web:APP_DEBUG\"]\nmust_differ = [\"web:APP_DEBUG\"]"),
        ("\"php-ini:web/php.ini\"", "\"php-iny:web/php.ini\""),
        ("\"dotenv:config/production.env\"", "\"yaml:config/production.yml\""),
    ]));
}

#[test]
fn wrong_types() {
    insta::assert_snapshot!(refusals(&[
        ("bake = \"1.5h\"", "bake = 120"),
        ("port = 8200", "port = \"8200\""),
        ("keep = 9", "keep = true"),
        ("overlap = false", "overlap = \"no\""),
        ("monitor = false", "monitor = true"),
        ("login = [\"/login\", \"/admin/login\"]", "login = \"/login\""),
        ("steps = [5, 25, 100]", "steps = [5, \"25\", 100]"),
        ("[[checks]]\nname = \"login\"", "[checks]\nname = \"login\"\n[[other]]"),
        ("component = { APP_ENV = \"production\" }", "component = { APP_KEY = 4711 }"),
        ("secret = \"PROBE_PASSWORD\"", "secret = 1"),
        ("run = \"exec php mailer.php\"", "run = [\"php\", \"mailer.php\"]"),
        ("name = \"shop\"", "name = 1979-05-27"),
    ]));
}

#[test]
fn values_that_cannot_be_meant() {
    insta::assert_snapshot!(refusals(&[
        ("bake = \"1.5h\"", "bake = \"2 minutes\""),
        ("bake = \"1.5h\"", "bake = \"90\""),
        ("bake = \"1.5h\"", "bake = \"9999h\""),
        ("timeout = \"2s\"", "timeout = \"0s\""),
        ("keep = 9", "keep = 0"),
        ("alpha = 0.01", "alpha = 0.5"),
        ("alpha = 0.01", "alpha = nan"),
        ("port = 8200", "port = 70000"),
        ("kind = \"worker\"", "kind = \"wroker\""),
        ("on_unknown = \"hold\"", "on_unknown = \"rollback\""),
        ("ready = \"http:/up\"", "ready = \"http://127.0.0.1/up\""),
        ("ready = \"http:/up\"", "ready = \"exec:./up\""),
        ("run = \"exec php mailer.php\"", "run = \"\""),
        ("listen = \"0.0.0.0:8080\"", "listen = \":8080\""),
        ("listen = \"0.0.0.0:8080\"", "listen = \"localhost:8080\""),
        ("listen = \"0.0.0.0:8080\"", "listen = \"8080\""),
        ("listen = \"0.0.0.0:8080\"", "listen = \"0.0.0.0:0\""),
        ("adopt = \"127.0.0.1:8000\"", "adopt = \"http://127.0.0.1:8000\""),
        ("tcp = \"127.0.0.1:25\"", "tcp = \"25\""),
        ("status = 200", "status = 2000"),
        ("method = \"POST\", url = \"/login\"", "method = \"post\", url = \"/login\""),
        ("url = \"/login\"", "url = \"login\""),
        ("Accept = ", "\"Accept it\" = "),
        ("login = [\"/login\", ", "login = [\"login\", "),
        ("\"/component\" = \"component\", \"api", "\"component\" = \"component\", \"api"),
        ("\"/component\" = \"component\", \"api", "\"https://shop/c\" = \"component\", \"api"),
        ("{ APP_ENV = \"production\" }]", "{ APP-ENV = \"production\", PORT = \"1\" }]"),
        ("\"dotenv:config/production.env\"", "\"config/production.env\""),
        ("\"dotenv:config/production.env\"", "\"dotenv:\""),
    ]));
}

#[test]
fn names_that_are_none() {
    insta::assert_snapshot!(refusals(&[
        ("name = \"shop\"", "name = \"My Shop\""),
        ("[services.mailer]", "[services.Mailer]"),
        ("[environments.staging]", "[environments.\"../staging\"]"),
        ("name = \"login\"", "name = \"\""),
        ("name = \"login\"", "name = \"a\\nb\""),
    ]));
}

#[test]
fn names_of_nothing() {
    insta::assert_snapshot!(refusals(&[
        ("\"/\" = \"web\", \"/component\"", "\"/\" = \"wbe\", \"/component\""),
        ("\nweb = [\"dotenv", "\nwebb = [\"dotenv"),
        ("service = \"web\"", "service = \"shopfront\""),
    ]));
}

#[test]
fn paths_that_lead_outside() {
    insta::assert_snapshot!(refusals(&[
        ("path = \"web\"", "path = \"../web\""),
        ("path = \"web\"", "path = \"/srv/web\""),
        ("path = \"web\"", "path = \"web/../../etc\""),
        ("path = \"web\"", "path = \"\""),
        ("shared = [\"storage/uploads\"]", "shared = [\"ok\", \"../uploads\"]"),
        ("shared = [\"storage/uploads\"]", "shared = [\"./\"]"),
        ("shared = [\"storage/uploads\"]", "shared = [\"storage\", \"storage/uploads/\"]"),
    ]));
}

#[test]
fn things_that_cannot_both_be() {
    insta::assert_snapshot!(refusals(&[
        ("overlap = false\n", ""),
        ("kind = \"worker\"\n", "kind = \"worker\"\nundo = \"x\"\n"),
        ("kind = \"job\"\n", "kind = \"job\"\nready = \"tcp\"\nport = 80\noverlap = false\n"),
        ("ready = \"alive:2s\"", "ready = \"alive:2s\"\nready_within = \"1s\""),
        ("\"/component\" = \"component\", \"api", "\"/mail\" = \"mailer\", \"/tables\" = \"tables\", \"api"),
        ("\"/component\" = \"component\", \"api", "\"/c\" = \"component\", \"/c/\" = \"component\", \"api"),
        ("plain = [\"KEY_PATTERN\"]", "plain = [\"KEY_PATTERN\", \"LICENCE\"]"),
        ("steps = [5, 25, 100]", "steps = [25, 5, 5, 100]"),
        ("steps = [5, 25, 100]", "steps = [5, 25]"),
        ("adopt = \"127.0.0.1:8000\"", "adopt = \"0.0.0.0:8080\""),
        ("name = \"api post\"", "name = \"login\""),
        ("body = { secret = \"HOOK_BODY\" }", "body = \"x\", json = 1"),
        ("tcp = \"127.0.0.1:25\"", "tcp = \"127.0.0.1:25\"\ncommand = \"true\""),
        ("tcp = \"127.0.0.1:25\"", "timeout = \"1s\""),
        ("tcp = \"\"\nservice = \"component\"", "tcp = \"\""),
        ("service = \"web\"", "service = \"tables\""),
    ]));
}

#[test]
fn addresses_that_collide() {
    insta::assert_snapshot!(refusals(&[
        ("listen = \"127.0.0.1:8081\"", "listen = \"127.0.0.1:8080\""),
        ("metrics = \"127.0.0.1:9100\"", "metrics = \"127.0.0.1:8080\""),
        ("port = 8200", "port = 8081"),
    ]));
}

#[test]
fn what_must_be_there() {
    insta::assert_snapshot!(refusals(&[
        ("name = \"shop\"\n", ""),
        ("run = \"exec php mailer.php\"\n", ""),
        ("listen = \"127.0.0.1:8081\"\n", ""),
        ("routes = { \"/\" = \"web\", \"/component\" = \"component\" }\n", ""),
        ("name = \"login\"\n", ""),
        ("http.url = \"/component/items\"\n", ""),
    ]));
}

/// One run names everything, in the order of the file, and a wrong kind does not raise ghosts elsewhere.
#[test]
fn several_at_once() {
    let text = r#"[project]
nam = "shop"

[services.web]
path = "../web"
kind = "wbe"

[services.component]
run = 1

[environments.production]
listne = "0.0.0.0:8080"
bake = 5
routes = { "/" = "web", "/x" = "componnent" }
config.component = { KEY = "hunter2", "A B" = "hunter2" }

[[checks]]
name = "a"
htttp = {}
"#;
    let said = refused(text);
    assert!(!said.replace("token: KEY = ", "").contains("hunter2"));
    insta::assert_snapshot!(said);
}

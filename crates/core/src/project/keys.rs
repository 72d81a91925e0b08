//! Every key of sternway.toml: its name, type, default and meaning. To add a key, add it here and read it in the module of its table.

use super::formats::{
    ADDRESS, ADDRESS_OR_OWN, ANY, CHECK_URL, CONFIG_KEY, CONFIG_SOURCE, DURATION, HEADER, HOST, INSIDE, LISTEN, METHOD,
    NAME, READ_SOURCE, READY, ROUTE, SHARED, SOME, SPAN, TITLE, URL_PATH, VALUE_REF,
};
use super::shape::{Default, Key, Kind, Table};

/// The file.
pub(super) static ROOT: Table = Table {
    doc: "What can be deployed, where to, and how a release is told good from bad.",
    keys: &[
        Key::new("project", Kind::Table(&PROJECT), "The project itself.").required(),
        Key::new("services", Kind::Map(&NAME, &Kind::Table(&SERVICE), 1), "What can be deployed, by name.").required(),
        Key::new("environments", Kind::Map(&NAME, &Kind::Table(&ENVIRONMENT), 1), "Where to, by name.").required(),
        Key::new(
            "checks",
            Kind::List(&Kind::Table(&CHECK), 0),
            "Questions that a good release answers: asked of the candidate before it has traffic, and again during the bake.",
        ),
        Key::new(
            "agreements",
            Kind::List(&Kind::Table(&AGREEMENT), 0),
            "Values that must be the same, must differ, or may differ, across services and environments.",
        ),
    ],
    later: &["data"],
    instead: "",
    exactly_one: &[],
    at_most_one: &[],
};

pub(super) static PROJECT: Table = Table {
    doc: "The project itself.",
    keys: &[
        Key::new("name", Kind::Text(&NAME), "The project's name; also that of its state folder.").required(),
        Key::new(
            "baseline",
            Kind::Text(&INSIDE),
            "File with the findings of one day, which block nothing since: written by `check --write-baseline`, used by check, plan, ship and the watch.",
        ),
    ],
    later: &[],
    instead: "",
    exactly_one: &[],
    at_most_one: &[],
};

/// `[services.X]`
pub(super) static SERVICE: Table = Table {
    doc: "A service: what a release of it contains and how it is run.",
    keys: &[
        Key::new("path", Kind::Text(&INSIDE), "The service's folder, relative to sternway.toml: what a release of it contains.")
            .default(Default::Text(".")),
        Key::new("build", Kind::Text(&SOME), "Shell command that is run in a clean copy of the folder before it is sealed."),
        Key::new("build_within", Kind::Text(&SPAN), "How long the build may take.").default(Default::Text("10m")),
        Key::new("exclude", Kind::List(&Kind::Text(&SOME), 0), "Patterns (gitignore syntax) that are left out, beside those in .sternwayignore. .gitignore is not read.")
            .default(Default::Texts(&[])),
        Key::new("kind", Kind::OneOf(&["web", "worker", "job"]), "web answers requests; worker runs in the background and changes over at the shift; job runs once to its end before the candidate starts.")
            .default(Default::Text("web")),
        Key::new("run", Kind::Text(&SOME), "Shell command that runs the service in its folder. A web service listens on 127.0.0.1:$PORT.")
            .required(),
        Key::new("undo", Kind::Text(&SOME), "For a job: the shell command that takes back what it did."),
        Key::new("ready", Kind::Text(&READY), "When the service counts as ready: \"http:/up\" (that path answers 200 to 399), \"tcp\" (its port accepts) or \"alive:5s\" (it is still there after 5 s). By default \"tcp\" for web and \"alive:1s\" for worker."),
        Key::new("ready_within", Kind::Text(&SPAN), "How long it may take to get ready; for a job: to end. By default \"30s\", for a job \"10m\"."),
        Key::new("grace", Kind::Text(&DURATION), "How long it may take to stop after SIGTERM before its whole process group is killed.")
            .default(Default::Text("10s")),
        Key::new("overlap", Kind::Bool, "Whether two releases of it can run side by side. When not, requests are held for the moment of the switch.")
            .default(Default::Bool(true)),
        Key::new("port", Kind::Whole(1, 65535), "A fixed port, for a service that cannot take $PORT; needs overlap = false."),
        Key::new("shared", Kind::List(&Kind::Text(&SHARED), 0), "Paths within the folder that live outside releases, such as uploads. With an extension it is a file, otherwise, or with a / at its end, a folder.")
            .default(Default::Texts(&[])),
        Key::new("connections", Kind::Map(&SOME, &Kind::Text(&SOME), 0), "Which client reads a connection string, by key, where it cannot be told from key and value: SESSION_DSN = \"phpredis\"."),
        Key::new("secret", Kind::List(&Kind::Text(&SOME), 0), "Keys whose values are secrets, where neither name nor value says so.")
            .default(Default::Texts(&[])),
        Key::new("plain", Kind::List(&Kind::Text(&SOME), 0), "Keys whose values are no secrets, although name or value looks like it.")
            .default(Default::Texts(&[])),
    ],
    later: &["migrate", "runtime"],
    instead: "",
    exactly_one: &[],
    at_most_one: &[],
};

/// `[environments.X]`
pub(super) static ENVIRONMENT: Table = Table {
    doc: "An environment: a named place with its own configuration and protection.",
    keys: &[
        Key::new("protected", Kind::Bool, "Whether it is production-like. By default true for an environment named production or prod."),
        Key::new("target", Kind::Table(&TARGET), "Where it runs. By default on this machine."),
        Key::new("listen", Kind::Text(&LISTEN), "Where the proxy listens, IP address and port. Required when there is a web service."),
        Key::new("routes", Kind::Map(&ROUTE, &Kind::Text(&NAME), 0), "Path prefix (\"/component\") or host and path prefix (\"shop.example/api\") to service. By default \"/\" is the web service, when there is only one."),
        Key::new("login", Kind::List(&Kind::Text(&URL_PATH), 0), "Paths of the login pages: a redirect to one of them counts as an error of a release, because that is how lost sessions show.")
            .default(Default::Texts(&["/login"])),
        Key::new("steps", Kind::List(&Kind::Whole(1, 100), 1), "Percent of traffic at each step, ending with 100.")
            .default(Default::Wholes(&[10, 100])),
        Key::new("verify", Kind::Text(&SPAN), "How long each step below 100 is watched.").default(Default::Text("30s")),
        Key::new("bake", Kind::Text(&DURATION), "How long the new release is watched at 100% while the old one stays warm.")
            .default(Default::Text("2m")),
        Key::new("drain", Kind::Text(&DURATION), "How long open requests and connections of the old release may go on.")
            .default(Default::Text("30s")),
        Key::new("alpha", Kind::Fraction(0.0, 0.1), "The chance of rolling a good release back, over a whole rollout.")
            .default(Default::Fraction(0.001)),
        Key::new("slow_floor", Kind::Text(&DURATION), "A response faster than this never counts as slow.")
            .default(Default::Text("100ms")),
        Key::new("on_unknown", Kind::OneOf(&["roll_back", "hold"]), "What follows when the bake is over and it is still unknown whether the release is good.")
            .default(Default::Text("roll_back")),
        Key::new("adopt", Kind::Text(&ADDRESS), "host:port of what serves today, so that the first release has a way back."),
        Key::new("approvals", Kind::Whole(0, 100), "How many approvals a plan needs before it starts.").default(Default::Whole(0)),
        Key::new("keep", Kind::Whole(1, 10_000), "How many releases are kept at least, beside every one that can be a way back.")
            .default(Default::Whole(5)),
        Key::new(
            "watch",
            Kind::Either(&[Kind::Text(&SPAN), Kind::False]),
            "How often `serve` looks whether what runs is still consistent; false: never. By default \"10m\" for a protected environment, else never.",
        ),
        Key::new("facts", Kind::Text(&INSIDE), "A file of facts (`sternway facts export ENV`): what tells of this environment's configuration, without its values, where the sources cannot be read."),
        Key::new("metrics", Kind::Text(&LISTEN), "Address of the Prometheus endpoint, if one is wanted."),
        Key::new("config", Kind::Map(&NAME, &CONFIG, 0), "Configuration of each service: sources in order, later ones win. It reaches the service as environment variables."),
        Key::new("reads", Kind::Map(&NAME, &READS, 0), "Files that a service reads by itself, in order, later ones win: compared and proven like `config`, but never given to the process."),
    ],
    later: &["backup_upstream"],
    instead: "",
    exactly_one: &[],
    at_most_one: &[],
};

static CONFIG: Kind = Kind::Either(&[
    Kind::List(&Kind::Either(&[Kind::Text(&CONFIG_SOURCE), Kind::Map(&CONFIG_KEY, &Kind::Text(&ANY), 0)]), 0),
    Kind::Map(&CONFIG_KEY, &Kind::Text(&ANY), 0),
]);

static READS: Kind = Kind::Either(&[Kind::Text(&READ_SOURCE), Kind::List(&Kind::Text(&READ_SOURCE), 0)]);

/// `[[agreements]]`
pub(super) static AGREEMENT: Table = Table {
    doc: "What values must have in common, or must not.",
    keys: &[
        Key::new("name", Kind::Text(&TITLE), "Its name, unique.").required(),
        Key::new("must_agree", VALUES, "These values agree within each environment."),
        Key::new("must_differ", VALUES, "Each of these values differs between environments."),
        Key::new("may_differ", VALUES, "These values may differ: nothing is reported of them."),
        Key::new(
            "session",
            Kind::List(&Kind::Text(&NAME), 2),
            "These services share their users' sessions: store, namespace, cookie, serializer and protection key agree.",
        ),
        Key::new(
            "on",
            Kind::List(&Kind::OneOf(&["store", "namespace", "credential", "tls", "value"]), 1),
            "What is compared. By default store, namespace and TLS of a connection string, else the whole value.",
        ),
        Key::new("environments", Kind::List(&Kind::Text(&NAME), 1), "Where it holds. By default everywhere."),
        Key::new("reason", Kind::Text(&SOME), "Why, for whoever breaks it."),
    ],
    later: &[],
    instead: "",
    exactly_one: &[&["must_agree", "must_differ", "may_differ", "session"]],
    at_most_one: &[],
};

static VALUES: Kind = Kind::List(&Kind::Text(&VALUE_REF), 1);

static TARGET: Table = Table {
    doc: "Where an environment runs. This version deploys to the machine that it runs on.",
    keys: &[Key::new("host", Kind::Text(&HOST), "\"local\": this machine, through its agent.").required()],
    later: &["ssh", "docker", "swarm", "kubernetes", "exec"],
    instead: "this version deploys to the machine that it runs on: { host = \"local\" }",
    exactly_one: &[],
    at_most_one: &[],
};

/// `[[checks]]`
pub(super) static CHECK: Table = Table {
    doc: "A check: one question that a good release answers.",
    keys: &[
        Key::new("name", Kind::Text(&TITLE), "Its name, unique.").required(),
        Key::new("http", Kind::Table(&HTTP), "An HTTP request and what its answer must be."),
        Key::new(
            "tcp",
            Kind::Text(&ADDRESS_OR_OWN),
            "host:port that must accept a connection; \"\" is the candidate's own port.",
        ),
        Key::new(
            "command",
            Kind::Text(&SOME),
            "A shell command that must exit 0; STERNWAY_URL says where the release is, STERNWAY_URL_WEB where its service web is.",
        ),
        Key::new(
            "service",
            Kind::Text(&NAME),
            "Whose instance is asked before it has traffic. By default the one that the route names.",
        ),
        Key::new("smoke", Kind::Bool, "Ask the candidate before it has traffic.").default(Default::Bool(true)),
        Key::new(
            "monitor",
            Kind::Either(&[Kind::Text(&SPAN), Kind::False]),
            "Ask again during the bake, this often; false: do not.",
        )
        .default(Default::Text("5s")),
        Key::new("timeout", Kind::Text(&SPAN), "No answer within this time is a failure.").default(Default::Text("5s")),
        Key::new("latency", Kind::Text(&SPAN), "An answer slower than this is a failure."),
    ],
    later: &[],
    instead: "",
    exactly_one: &[&["http", "tcp", "command"]],
    at_most_one: &[],
};

/// A text or `{ secret = "KEY" }`.
static TEXT: Kind = Kind::Either(&[Kind::Text(&ANY), Kind::Table(&SECRET)]);

/// `{ secret = "KEY" }`
pub(super) static SECRET: Table = Table {
    doc: "A value that is never written down here.",
    keys: &[Key::new(
        "secret",
        Kind::Text(&CONFIG_KEY),
        "A key of the release's configuration: its value is used and never printed.",
    )
    .required()],
    later: &[],
    instead: "",
    exactly_one: &[],
    at_most_one: &[],
};

static STATUS: Kind = Kind::Whole(100, 599);
static TEXTS: Kind = Kind::Either(&[Kind::Text(&SOME), Kind::List(&Kind::Text(&SOME), 0)]);

/// `http = { ... }`
pub(super) static HTTP: Table = Table {
    doc: "An HTTP request and what its answer must be.",
    keys: &[
        Key::new("method", Kind::Text(&METHOD), "GET, POST, ...").default(Default::Text("GET")),
        Key::new(
            "url",
            Kind::Text(&CHECK_URL),
            "A path (\"/up\"), asked of the candidate or through the proxy; or an absolute URL, asked as it is.",
        )
        .required(),
        Key::new("headers", Kind::Map(&HEADER, &TEXT, 0), "Request headers: text, or { secret = \"KEY\" }."),
        Key::new("form", Kind::Map(&ANY, &TEXT, 0), "A form body: text, or { secret = \"KEY\" }."),
        Key::new("json", Kind::Json, "A JSON body."),
        Key::new("body", TEXT, "A body as it is: text, or { secret = \"KEY\" }."),
        Key::new(
            "status",
            Kind::Either(&[STATUS, Kind::List(&STATUS, 1)]),
            "Statuses that pass. By default 200 to 299.",
        ),
        Key::new("contains", TEXTS, "What the body must contain."),
        Key::new("lacks", TEXTS, "What the body must not contain."),
        Key::new(
            "json_path",
            Kind::Map(&SOME, &Kind::Json, 0),
            "JSON pointer (\"/user/name\") or dotted path (\"user.name\") to the value expected there.",
        ),
        Key::new("follow", Kind::Bool, "Follow redirects; when not, the 3xx itself is judged.")
            .default(Default::Bool(false)),
    ],
    later: &[],
    instead: "",
    exactly_one: &[],
    at_most_one: &[&["form", "json", "body"]],
};

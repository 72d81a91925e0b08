//! The kinds of configuration sources that sternway.toml can name. How each is read is the business of the crate `config`, which has one
//! parser for each name here.

/// What a source's keys are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    /// Names of environment variables: it can be given to a process.
    Variables,
    /// Paths within a document, such as `session.redis.host`: the service reads it by itself.
    Paths,
}

/// Where a source lies: what stands behind its `:`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lies {
    /// A file's path.
    InFile,
    /// A folder's path.
    InFolder,
    /// A shell command, which prints it.
    InOutput,
    /// The name of a process that runs.
    InProcess,
}

/// A kind of source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceKind {
    /// Its name, the part before `:`.
    pub name: &'static str,
    /// What its keys are.
    pub keys: Keys,
    /// Where it lies.
    pub lies: Lies,
    /// What it reads, in a few words.
    pub doc: &'static str,
}

const fn kind(name: &'static str, keys: Keys, doc: &'static str) -> SourceKind {
    SourceKind { name, keys, lies: Lies::InFile, doc }
}

const fn elsewhere(name: &'static str, lies: Lies, doc: &'static str) -> SourceKind {
    SourceKind { name, keys: Keys::Variables, lies, doc }
}

/// All of them. A part of a file is named after `#`: `compose:docker-compose.yml#web`.
pub const SOURCES: &[SourceKind] = &[
    kind("dotenv", Keys::Variables, "a dotenv file, as the common tools share it"),
    kind("dotenv-compose", Keys::Variables, "a dotenv file as Docker Compose reads `env_file`"),
    kind("dotenv-docker", Keys::Variables, "a file as `docker run --env-file` reads it: no quotes, no references"),
    kind("dotenv-node", Keys::Variables, "a dotenv file as the dotenv package of Node.js reads it"),
    kind("dotenv-php", Keys::Variables, "a dotenv file as vlucas/phpdotenv (Laravel) reads it"),
    kind("dotenv-symfony", Keys::Variables, "a dotenv file as symfony/dotenv reads it"),
    kind("dotenv-python", Keys::Variables, "a dotenv file as python-dotenv reads it"),
    kind("dotenv-ruby", Keys::Variables, "a dotenv file as the dotenv gem of Ruby reads it"),
    kind("json", Keys::Paths, "a JSON document"),
    kind("json5", Keys::Paths, "a JSON5 document"),
    kind("yaml", Keys::Paths, "a YAML document, with anchors; after #, the part of it that counts"),
    kind("toml", Keys::Paths, "a TOML document"),
    kind("ini", Keys::Paths, "an INI file: section.key"),
    kind("php-ini", Keys::Paths, "a php.ini or a .user.ini"),
    kind("properties", Keys::Paths, "a Java properties file, with ${...} as Spring reads it"),
    kind("spring", Keys::Paths, "application.yml or .properties as Spring Boot reads it; after #, the active profile"),
    kind("xml", Keys::Paths, "an XML document"),
    kind("web-config", Keys::Paths, "web.config or App.config of .NET: appSettings and connectionStrings"),
    kind("appsettings", Keys::Paths, "appsettings.json of .NET; after #, the environment whose file is laid over it"),
    kind("php", Keys::Paths, "a PHP file: `return [...]`, `define`, `$variables`; what cannot be told is unknown"),
    kind("wp-config", Keys::Paths, "WordPress' wp-config.php: the constants that it defines"),
    kind(
        "nginx",
        Keys::Variables,
        "`fastcgi_param` and `env` of an nginx configuration; after #, a server name or location",
    ),
    kind(
        "apache",
        Keys::Variables,
        "`SetEnv` and `PassEnv` of an Apache configuration or .htaccess; after #, a server name",
    ),
    kind("systemd", Keys::Variables, "a systemd unit with its drop-ins and EnvironmentFile"),
    kind("compose", Keys::Variables, "the environment of a service in a Compose file: FILE#SERVICE"),
    kind("kubernetes", Keys::Variables, "the environment of a container from manifests: FILE#CONTAINER"),
    elsewhere("files", Lies::InFolder, "a folder with one file for each value, as Docker and Kubernetes mount secrets"),
    elsewhere("command", Lies::InOutput, "what a shell command prints: KEY=value lines or a JSON object"),
    elsewhere("process", Lies::InProcess, "the environment of a service's running process, by the service's name"),
    elsewhere("process-pid-file", Lies::InProcess, "the environment of the process whose id stands in a file"),
    elsewhere("process-unit", Lies::InProcess, "the environment of the main process of a systemd unit"),
];

/// The kind with this name.
pub fn source_kind(name: &str) -> Option<&'static SourceKind> {
    SOURCES.iter().find(|kind| kind.name == name)
}

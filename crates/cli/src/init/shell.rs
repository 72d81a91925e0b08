//! Shell commands: what may be prefixed with `exec`, and quoting.

/// The command with `exec`, so that the server itself gets the SIGTERM, where that is certain not to change its meaning.
pub(super) fn exec(command: &str) -> String {
    let command = command.trim();
    let first = command.split_whitespace().next().unwrap_or("");
    let builtin = ["exec", "cd", "export", "set", "if", "for", "while", "source", ".", "eval", "test", "[", "("];
    let compound = command.contains(['&', '|', ';', '<', '>', '`', '\n', '(', ')', '{']);
    if compound || first.contains('=') || builtin.contains(&first) {
        command.to_owned()
    } else {
        format!("exec {command}")
    }
}

/// One word for `sh`.
pub(super) fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':' | '=' | '@' | ',' | '+');
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// A port that the command names outright: `--port 3000`, `-p 3000`, `--bind 0.0.0.0:3000`.
pub(super) fn fixed_port(command: &str) -> Option<u16> {
    let words: Vec<&str> = command.split(|c: char| c.is_whitespace() || c == '=').collect();
    let flags = ["--port", "-p", "-P", "--bind", "-b", "--listen", "-l", "--addr", "--address", "-S"];
    words.windows(2).find_map(|pair| match pair {
        [flag, value] if flags.contains(flag) => value.rsplit(':').next()?.trim_matches(['"', '\'']).parse().ok(),
        _ => None,
    })
}

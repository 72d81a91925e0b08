//! `$(NAME)` in a container's variables (Kubernetes 1.31, `third_party/forked/golang/expansion`).

use crate::formats::text::Builder;
use crate::source::{Piece, Template};

/// What a value of a container is once its references are replaced. `find` says what a name stands for: nothing keeps the reference as
/// it is written.
pub(super) fn expand(text: &str, mut find: impl FnMut(&str) -> Option<Template>) -> Template {
    let mut built = Builder::default();
    let mut rest = text;
    while let Some(dollar) = rest.find('$') {
        built.push_str(&rest[..dollar]);
        let after = &rest[dollar + 1..];
        // A `$(` that is not closed is text, and so is all that follows it.
        let closing = after.strip_prefix('(').map(|inner| inner.find(')'));
        match (after.chars().next(), closing) {
            (Some('$'), _) => {
                built.push('$');
                rest = &after[1..];
            }
            (_, Some(Some(end))) => {
                let name = &after[1..=end];
                match find(name) {
                    Some(value) => built.extend(value),
                    None => built.push_str(&rest[dollar..dollar + end + 3]),
                }
                rest = &after[end + 2..];
            }
            (_, Some(None)) => {
                // No bracket is closed any more: what is left are pairs of `$` at most.
                built.push_str(&after.replace("$$", "$").replacen('(', "$(", 1));
                return built.finish();
            }
            (Some(other), None) => {
                built.push('$');
                built.push(other);
                rest = &after[other.len_utf8()..];
            }
            (None, None) => {
                built.push('$');
                rest = "";
            }
        }
    }
    built.push_str(rest);
    built.finish()
}

/// Whether a value has become so long that no process can be given it.
pub(super) fn length(template: &Template) -> usize {
    let of = |piece: &Piece| if let Piece::Text(text) = piece { text.reveal().len() } else { 0 };
    template.0.iter().map(of).sum()
}

#[cfg(test)]
mod tests {
    use super::expand;
    use crate::source::Template;

    #[test]
    fn references_are_replaced_as_kubernetes_does() {
        // The cases of `expand_test.go`.
        for (text, expected) in [
            ("$(VAR_A)", "A"),
            ("___$(VAR_B)___", "___B___"),
            ("$(VAR_A)_$(VAR_B)", "A_B"),
            ("$$(VAR_A)_$(VAR_B)", "$(VAR_A)_B"),
            ("$$$(VAR_A)", "$A"),
            ("$$$$(VAR_A)", "$$(VAR_A)"),
            ("f000-$$VAR_A", "f000-$VAR_A"),
            ("$VAR_A)", "$VAR_A)"),
            ("$(VAR_A", "$(VAR_A"),
            ("foo$", "foo$"),
            ("$(VAR_DNE)", "$(VAR_DNE)"),
            ("$(VAR_A", "$(VAR_A"),
            ("$$$", "$$"),
            ("$(A$$B", "$(A$B"),
            ("\\$(VAR_A)", "\\A"),
            ("$($(VAR_B))", "$($(VAR_B))"),
            ("$()", "$()"),
        ] {
            let find = |name: &str| match name {
                "VAR_A" => Some(Template::text("A")),
                "VAR_B" => Some(Template::text("B")),
                _ => None,
            };
            assert_eq!(expand(text, find).plain().as_deref(), Some(expected), "{text}");
        }
    }
}

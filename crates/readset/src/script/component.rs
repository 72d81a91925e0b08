//! Single-file components: all but the contents of their `<script>` elements is blanked out, byte for byte, so that places stay.

/// The text with nothing but its scripts.
pub(super) fn only_scripts(text: &str) -> String {
    let mut blanked: Vec<u8> =
        text.bytes().map(|byte| if byte == b'\n' || byte == b'\r' { byte } else { b' ' }).collect();
    let mut rest = 0;
    while let Some(open) = find(text, rest, "<script") {
        let Some(start) = text[open..].find('>').map(|at| open + at + 1) else { break };
        let end = find(text, start, "</script").unwrap_or(text.len());
        blanked[start..end].copy_from_slice(&text.as_bytes()[start..end]);
        rest = end;
    }
    // Only whole pieces of text were kept, so it still is text.
    String::from_utf8(blanked).unwrap_or_default()
}

fn find(text: &str, from: usize, word: &str) -> Option<usize> {
    text.get(from..)?.find(word).map(|at| from + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_stay() {
        let text = "<p>ä</p>\n<script setup>\nconst ü = 1\n</script>\n<style>x</style>";
        let only = only_scripts(text);
        assert_eq!(only.len(), text.len());
        assert_eq!(only.find("const"), text.find("const"));
        assert!(!only.contains("style") && !only.contains("script"));
        assert_eq!(only_scripts("<script").trim(), "");
        assert_eq!(only_scripts("<script>a").trim(), "a");
    }
}

//! Pages with `{{placeholders}}`.

/// A placeholder that nobody fills, or one without an end.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the template names `{0}`, which is unknown")]
pub(super) struct Unknown(String);

/// Fills the placeholders with values, escaped for HTML.
pub(super) fn render(template: &str, values: &[(&str, &str)]) -> Result<String, Unknown> {
    let mut page = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").ok_or_else(|| Unknown(first_line(after)))?;
        let name = name.trim();
        let value = values.iter().find(|(key, _)| *key == name).ok_or_else(|| Unknown(name.to_owned()))?.1;
        page.push_str(before);
        page.push_str(&escape(value));
        rest = after;
    }
    page.push_str(rest);
    Ok(page)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_placeholders_are_filled_and_escaped_and_unknown_ones_refused() {
        assert_eq!(render("<b>{{ user }}</b>!", &[("user", "<a>")]), Ok("<b>&lt;a&gt;</b>!".to_owned()));
        assert_eq!(render("{{basket.total}}", &[("user", "a")]), Err(Unknown("basket.total".to_owned())));
        assert_eq!(render("{{user", &[("user", "a")]), Err(Unknown("user".to_owned())));
    }
}

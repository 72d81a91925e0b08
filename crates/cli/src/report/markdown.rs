//! The report as Markdown (CommonMark with tables). Nothing that somebody typed can become markup.

use super::figures::{affected, cite_line, cite_run, head, moments};
use super::model::{Report, Section, Sentence};
use super::prose::{Part, one_line, parts};
use super::words::{clock, percent};

/// The report as one Markdown document.
pub(crate) fn markdown(report: &Report) -> String {
    let mut page = Page::default();
    page.line(&format!("# Incident {}: {}", report.incident, inline(&report.title)));
    page.rows(&head(report));
    page.blank();
    if !report.production.is_empty() {
        page.line(&format!("When it was opened (#{}): {}", report.opened.entry, inline(&report.production)));
        page.blank();
    }
    page.heading("When");
    page.table(&["", "Time", "After start", "How it is known", "Entry"]);
    for when in moments(report) {
        page.row(&[when.name, &when.at, &when.after, &when.how, &when.cite]);
    }
    page.blank();
    page.heading("Who was affected");
    page.rows(&affected(report));
    page.blank();
    page.gaps(report, Section::Affected);
    page.heading("Impact");
    let impact = report.impact.iter().map(|impact| {
        let share =
            if impact.requests > 0 { percent(impact.errors as f64 / impact.requests as f64) } else { "-".to_owned() };
        format!("{} - {share} ({})", inline(&impact.text), cite_run(&impact.entries))
    });
    page.bullets(impact.collect(), "No metric of traffic was recorded as failing.");
    page.heading("What happened");
    page.line(&report.happened.iter().map(sentence).collect::<Vec<_>>().join(" "));
    page.blank();
    page.gaps(report, Section::Happened);
    page.heading("Root cause, as far as the evidence shows");
    page.bullets(report.cause.iter().map(sentence).collect(), "The logbook holds no evidence about the cause.");
    page.gaps(report, Section::Cause);
    page.heading("Actions taken");
    if report.actions.is_empty() {
        page.line("None is recorded.");
    } else {
        page.table(&["Time (UTC)", "Who", "What", "Result", "Entry"]);
        for action in &report.actions {
            let who = if action.automatic { format!("{} (automatic)", action.by) } else { action.by.clone() };
            let cite = format!("#{}", action.entry);
            page.row(&[&clock(action.at, &report.date), &who, &action.what, action.tone.label(), &cite]);
        }
    }
    page.blank();
    page.gaps(report, Section::Actions);
    if !report.unknown.is_empty() {
        page.heading("Not known");
        page.bullets(report.unknown.iter().map(sentence).collect(), "");
    }
    page.heading("Timeline");
    page.table(&["Entry", "Time (UTC)", "Who", "What", ""]);
    for line in &report.timeline {
        page.row(&[&cite_line(line), &clock(line.at, &report.date), &line.by, &line.what, line.tone.label()]);
    }
    page.blank();
    page.line("All times are UTC. Numbers such as #12 are entries of the logbook: `sternway log` shows them, `sternway log --verify` proves them unaltered.");
    page.text
}

/// A statement with its entries.
fn sentence(sentence: &Sentence) -> String {
    let text = inline(&sentence.text);
    if sentence.entries.is_empty() { text } else { format!("{text} ({})", cite_run(&sentence.entries)) }
}

/// Prose for a place within a line or a table's cell.
pub(super) fn inline(text: &str) -> String {
    let text = one_line(text);
    parts(&text)
        .into_iter()
        .map(|part| match part {
            Part::Text(words) => escape(words),
            Part::Code(code) => format!("`{}`", code.replace('|', "\\|")),
        })
        .collect()
}

fn escape(words: &str) -> String {
    let mut escaped = String::with_capacity(words.len());
    let mut before = ' ';
    let mut rest = words.chars().peekable();
    while let Some(c) = rest.next() {
        let within_word = before.is_alphanumeric() && rest.peek().is_some_and(|next| next.is_alphanumeric());
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '_' if within_word => escaped.push('_'),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' => {
                escaped.push('\\');
                escaped.push(c);
            }
            _ => escaped.push(c),
        }
        before = c;
    }
    escaped
}

/// A document under way.
#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    fn blank(&mut self) {
        if !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    fn heading(&mut self, heading: &str) {
        self.blank();
        self.line(&format!("## {heading}"));
        self.blank();
    }

    fn rows(&mut self, rows: &[(&str, String)]) {
        self.blank();
        for (name, value) in rows {
            self.line(&format!("- **{name}:** {}", inline(value)));
        }
    }

    fn bullets(&mut self, items: Vec<String>, none: &str) {
        if items.is_empty() {
            self.line(none);
        }
        for item in items {
            self.line(&format!("- {item}"));
        }
        self.blank();
    }

    fn table(&mut self, columns: &[&str]) {
        self.line(&format!("| {} |", columns.join(" | ")));
        self.line(&format!("|{}", " --- |".repeat(columns.len())));
    }

    fn row(&mut self, cells: &[&str]) {
        let cells: Vec<String> = cells.iter().map(|cell| inline(cell)).collect();
        self.line(&format!("| {} |", cells.join(" | ")));
    }

    fn gaps(&mut self, report: &Report, section: Section) {
        for gap in report.to_write.iter().filter(|gap| gap.section == section) {
            self.blank();
            self.line(&format!("> **To be written:** {}", inline(&gap.text)));
        }
        self.blank();
    }
}

#[cfg(test)]
mod tests {
    use super::inline;

    #[test]
    fn nothing_typed_becomes_markup() {
        assert_eq!(inline("a|b *c* <script> [x](y) ![i](j)"), r"a\|b \*c\* &lt;script&gt; \[x\](y) !\[i\](j)");
        assert_eq!(inline("SESSION_STORE `a|b` _x_ `"), r"SESSION_STORE `a\|b` \_x\_ \`");
        assert_eq!(inline("two\nlines\r\n# no heading"), "two lines  # no heading");
    }
}

//! The report as one HTML page that needs nothing else: no script, no font, no image; for a phone, a screen and paper, light and dark.

use super::figures::{affected, cite_line, cite_run, head, moments};
use super::model::{Report, Section, Sentence, Status, Tone};
use super::prose::{Part, one_line, parts};
use super::words::{clock, percent};

/// The page's style. A page may load nothing and run nothing: the policy in its head allows this style alone.
const STYLE: &str = include_str!("report.css");

/// The report as one page.
pub(crate) fn html(report: &Report) -> String {
    let mut page = Page::default();
    let title = format!("Incident {}: {}", report.incident, one_line(&report.title));
    page.raw("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    page.raw(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n",
    );
    page.raw("<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
    page.raw(&escape(&title));
    page.raw("</title>\n<style>\n");
    page.raw(STYLE);
    page.raw("</style>\n</head>\n<body>\n<main>\n");
    header(&mut page, report);
    when(&mut page, report);
    who(&mut page, report);
    what(&mut page, report);
    why(&mut page, report);
    actions(&mut page, report);
    if !report.unknown.is_empty() {
        page.open("Not known", "unknown");
        page.bullets(&report.unknown, "");
        page.close();
    }
    timeline(&mut page, report);
    page.raw("</main>\n</body>\n</html>\n");
    page.text
}

fn header(page: &mut Page, report: &Report) {
    let class = match report.status {
        Status::Open => "bad",
        Status::Restored => "unknown",
        Status::Resolved => "good",
    };
    page.raw("<header>\n");
    page.raw(&format!("<p class=\"kicker\">Incident {} <span class=\"badge {class}\">", report.incident));
    page.raw(&format!("{}</span></p>\n<h1>", escape(report.status.label())));
    page.prose(&report.title);
    page.raw("</h1>\n");
    let rows: Vec<_> = head(report).into_iter().filter(|(name, _)| *name != "Status").collect();
    page.rows(&rows);
    if !report.production.is_empty() {
        page.raw("<p class=\"state\"><strong>When it was opened:</strong> ");
        page.prose(&report.production);
        page.cite(&[report.opened.entry]);
        page.raw("</p>\n");
    }
    page.raw("</header>\n");
}

fn when(page: &mut Page, report: &Report) {
    page.open("When", "when");
    page.raw("<ol class=\"moments\">\n");
    for when in moments(report) {
        page.raw(&format!("<li><strong>{}</strong> <span class=\"at\">{}</span>", when.name, escape(&when.at)));
        if when.after != "-" {
            page.raw(&format!(" <span class=\"after\">{}</span>", escape(&when.after)));
        }
        page.raw("<br><span class=\"how\">");
        page.prose(&when.how);
        if when.cite != "-" {
            page.raw(&format!(" <span class=\"cite\">{}</span>", escape(&when.cite)));
        }
        page.raw("</span></li>\n");
    }
    page.raw("</ol>\n");
    page.close();
}

fn who(page: &mut Page, report: &Report) {
    page.open("Who was affected", "affected");
    page.rows(&affected(report));
    page.gaps(report, Section::Affected);
    page.close();
    page.open("Impact", "impact");
    if report.impact.is_empty() {
        page.raw("<p>No metric of traffic was recorded as failing.</p>\n");
    } else {
        page.raw("<ul>\n");
        for impact in &report.impact {
            page.raw(if impact.rejected { "<li class=\"bad\">" } else { "<li>" });
            page.prose(&impact.text);
            if impact.requests > 0 {
                page.raw(&format!(" <strong>{}</strong>", percent(impact.errors as f64 / impact.requests as f64)));
            }
            page.cite(&impact.entries);
            page.raw("</li>\n");
        }
        page.raw("</ul>\n");
    }
    page.close();
}

fn what(page: &mut Page, report: &Report) {
    page.open("What happened", "happened");
    page.raw("<p>");
    for sentence in &report.happened {
        page.sentence(sentence);
        page.raw("\n");
    }
    page.raw("</p>\n");
    page.gaps(report, Section::Happened);
    page.close();
}

fn why(page: &mut Page, report: &Report) {
    page.open("Root cause, as far as the evidence shows", "cause");
    page.bullets(&report.cause, "The logbook holds no evidence about the cause.");
    page.gaps(report, Section::Cause);
    page.close();
}

fn actions(page: &mut Page, report: &Report) {
    page.open("Actions taken", "actions");
    if report.actions.is_empty() {
        page.raw("<p>None is recorded.</p>\n");
    } else {
        page.raw("<ol class=\"lines\">\n");
        for action in &report.actions {
            let who = if action.automatic { format!("{}, automatic", action.by) } else { action.by.clone() };
            let at = Stamp { text: clock(action.at, &report.date), machine: action.at.to_string() };
            page.entry(&at, &who, &action.what, action.tone, &format!("#{}", action.entry));
        }
        page.raw("</ol>\n");
    }
    page.gaps(report, Section::Actions);
    page.close();
}

fn timeline(page: &mut Page, report: &Report) {
    page.open("Timeline", "timeline");
    page.raw("<ol class=\"lines\">\n");
    for line in &report.timeline {
        let at = Stamp { text: clock(line.at, &report.date), machine: line.at.to_string() };
        page.entry(&at, &line.by, &line.what, line.tone, &cite_line(line));
    }
    page.raw("</ol>\n<p class=\"foot\">All times are UTC. Numbers such as #12 are entries of the logbook: <code>sternway log</code> shows ");
    page.raw("them, <code>sternway log --verify</code> proves them unaltered.</p>\n");
    page.close();
}

/// A point in time for people and for programs.
struct Stamp {
    text: String,
    machine: String,
}

/// Text as HTML text or as the value of a quoted attribute.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A page under way. Only [`Page::raw`] takes markup; everything else escapes.
#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn raw(&mut self, markup: &str) {
        self.text.push_str(markup);
    }

    fn prose(&mut self, text: &str) {
        for part in parts(&one_line(text)) {
            match part {
                Part::Text(words) => self.raw(&escape(words)),
                Part::Code(code) => self.raw(&format!("<code>{}</code>", escape(code))),
            }
        }
    }

    fn cite(&mut self, entries: &[u64]) {
        if !entries.is_empty() {
            self.raw(&format!(" <span class=\"cite\">{}</span>", cite_run(entries)));
        }
    }

    fn sentence(&mut self, sentence: &Sentence) {
        self.prose(&sentence.text);
        self.cite(&sentence.entries);
    }

    fn open(&mut self, heading: &str, id: &str) {
        self.raw(&format!("<section aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{heading}</h2>\n"));
    }

    fn close(&mut self) {
        self.raw("</section>\n");
    }

    fn rows(&mut self, rows: &[(&str, String)]) {
        self.raw("<dl>\n");
        for (name, value) in rows {
            self.raw(&format!("<div><dt>{name}</dt><dd>"));
            self.prose(value);
            self.raw("</dd></div>\n");
        }
        self.raw("</dl>\n");
    }

    fn bullets(&mut self, sentences: &[Sentence], none: &str) {
        if sentences.is_empty() {
            self.raw(&format!("<p>{none}</p>\n"));
            return;
        }
        self.raw("<ul>\n");
        for sentence in sentences {
            self.raw("<li>");
            self.sentence(sentence);
            self.raw("</li>\n");
        }
        self.raw("</ul>\n");
    }

    fn entry(&mut self, at: &Stamp, who: &str, what: &str, tone: Tone, cite: &str) {
        let class = match tone {
            Tone::Good => "good",
            Tone::Bad => "bad",
            Tone::Unknown => "unknown",
            Tone::Notable => "notable",
            Tone::Plain => "plain",
        };
        self.raw(&format!("<li class=\"{class}\"><span class=\"meta\"><time datetime=\"{}\">", escape(&at.machine)));
        self.raw(&format!(
            "{}</time> <span class=\"cite\">{cite}</span></span> <span class=\"what\">",
            escape(&at.text)
        ));
        self.prose(what);
        if !tone.label().is_empty() {
            self.raw(&format!(" <span class=\"tone\">{}</span>", tone.label()));
        }
        self.raw(" <span class=\"who\">");
        self.raw(&escape(&one_line(who)));
        self.raw("</span></span></li>\n");
    }

    fn gaps(&mut self, report: &Report, section: Section) {
        for gap in report.to_write.iter().filter(|gap| gap.section == section) {
            self.raw("<p class=\"gap\"><strong>To be written:</strong> ");
            self.prose(&gap.text);
            self.raw("</p>\n");
        }
    }
}

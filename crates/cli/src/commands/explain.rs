//! `explain`: what a finding's code means, as its page says.

use crate::args::Explain;
use crate::failure::{Exit, Failure};
use crate::render;

/// Each code with its page, in order; made from docs/findings by build.rs.
static PAGES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/findings.rs"));

pub(super) fn run(args: &Explain, json: bool) -> Result<Exit, Failure> {
    let Some(code) = &args.code else {
        if json {
            let listed = |(code, page): &(&str, &str)| serde_json::json!({ "code": code, "title": title(code, page) });
            render::json(&serde_json::json!({ "format": 1, "codes": PAGES.iter().map(listed).collect::<Vec<_>>() }));
        } else {
            for (code, page) in PAGES {
                render::line(&format!("{code}  {}", title(code, page)));
            }
        }
        return Ok(Exit::Done);
    };
    let code = code.to_ascii_uppercase();
    let Ok(at) = PAGES.binary_search_by_key(&code.as_str(), |(known, _)| known) else {
        return Err(Failure::usage("S0924", format!("no finding has the code `{code}`"))
            .because("a code is S and four digits, as in `error[S0224]`")
            .next("sternway explain"));
    };
    let page = PAGES[at].1;
    if json {
        render::json(&serde_json::json!({ "format": 1, "code": code, "title": title(&code, page), "text": page }));
    } else {
        render::line(page.trim_end());
    }
    Ok(Exit::Done)
}

/// What stands after the code in a page's first line.
fn title<'a>(code: &str, page: &'a str) -> &'a str {
    let first = page.lines().next().unwrap_or_default();
    first.trim_start_matches("# ").trim_start_matches(code).trim_start_matches(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_is_there_in_order_with_a_title() {
        assert!(PAGES.is_sorted_by_key(|(code, _)| *code));
        assert!(PAGES.iter().all(|(code, page)| !title(code, page).is_empty()));
        let told = |wanted| PAGES.iter().find(|(code, _)| *code == wanted).map(|(code, page)| title(code, page));
        assert_eq!(told("S0102"), Some("unknown key"));
    }
}

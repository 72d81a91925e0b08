//! How right the scanner is, over a labelled corpus that was written before its rules and without a look at them (`corpus/README.md`).

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use sternway_compat::{Confidence, Options, Version, scan};
use sternway_core::finding::Severity;

/// What the corpus says of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Label {
    Error,
    Warning,
    Clean,
}

/// How many lines were right and wrong.
#[derive(Debug, Default)]
struct Count {
    wanted: usize,
    found: usize,
    clean: usize,
    false_reports: usize,
    /// Reported, but as another severity.
    otherwise: usize,
    wrong: String,
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            all.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "php") {
            all.push(path);
        }
    }
    all.sort();
    all
}

fn header(text: &str, key: &str) -> Option<Version> {
    let first = text.lines().next()?;
    let value = first.split_whitespace().find_map(|word| word.strip_prefix(key)?.strip_prefix('='))?;
    value.parse().ok()
}

fn labels(text: &str) -> BTreeMap<u32, Label> {
    let label = |line: &str| {
        let (_, label) = line.rsplit_once("//=")?;
        match label.trim().trim_end_matches("?>").trim() {
            "error" => Some(Label::Error),
            "warning" => Some(Label::Warning),
            "clean" => Some(Label::Clean),
            _ => None,
        }
    };
    (1..).zip(text.lines()).filter_map(|(number, line)| Some((number, label(line)?))).collect()
}

fn judge(path: &Path, count: &mut Count) {
    let text = String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
    let target = header(&text, "to").unwrap_or_else(|| panic!("{}: no target", path.display()));
    let options =
        Options { target, source: header(&text, "from"), choice: sternway_compat::Choice::default(), cache: None };
    let report = scan(path, &options).unwrap();
    let mut found: BTreeMap<u32, (Severity, String)> = BTreeMap::new();
    for problem in report.problems.iter().filter(|problem| problem.confidence >= Confidence::Medium) {
        let entry = found.entry(problem.place.at.line).or_insert((problem.severity, problem.message.clone()));
        if problem.severity > entry.0 {
            *entry = (problem.severity, problem.message.clone());
        }
    }
    let labels = labels(&text);
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let mut wrong = |number: u32, what: &str, why: &str| {
        let line = text.lines().nth(number as usize - 1).unwrap_or_default().trim();
        let _infallible = writeln!(count.wrong, "{name}:{number}: {what}: {line}  [{why}]");
    };
    for (number, label) in &labels {
        let said = found.get(number);
        match (label, said) {
            (Label::Clean, None) => count.clean += 1,
            (Label::Clean, Some((_, message))) => {
                count.clean += 1;
                count.false_reports += 1;
                wrong(*number, "false", message);
            }
            (_, None) => {
                count.wanted += 1;
                wrong(*number, "missed", "");
            }
            (label, Some((severity, message))) => {
                count.wanted += 1;
                count.found += 1;
                let fits = (*label == Label::Error) == (*severity == Severity::Error);
                if !fits {
                    count.otherwise += 1;
                    wrong(*number, "as another severity", message);
                }
            }
        }
    }
    for (number, (_, message)) in &found {
        if !labels.contains_key(number) {
            count.false_reports += 1;
            wrong(*number, "not labelled", message);
        }
    }
}

#[test]
fn recall_and_false_reports() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut count = Count::default();
    for path in files(&folder) {
        judge(&path, &mut count);
    }
    let recall = count.found as f64 / count.wanted as f64;
    let false_rate = 1000.0 * count.false_reports as f64 / count.clean as f64;
    let summary = format!(
        "{} of {} lines found (recall {recall:.4}), {} false reports on {} clean lines ({false_rate:.2} in 1,000), {} as another severity",
        count.found, count.wanted, count.false_reports, count.clean, count.otherwise
    );
    println!("{}{summary}", count.wrong);
    assert!(recall >= 0.97 && false_rate <= 3.0, "{}{summary}", count.wrong);
}

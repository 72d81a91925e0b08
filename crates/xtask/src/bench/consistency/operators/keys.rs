//! Keys that are written wrong, or not at all.

use super::super::case::Case;
use super::super::entries::Entry;
use super::super::layout::Layout;
use super::super::random::Random;

/// Two letters change places, one is lost, doubled, or struck beside its key.
pub(super) fn mistyped(layout: &Layout, entries: &[Entry], random: &mut Random) -> Vec<Case> {
    let mut cases = Vec::new();
    for entry in entries.iter().filter(|entry| entry.own) {
        let site = &entry.site;
        let typed = mistype(&site.key, random);
        // One of a list that is named elsewhere in the file is another mistake: the file does not hold together.
        if typed == site.key || layout.text(&site.file)[site.key_at.clone()] != site.key {
            continue;
        }
        cases.push(
            Case::new(format!("`{}` typed as `{typed}` in {}:{}", site.key, site.file, site.line))
                .splice(layout, &site.file, site.key_at.clone(), &typed)
                .at(&site.file, site.line)
                .key(&entry.key)
                .key(&typed),
        );
    }
    cases
}

fn mistype(key: &str, random: &mut Random) -> String {
    let mut letters: Vec<char> = key.chars().collect();
    let places: Vec<usize> = (1..letters.len())
        .filter(|&at| letters[at].is_ascii_alphabetic() && letters[at - 1].is_ascii_alphabetic())
        .collect();
    let Some(&at) = random.one_of(&places) else { return key.to_owned() };
    match random.below(4) {
        0 if letters[at] != letters[at - 1] => letters.swap(at, at - 1),
        1 => drop(letters.remove(at)),
        2 => letters.insert(at, letters[at]),
        _ => letters[at] = beside(letters[at]),
    }
    letters.into_iter().collect()
}

/// The letter on the next key of a keyboard.
fn beside(letter: char) -> char {
    const ROWS: [&str; 3] = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];
    let small = letter.to_ascii_lowercase();
    let row = ROWS.iter().find(|row| row.contains(small)).unwrap_or(&ROWS[1]);
    let at = row.find(small).unwrap_or(0);
    let next = row.chars().nth(if at + 1 < row.len() { at + 1 } else { at - 1 }).unwrap_or('x');
    if letter.is_ascii_uppercase() { next.to_ascii_uppercase() } else { next }
}

/// A key that the code reads is not set, or code begins to read one that nobody set.
pub(super) fn missing(layout: &Layout, entries: &[Entry], _: &mut Random) -> Vec<Case> {
    let code: Vec<(&String, &String)> = layout.files.iter().filter(|(file, _)| ending(file).is_some()).collect();
    let is_read = |key: &str| code.iter().any(|(_, text)| text.contains(key));
    let mut cases = Vec::new();
    for entry in entries.iter().filter(|entry| entry.own && !entry.covers && is_read(&entry.key)) {
        let site = &entry.site;
        // In a list of Kubernetes the name stands in a line of its own; a port that is the default is not missed.
        let is_default = ["3306", "5432", "6379"].contains(&site.value.as_str());
        if (entry.kind == "kubernetes" && site.path.contains("/env.")) || is_default {
            continue;
        }
        let text = layout.text(&site.file);
        let start = text[..site.key_at.start].rfind('\n').map_or(0, |at| at + 1);
        let end = text[site.value_at.end..].find('\n').map_or(text.len(), |at| site.value_at.end + at + 1);
        cases.push(
            Case::new(format!("`{}` taken out of {}", entry.key, site.file))
                .splice(layout, &site.file, start..end, "")
                .key(&entry.key),
        );
    }
    for (index, (file, text)) in code.into_iter().enumerate() {
        let key = format!("{}_ENDPOINT_{index}", ["BILLING", "PRICING", "AUDIT", "GEOCODER"][index % 4]);
        let Some(read) = ending(file).and_then(|language| read_of(language, &key)) else { continue };
        cases.push(
            Case::new(format!("{file} begins to read `{key}`")).file(file, Some(format!("{text}{read}"))).key(&key),
        );
    }
    cases
}

fn ending(file: &str) -> Option<&str> {
    let ending = file.rsplit('.').next()?;
    ["php", "js", "mjs", "py", "rb", "cs", "java"].contains(&ending).then_some(ending)
}

/// A statement that reads a key and has no default, in the languages whose reads are looked for.
fn read_of(language: &str, key: &str) -> Option<String> {
    match language {
        "php" => Some(format!("\n$endpoint = getenv('{key}');\n")),
        "js" | "mjs" => Some(format!("\nconst endpoint = new URL(process.env.{key});\n")),
        "py" => Some(format!("\nENDPOINT = os.environ[\"{key}\"]\n")),
        _ => None,
    }
}

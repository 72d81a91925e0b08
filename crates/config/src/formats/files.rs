//! A folder with a file for each value: Docker's /run/secrets, a ConfigMap or Secret as Kubernetes mounts it.
//!
//! A file's name is the key, its content the value; one line break at its end is taken off, which editors and `echo` put there.
//! Names that begin with `.`, such as Kubernetes' `..data`, are skipped, and so are folders. Links are followed.

use super::text::{Encoding, Fault, LARGEST, Reading, Spot, decode};
use crate::source::{Input, Read, Template};

/// No folder of values has more files.
const MOST_FILES: usize = 10_000;

/// Reads the folder that the input names; it has no bytes itself.
pub(super) fn read(input: &Input<'_>) -> Read {
    let mut reading = Reading::new(input.file);
    let names = match input.files.list(input.file) {
        Ok(names) => names,
        Err(error) => {
            let message = format!("the folder cannot be read: {}", error.kind());
            reading.fault(Fault::error(Spot::WHOLE, message, "let the user who runs `sternway` read it"));
            return reading.finish();
        }
    };
    let names: Vec<String> = names.into_iter().filter(|name| !name.starts_with('.')).collect();
    let too_much = Fault::error(
        Spot::WHOLE,
        "the folder holds more than 10,000 files or 8 MiB",
        "name a folder that holds configuration and nothing else",
    );
    if names.len() > MOST_FILES {
        reading.fault(too_much);
        return reading.finish();
    }
    let mut total = 0_usize;
    for name in names {
        let path = format!("{}/{name}", input.file.trim_end_matches('/'));
        let mut one = Reading::new(&path);
        match input.files.read(&path) {
            Ok(bytes) => {
                total = total.saturating_add(bytes.len());
                if total > LARGEST {
                    reading.fault(too_much);
                    break;
                }
                value(&name, &bytes, &mut one);
            }
            Err(error) => {
                let message = format!("the file cannot be read: {}", error.kind());
                one.fault(Fault::error(Spot::WHOLE, message, "let the user who runs `sternway` read it"));
            }
        }
        let one = one.finish();
        reading.read.assignments.extend(one.assignments);
        reading.read.findings.extend(one.findings);
    }
    reading.finish()
}

fn value(name: &str, bytes: &[u8], reading: &mut Reading<'_>) {
    let Some(text) = decode(bytes, Encoding::Utf8, reading) else { return };
    let text = text.strip_suffix('\n').map_or(&*text, |text| text.strip_suffix('\r').unwrap_or(text));
    if text.contains('\0') {
        let message = "its value holds a NUL, which no environment variable can hold";
        reading.fault(Fault::error(Spot::WHOLE, message, "name a folder of texts, or encode the value"));
    } else {
        reading.assign(name, Template::text(text), Spot::START);
    }
}

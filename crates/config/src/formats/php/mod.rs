//! PHP files that hold configuration, read without running them.
//!
//! - What a file returns as an array counts, nested keys joined by `.`, beside the constants that it defines. A file that returns nothing
//!   is configured by its constants and variables: `$config['a']['b'] = ...` is `config.a.b`. `#part` names the part that counts.
//! - Known are literals, constants, variables and class constants of the file itself, `.`, whole numbers' `+ - * / %`, `??`, `?:`, casts,
//!   `sprintf('%s')` and `Str::slug()`. Conditions are decided where they can be; what is set under any other is unknown. Everything
//!   else, such as a call, `__DIR__` or another file, is unknown, with its reason.
//! - `getenv()`, `$_ENV`, `$_SERVER` (but for what a request tells), `env()` and `Env::get()` are looked up once everything is read: in
//!   what the process is given, then in the sources of variables, never in documents. What is not set there and has no default is unknown.
//! - `env()` is Laravel's: `true`, `false`, `null`, `empty` are those, in parentheses too, and quotes around the whole are taken off.
//! - True and false are those words, null is empty. Of two definitions of a constant the first counts.

mod calls;
mod evaluate;
mod file;
mod value;

use std::thread;

use php_rs_parser::ParseOptions;
use php_rs_parser::bumpalo::Bump;

use self::file::File;
use self::value::{Array, Value};
use super::select;
use super::text::{Encoding, Fault, Reading, Spot, decode};
use crate::source::{Input, Read};

/// Reads a PHP file.
pub(super) fn read(input: &Input<'_>) -> Read {
    read_with(input, |_| true)
}

/// The parser goes as deep as the file does, up to 512 levels.
const STACK: usize = 64 << 20;

/// Reads a PHP file, of whose variables some count.
pub(super) fn read_with(input: &Input<'_>, is_setting: fn(&str) -> bool) -> Read {
    let &Input { bytes, file, part, .. } = input;
    let parse = || {
        let mut reading = Reading::new(file);
        if let Some(text) = decode(bytes, Encoding::Utf8, &mut reading) {
            parse(&text, part, is_setting, &mut reading);
        }
        reading.finish()
    };
    // On a thread of its own because of the stack that it needs.
    let read = thread::scope(|scope| {
        let worker = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, parse).ok();
        worker.and_then(|worker| worker.join().ok())
    });
    let mut read = read.unwrap_or_else(|| {
        let mut reading = Reading::new(file);
        reading.fault(Fault::error(
            Spot::WHOLE,
            "the file could not be read as PHP",
            "try again with more free memory",
        ));
        reading.finish()
    });
    (read.late, read.document) = (true, true);
    read
}

fn parse(text: &str, part: Option<&str>, is_setting: fn(&str) -> bool, reading: &mut Reading<'_>) {
    let arena = Bump::new();
    let result = php_rs_parser::parse_arena_with(&arena, text, &ParseOptions::default().source_map(false));
    let mut file = File::new(text, reading);
    if let Some(error) = result.errors.iter().find(|error| error.leaves_ast_incomplete()) {
        let spot = file.spot(error.span());
        let message = "PHP does not understand this, or something shortly before it";
        file.reading.fault(Fault::error(spot, message, "see what `php -l` says of the file"));
        return;
    }
    file.statements(&result.program.stmts);
    let root = match file.returned.take() {
        Some((value @ (Value::Unknown(..) | Value::LookUp(_)), spot)) => {
            let message = "what the file returns is only known when the program runs: nothing of it is read";
            let hint = "return an array that is written out, or name what it is made of";
            file.reading.fault(Fault::warning(spot, message, hint));
            drop(value);
            settings(&mut file, |_| false)
        }
        Some((Value::Array(returned), _)) => {
            let mut all = settings(&mut file, |_| false);
            for entry in returned.entries {
                all.entry(entry.key, entry.spot).value = entry.value;
            }
            all
        }
        Some(_) | None => settings(&mut file, is_setting),
    };
    if root.entries.is_empty() && file.reading.read.findings.is_empty() {
        let message = "nothing in the file sets a value: it returns no array, and defines no constants or variables";
        file.reading.fault(Fault::warning(Spot::WHOLE, message, "is this the file that holds the configuration?"));
    }
    let node = Value::Array(root).node(Spot::START, reading.file);
    select::assign(reading, &[node], part);
}

/// Constants, and the variables that count.
fn settings(file: &mut File<'_, '_, '_>, is_setting: impl Fn(&str) -> bool) -> Array {
    let mut found = Vec::new();
    for (name, value) in std::mem::take(&mut file.constants) {
        found.push((file.defined[&name], name, value));
    }
    for (name, value) in std::mem::take(&mut file.variables).into_iter().filter(|(name, _)| is_setting(name)) {
        found.push((file.set.get(&name).copied().unwrap_or(Spot::WHOLE), name, value));
    }
    found.sort_by_key(|(spot, ..)| (spot.line, spot.column));
    let mut all = Array::default();
    for (spot, name, value) in found {
        let entry = all.entry(name, spot);
        (entry.spot, entry.value) = (spot, value);
    }
    all
}

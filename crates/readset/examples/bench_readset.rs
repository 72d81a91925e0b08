//! Measures how fast a folder's code is read, by language and for the mix, as JSON:
//! `cargo run --release -p sternway-readset --example bench_readset [FOLDER]`
//!
//! Without a folder, sources are made: at least 50 MB, a quarter in each of PHP, JavaScript, TypeScript and Python, in files of 2 to 20 KB.
//! One file in ten reads the environment or at least speaks of it, which is more than in the projects that were looked at. With a folder, its
//! own files are measured, packages included. The files are in the page cache when the clock starts.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement at the edge")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::Instant;

use serde_json::json;
use sternway_readset::{Choice, read_set};

/// Bytes of made sources in each language.
const BYTES: usize = 14_000_000;

/// A language: extension, what every file has, what one file in ten has as well.
const LANGUAGES: &[(&str, &str, &str)] = &[
    (
        "php",
        "    /** Adds up the lines of order {n}, with tax. */\n    public function total{n}(array $lines, float $rate = 0.19): float\n    {\n        $sum = 0.0;\n        foreach ($lines as $line) {\n            if (!isset($line['price'], $line['count'])) {\n                throw new \\InvalidArgumentException(\"line of order {n} is not whole\");\n            }\n            $sum += $line['price'] * $line['count'];\n        }\n        return round($sum * (1 + $rate), 2);\n    }\n\n",
        "    public function dsn{n}(): string\n    {\n        return env('REDIS_URL_{n}', 'redis://localhost') ?: getenv('FALLBACK_{n}');\n    }\n\n",
    ),
    (
        "js",
        "/** Adds up the lines of order {n}, with tax. */\nexport async function total{n}(lines, { rate = 0.19, currency = 'EUR' } = {}) {\n  const sum = lines\n    .filter((line) => line.price !== undefined && line.count > 0)\n    .reduce((total, line) => total + line.price * line.count, 0);\n  if (Number.isNaN(sum)) {\n    throw new TypeError(`the lines of order {n} do not add up to ${currency}`);\n  }\n  return { sum: Math.round(sum * (1 + rate) * 100) / 100, currency };\n}\n\n",
        "export const url{n} = process.env.REDIS_URL_{n} ?? 'redis://localhost';\n\n",
    ),
    (
        "ts",
        "/** Adds up the lines of order {n}, with tax. */\nexport async function total{n}(lines: readonly Line[], options: Partial<Options> = {}): Promise<Total> {\n  const { rate = 0.19, currency = 'EUR' } = options;\n  const sum: number = lines\n    .filter((line): line is Whole => line.price !== undefined && line.count > 0)\n    .reduce((total, line) => total + line.price * line.count, 0);\n  if (Number.isNaN(sum)) {\n    throw new TypeError(`the lines of order {n} do not add up to ${currency}`);\n  }\n  return { sum: Math.round(sum * (1 + rate) * 100) / 100, currency } as Total;\n}\n\n",
        "export const url{n}: string = process.env.REDIS_URL_{n} ?? 'redis://localhost';\n\n",
    ),
    (
        "py",
        "def total_{n}(lines, rate=0.19, currency='EUR'):\n    \"\"\"Adds up the lines of order {n}, with tax.\"\"\"\n    total = 0\n    for line in lines:\n        if line.price is None or line.count < 1:\n            raise ValueError(f'line {line.number} of order {n} is not whole')\n        total += line.price * line.count\n    return {'sum': round(total * (1 + rate), 2), 'currency': currency}\n\n\n",
        "URL_{n} = os.environ.get('REDIS_URL_{n}', 'redis://localhost')\n\n\n",
    ),
];

fn main() {
    let mut results = Vec::new();
    if let Some(folder) = std::env::args().nth(1) {
        results.push(measure(&folder, Path::new(&folder)));
    } else {
        let folder = tempfile::tempdir().unwrap();
        for language in LANGUAGES {
            make(&folder.path().join(language.0), language);
            results.push(measure(language.0, &folder.path().join(language.0)));
        }
        results.push(measure("mix", folder.path()));
    }
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    println!("{:#}", json!({ "processors": processors, "results": results }));
}

/// Seconds of processor time that this process has used: what others use meanwhile does not count. Linux only; the kernel counts in
/// hundredths (proc(5), `utime` and `stime`).
fn processor_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks: f64 = after_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
    ticks / 100.0
}

/// Writes a folder of sources.
fn make(folder: &Path, (extension, common, reads): &(&str, &str, &str)) {
    let (mut written, mut file) = (0, 0);
    while written < BYTES {
        fs::create_dir_all(folder.join(format!("d{}", file % 50))).unwrap();
        let mut text = match *extension {
            "php" => format!("<?php\n\nnamespace Shop;\n\nfinal class Orders{file}\n{{\n"),
            "py" => "import os\n\n\n".to_owned(),
            _ => String::new(),
        };
        let size = 2_000 + (file * 7_919) % 18_000;
        let mut n = 0;
        while text.len() < size {
            text.push_str(&common.replace("{n}", &format!("{file}_{n}")));
            n += 1;
        }
        if file % 10 == 0 {
            text.push_str(&reads.replace("{n}", &format!("{file}")));
        }
        if *extension == "php" {
            let _ = writeln!(text, "}}");
        }
        fs::write(folder.join(format!("d{}/f{file}.{extension}", file % 50)), &text).unwrap();
        written += text.len();
        file += 1;
    }
}

/// The best of three runs: others use the machine too.
fn measure(name: &str, folder: &Path) -> serde_json::Value {
    let choice = Choice { dependencies: true, skip: None };
    let (mut best, mut processor) = (f64::INFINITY, f64::INFINITY);
    let mut set = read_set(folder, choice);
    for _ in 0..3 {
        let (start, used) = (Instant::now(), processor_seconds());
        set = read_set(folder, choice);
        best = best.min(start.elapsed().as_secs_f64());
        processor = processor.min(processor_seconds() - used);
    }
    let megabytes = set.bytes as f64 / 1e6;
    json!({
        "name": name,
        "files": set.files,
        "parsed": set.parsed,
        "megabytes": (megabytes * 10.0).round() / 10.0,
        "reads": set.reads.len(),
        "unparsed": set.unparsed.len(),
        "seconds": (best * 1e3).round() / 1e3,
        "megabytes_per_second": (megabytes / best).round(),
        "processor_seconds": processor,
        "megabytes_per_processor_second": (megabytes / processor.max(0.01)).round(),
    })
}

//! Lists the pages of docs/findings, so that `sternway explain` has them without the repository.

use std::error::Error;
use std::fmt::Write as _;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?).join("../../docs/findings").canonicalize()?;
    println!("cargo::rerun-if-changed={}", folder.display());
    let files = std::fs::read_dir(&folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    let mut pages: Vec<_> = files.into_iter().filter(|path| path.extension().is_some_and(|end| end == "md")).collect();
    pages.sort();
    let mut list = String::from("&[\n");
    for page in pages {
        let code = page.file_stem().and_then(|stem| stem.to_str()).ok_or("a page without a name")?;
        let path = page.to_str().ok_or("the repository's path is not UTF-8")?;
        writeln!(list, "({code:?}, include_str!({path:?})),")?;
    }
    list.push(']');
    std::fs::write(PathBuf::from(std::env::var("OUT_DIR")?).join("findings.rs"), list)?;
    Ok(())
}

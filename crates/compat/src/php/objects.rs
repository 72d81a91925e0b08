//! Functions that return an object where they returned a resource: `facts/objects.tsv`.

use std::sync::OnceLock;

use super::types::{ByName, Type};
use crate::facts::hash_of;
use crate::version::Version;

struct Row {
    function: &'static str,
    version: Version,
}

struct Table {
    rows: Vec<Row>,
    by_name: ByName<u16>,
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let text = include_str!("../../facts/objects.tsv");
        let rows: Vec<Row> = text
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| {
                let mut columns = line.split('\t');
                Some(Row { function: columns.next()?, version: columns.next()?.parse().ok()? })
            })
            .collect();
        let by_name = (0_u16..).zip(&rows).map(|(number, row)| (hash_of(row.function), number)).collect();
        Table { rows, by_name }
    })
}

/// What a function returns, if it is one of them.
pub(super) fn handle<'a>(function: &str) -> Option<Type<'a>> {
    let table = table();
    let number = *table.by_name.get(&hash_of(function))?;
    table.rows[usize::from(number)].function.eq_ignore_ascii_case(function).then_some(Type::Handle(number))
}

/// Since when it returns an object.
pub(super) fn since(number: u16) -> Option<Version> {
    table().rows.get(usize::from(number)).map(|row| row.version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_became_an_object_is_known_with_its_version() {
        let Some(Type::Handle(number)) = handle("Curl_Init") else { panic!("curl_init is no handle") };
        assert_eq!(since(number), Some(Version::new(8, 0)));
        assert_eq!(handle("fopen"), None);
    }
}

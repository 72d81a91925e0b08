//! Properties that a class does not declare.

use php_ast::{ExprKind, PropertyAccessExpr};

use super::super::examine::Examiner;
use super::super::types::Type;
use crate::facts::{Folded, Internal, Kind};

impl<'a> Examiner<'a> {
    /// A property is assigned.
    pub(super) fn property_made(&mut self, access: &'a PropertyAccessExpr<'a, 'a>, at: u32) {
        let ExprKind::Identifier(property) = &access.property.kind else { return };
        let is_this = matches!(&access.object.kind, ExprKind::Variable(name) if name.as_str() == "this");
        if is_this && self.function.is_closure {
            return;
        }
        let Some(Type::Object(class, confidence)) = self.type_of(access.object) else { return };
        if is_this && self.class.is_some_and(|around| around.name.is_empty()) {
            return;
        }
        if self.takes_any_property(class, property) {
            return;
        }
        // Once for each property: the others follow from it.
        if self.made_properties.insert(Folded::member(class, property).hash()) {
            self.rule(Kind::Behaviour, "dynamic-property", at, confidence);
        }
    }

    /// Whether a class, or what it stands on, declares a property, or takes any; so it does when not all of it is known.
    fn takes_any_property(&self, class: &'a str, property: &str) -> bool {
        let own = self.own.class(class);
        if own.is_some_and(|own| own.is_trait || own.is_interface) {
            return true;
        }
        if own.is_none() {
            // One of PHP's own: those that a script may have of its own class are known by their members alone.
            return !CLOSED.iter().any(|known| known.eq_ignore_ascii_case(class)) || is_own_property(class, property);
        }
        for ancestor in self.ancestors(class) {
            match self.own.class(ancestor) {
                Some(own) => {
                    if own.has_property(property) || own.takes_any_property {
                        return true;
                    }
                }
                None if Internal::known().is_class(ancestor) => {
                    let open =
                        ["stdClass", "ArrayObject", "ArrayIterator", "SimpleXMLElement", "SoapClient", "DOMNode"];
                    let is_open = open.iter().any(|known| known.eq_ignore_ascii_case(ancestor));
                    let is_exception = ["Exception", "Error"].iter().any(|known| known.eq_ignore_ascii_case(ancestor));
                    let declared = ["message", "code", "file", "line", "previous", "string", "trace"];
                    if is_open || (is_exception && declared.contains(&property)) || is_own_property(ancestor, property)
                    {
                        return true;
                    }
                }
                // A class of another file: who knows.
                None => return true,
            }
        }
        false
    }
}

/// Classes of PHP on which a script sees at once that a property is none of theirs.
const CLOSED: &[&str] = &[
    "DateTime",
    "DateTimeImmutable",
    "DateTimeZone",
    "PDO",
    "PDOStatement",
    "ZipArchive",
    "SplObjectStorage",
    "ReflectionClass",
];

/// The properties of those.
fn is_own_property(class: &str, property: &str) -> bool {
    let declared: &[&str] = match &*class.to_ascii_lowercase() {
        "pdostatement" => &["queryString"],
        "ziparchive" => &["lastId", "status", "statusSys", "numFiles", "filename", "comment"],
        "reflectionclass" => &["name"],
        "dateinterval" => &["y", "m", "d", "h", "i", "s", "f", "invert", "days", "from_string"],
        _ => &[],
    };
    declared.contains(&property)
}

//! What some of PHP's own functions and methods return: those by which code comes to objects that changed.

use super::types::Type;
use crate::seen::Confidence;

const fn object(class: &'static str) -> Type<'static> {
    Type::Object(class, Confidence::High)
}

const fn list(class: &'static str) -> Type<'static> {
    Type::List(class, Confidence::High)
}

const FUNCTIONS: &[(&str, Type<'static>)] = &[
    ("collator_create", object("Collator")),
    ("curl_file_create", object("CURLFile")),
    ("curl_init", object("CurlHandle")),
    ("date_create", object("DateTime")),
    ("date_create_from_format", object("DateTime")),
    ("date_create_immutable", object("DateTimeImmutable")),
    ("date_diff", object("DateInterval")),
    ("datefmt_create", object("IntlDateFormatter")),
    ("dir", object("Directory")),
    ("dom_import_simplexml", object("DOMElement")),
    ("intlcal_create_instance", object("IntlCalendar")),
    ("mysqli_connect", object("mysqli")),
    ("mysqli_init", object("mysqli")),
    ("mysqli_prepare", object("mysqli_stmt")),
    ("mysqli_query", object("mysqli_result")),
    ("mysqli_stmt_get_result", object("mysqli_result")),
    ("numfmt_create", object("NumberFormatter")),
    ("simplexml_import_dom", object("SimpleXMLElement")),
    ("simplexml_load_file", object("SimpleXMLElement")),
    ("simplexml_load_string", object("SimpleXMLElement")),
    ("timezone_open", object("DateTimeZone")),
    ("tidy_parse_file", object("tidy")),
    ("tidy_parse_string", object("tidy")),
    ("xmlwriter_open_memory", object("XMLWriter")),
];

const METHODS: &[(&str, &str, Type<'static>)] = &[
    ("DateTime", "createFromFormat", object("DateTime")),
    ("DateTime", "diff", object("DateInterval")),
    ("DateTimeImmutable", "createFromFormat", object("DateTimeImmutable")),
    ("DateTimeInterface", "diff", object("DateInterval")),
    ("DateTimeInterface", "getTimezone", object("DateTimeZone")),
    ("DOMDocument", "createElement", object("DOMElement")),
    ("DOMDocument", "getElementById", object("DOMElement")),
    ("IntlCalendar", "createInstance", object("IntlCalendar")),
    ("IntlDateFormatter", "create", object("IntlDateFormatter")),
    ("mysqli", "prepare", object("mysqli_stmt")),
    ("mysqli", "query", object("mysqli_result")),
    ("mysqli", "stmt_init", object("mysqli_stmt")),
    ("mysqli_stmt", "get_result", object("mysqli_result")),
    ("NumberFormatter", "create", object("NumberFormatter")),
    ("PDO", "prepare", object("PDOStatement")),
    ("PDO", "query", object("PDOStatement")),
    ("ReflectionClass", "getConstructor", object("ReflectionMethod")),
    ("ReflectionClass", "getInterfaces", list("ReflectionClass")),
    ("ReflectionClass", "getMethod", object("ReflectionMethod")),
    ("ReflectionClass", "getMethods", list("ReflectionMethod")),
    ("ReflectionClass", "getParentClass", object("ReflectionClass")),
    ("ReflectionClass", "getProperties", list("ReflectionProperty")),
    ("ReflectionClass", "getProperty", object("ReflectionProperty")),
    ("ReflectionClass", "getReflectionConstant", object("ReflectionClassConstant")),
    ("ReflectionClass", "getReflectionConstants", list("ReflectionClassConstant")),
    ("ReflectionClass", "getTraits", list("ReflectionClass")),
    ("ReflectionFunctionAbstract", "getParameters", list("ReflectionParameter")),
    ("ReflectionFunctionAbstract", "getReturnType", object("ReflectionType")),
    ("ReflectionMethod", "getDeclaringClass", object("ReflectionClass")),
    ("ReflectionMethod", "getPrototype", object("ReflectionMethod")),
    ("ReflectionParameter", "getDeclaringClass", object("ReflectionClass")),
    ("ReflectionParameter", "getDeclaringFunction", object("ReflectionFunctionAbstract")),
    ("ReflectionParameter", "getType", object("ReflectionType")),
    ("ReflectionProperty", "getDeclaringClass", object("ReflectionClass")),
    ("ReflectionProperty", "getType", object("ReflectionType")),
    ("SplFileInfo", "openFile", object("SplFileObject")),
];

/// What a function returns.
pub(super) fn function<'a>(name: &str) -> Option<Type<'a>> {
    FUNCTIONS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, known)| *known)
}

/// What a method that this class declares returns.
pub(super) fn method<'a>(class: &str, name: &str) -> Option<Type<'a>> {
    let is_it = |known: &&(&str, &str, Type<'static>)| {
        known.1.eq_ignore_ascii_case(name) && known.0.eq_ignore_ascii_case(class)
    };
    METHODS.iter().find(is_it).map(|(_, _, known)| *known)
}

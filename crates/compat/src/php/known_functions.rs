//! Functions whose arguments mean something: names of functions, constants, directives.

use std::sync::OnceLock;

use super::types::ByName;
use crate::facts::hash_of;

/// What a function does with its arguments. Places count from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Calls the argument at this place.
    TakesCallback(usize),
    /// Calls its last argument.
    TakesCallbackLast,
    /// Calls each of its arguments.
    TakesCallbacks,
    /// Reads or writes a directive of php.ini.
    Setting,
    /// Defines a constant.
    Defines,
    /// Reads a constant by its name.
    NamesConstant,
    /// Gives a class another name.
    AliasesClass,
    /// Loads an extension.
    LoadsExtension,
}

const ROLES: &[(&str, Role)] = &[
    ("array_diff_uassoc", Role::TakesCallbackLast),
    ("array_diff_ukey", Role::TakesCallbackLast),
    ("array_filter", Role::TakesCallback(1)),
    ("array_intersect_uassoc", Role::TakesCallbackLast),
    ("array_intersect_ukey", Role::TakesCallbackLast),
    ("array_map", Role::TakesCallback(0)),
    ("array_reduce", Role::TakesCallback(1)),
    ("array_udiff", Role::TakesCallbackLast),
    ("array_udiff_assoc", Role::TakesCallbackLast),
    ("array_uintersect", Role::TakesCallbackLast),
    ("array_uintersect_assoc", Role::TakesCallbackLast),
    ("array_walk", Role::TakesCallback(1)),
    ("array_walk_recursive", Role::TakesCallback(1)),
    ("call_user_func", Role::TakesCallback(0)),
    ("call_user_func_array", Role::TakesCallback(0)),
    ("class_alias", Role::AliasesClass),
    ("constant", Role::NamesConstant),
    ("define", Role::Defines),
    ("dl", Role::LoadsExtension),
    ("forward_static_call", Role::TakesCallback(0)),
    ("forward_static_call_array", Role::TakesCallback(0)),
    ("get_cfg_var", Role::Setting),
    ("header_register_callback", Role::TakesCallback(0)),
    ("ini_alter", Role::Setting),
    ("ini_get", Role::Setting),
    ("ini_restore", Role::Setting),
    ("ini_set", Role::Setting),
    ("iterator_apply", Role::TakesCallback(1)),
    ("mb_ereg_replace_callback", Role::TakesCallback(1)),
    ("ob_start", Role::TakesCallback(0)),
    ("preg_replace_callback", Role::TakesCallback(1)),
    ("register_shutdown_function", Role::TakesCallback(0)),
    ("register_tick_function", Role::TakesCallback(0)),
    ("session_set_save_handler", Role::TakesCallbacks),
    ("set_error_handler", Role::TakesCallback(0)),
    ("set_exception_handler", Role::TakesCallback(0)),
    ("spl_autoload_register", Role::TakesCallback(0)),
    ("uasort", Role::TakesCallback(1)),
    ("uksort", Role::TakesCallback(1)),
    ("usort", Role::TakesCallback(1)),
];

/// The role of a global function, if it has one.
pub(super) fn role(name: &str) -> Option<Role> {
    static ROLE: OnceLock<ByName<(&'static str, Role)>> = OnceLock::new();
    let roles = ROLE.get_or_init(|| ROLES.iter().map(|row| (hash_of(row.0), *row)).collect());
    let (known, role) = roles.get(&hash_of(name))?;
    known.eq_ignore_ascii_case(name).then_some(*role)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_found_in_any_case() {
        assert_eq!(role("USort"), Some(Role::TakesCallback(1)));
        assert_eq!(role("sort"), None);
        let mut names: Vec<_> = ROLES.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ROLES.len());
    }
}

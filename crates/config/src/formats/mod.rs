//! The kinds of files that hold configuration, one module each. To add one: a module with `read`, a line in [`FORMATS`] and one in
//! [`SOURCES`](sternway_core::project::SOURCES) of the crate `core`, which says what its keys are.
//!
//! A parser takes an [`Input`] and answers with a [`Read`]: each assignment with the place of its key, each line or node that cannot be
//! read as a finding S0201 that quotes nothing of it. What cannot be told without running a program is [`Piece::Unknown`]: never a guess.
//! Documents become assignments through [`Node`](crate::document::Node).
//!
//! [`Piece::Unknown`]: crate::source::Piece::Unknown

mod apache;
pub mod appsettings;
mod beside;
mod command;
mod compose;
mod dotenv_compose;
mod dotenv_docker;
mod dotenv_lines;
mod dotenv_node;
mod dotenv_php;
mod dotenv_python;
mod dotenv_ruby;
mod dotenv_symfony;
mod files;
mod glyphs;
mod include;
mod ini;
mod json;
mod json5;
mod json_tree;
mod kubernetes;
mod nginx;
mod php;
mod php_ini;
mod placeholders;
mod properties;
mod scope;
mod select;
pub mod spring;
mod systemd;
mod text;
mod toml;
mod web_config;
mod which;
mod wp_config;
mod xml;
mod xml_tree;
mod yaml;

pub(crate) use self::text::LARGEST;
use crate::dotenv;
use crate::source::{Input, Read};

/// How a file of one kind is read.
#[derive(Debug)]
pub struct Format {
    /// Its name in sternway.toml.
    pub name: &'static str,
    /// The parser.
    pub read: fn(&Input<'_>) -> Read,
}

/// All of them, by the names of [`SOURCES`](sternway_core::project::SOURCES).
pub static FORMATS: &[Format] = &[
    Format { name: "dotenv", read: dotenv::read },
    Format { name: "dotenv-compose", read: dotenv_compose::read },
    Format { name: "dotenv-docker", read: dotenv_docker::read },
    Format { name: "dotenv-node", read: dotenv_node::read },
    Format { name: "dotenv-php", read: dotenv_php::read },
    Format { name: "dotenv-symfony", read: dotenv_symfony::read },
    Format { name: "dotenv-python", read: dotenv_python::read },
    Format { name: "dotenv-ruby", read: dotenv_ruby::read },
    Format { name: "ini", read: ini::read },
    Format { name: "json", read: json::read },
    Format { name: "json5", read: json5::read },
    Format { name: "files", read: files::read },
    Format { name: "command", read: command::read },
    Format { name: "php", read: php::read },
    Format { name: "wp-config", read: wp_config::read },
    Format { name: "php-ini", read: php_ini::read },
    Format { name: "properties", read: properties::read },
    Format { name: "spring", read: spring::read },
    Format { name: "appsettings", read: appsettings::read },
    Format { name: "toml", read: toml::read },
    Format { name: "xml", read: xml::read },
    Format { name: "web-config", read: web_config::read },
    Format { name: "yaml", read: yaml::read },
    Format { name: "compose", read: compose::read },
    Format { name: "kubernetes", read: kubernetes::read },
    Format { name: "systemd", read: systemd::read },
    Format { name: "nginx", read: nginx::read },
    Format { name: "apache", read: apache::read },
];

/// The format with this name.
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

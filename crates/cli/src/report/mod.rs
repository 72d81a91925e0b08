//! An incident's record, rendered from the logbook alone.
//!
//! [`gather`] folds entries into a [`Report`]; [`markdown()`], [`html()`] and [`json()`] render it. Nothing is invented: each statement cites
//! its entries, what was not observed is said to be unknown, and what only a person can write is left open and marked. No file is
//! read and no clock asked, so that the same logbook gives the same report.
//!
//! [`scope`] chooses the entries, [`evidence`] finds the moments, [`impact`] counts, [`narrative`] writes sentences, [`timeline`] lists.

mod actions;
mod evidence;
mod facts;
mod figures;
mod html;
mod impact;
mod json;
mod list;
mod markdown;
mod model;
mod narrative;
mod prose;
mod scope;
#[cfg(test)]
mod tests;
mod timeline;
mod words;

pub(crate) use facts::gather;
pub(crate) use html::html;
pub(crate) use json::json;
pub(crate) use list::{Summary, list, list_json, list_text, newest, summaries};
pub(crate) use markdown::markdown;
pub(crate) use model::{Moment, Report, Restoration, Status};

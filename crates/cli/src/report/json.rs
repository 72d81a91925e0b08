//! The report as JSON, for other programs.
//!
//! The shape is [`Report`] field by field, with `"format": 1` first. Within a format fields are only added; a field never changes its
//! meaning. Times are RFC 3339 in UTC with milliseconds, spans are whole milliseconds, shares are 0 to 1. What is not known is
//! `null`, never zero and never left out. `entries` are positions in the logbook, `"entry": 12` is entry `#12`. Texts are plain, except
//! that a pair of backticks marks code; they are not escaped for any other format.
//!
//! ```json
//! {"format":1, "incident":2, "title":"...", "date":"2026-11-21", "environment":"production",
//!  "status":"open|restored|resolved",
//!  "rollout":{"number":4,"kind":"ship|rollback","from":{"number":1,"origin":"","bad":false},"to":{...},"outcome":"rolled_back","held":null},
//!  "opened":{"at":"...","entry":31,"how":"..."}, "started":{...}, "detected":{...},
//!  "restored":{"at":{...}} or {"never_lost":{"why":"..."}} or {"not_restored":{"why":"..."}} or
//!  {"not_recorded":{"why":"..."}}, "resolved":{...},
//!  "durations":{"to_detect":1200,"detect_to_restore":80,"to_restore":1280,"to_resolve":null},
//!  "production":"...",
//!  "affected":{"source":"recorded|counted|no_traffic|unknown","failed_requests":18,"requests":60,"clients":6,"span":2000,"method":"...",
//!              "not_included":["..."],"entries":[20,22]},
//!  "frequency":{"share":0.3,"per_second":9.0,"percent":10,"expected":0.06},
//!  "impact":[{"metric":"unauthorized","release":3,"errors":18,"requests":60,"rejected":true,"text":"...","entries":[24]}],
//!  "happened":[{"text":"...","entries":[9]}], "cause":[...], "unknown":[...],
//!  "actions":[{"at":"...","by":"serve@host","automatic":true,"what":"...","tone":"good|bad|unknown|notable|plain","entry":28}],
//!  "to_write":[{"section":"affected|happened|cause|actions","text":"..."}],
//!  "timeline":[{"first":12,"last":14,"entries":3,"at":"...","by":"...","what":"...","tone":"good"}]}
//! ```

use super::model::Report;

/// The report in the shape that this module documents.
pub(crate) fn json(report: &Report) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(report)
}

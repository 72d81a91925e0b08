//! `report`: an incident's record, from the logbook alone.

use sternway_core::ids::IncidentNumber;
use sternway_engine::Journal as _;

use crate::args::{Report, ReportFormat};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::{render, report};

pub(super) fn run(context: &Context, args: &Report, json: bool) -> Result<Exit, Failure> {
    let journal = context.existing_journal()?;
    let entries = journal.entries_after(0).map_err(|error| {
        Failure::internal("S0801", "the logbook cannot be read").cause(&error).next("sternway log --verify")
    })?;
    let unwritten = |error: serde_json::Error| Failure::internal("S0914", "the report cannot be written").cause(&error);
    if args.list {
        let all = report::list(&entries);
        render::line(&if json {
            report::list_json(&all).map_err(unwritten)?
        } else {
            report::list_text(&all).trim_end().to_owned()
        });
        return Ok(Exit::Done);
    }
    let Some(number) = args.incident.map(IncidentNumber).or_else(|| report::newest(&entries)) else {
        render::line("no incident was ever opened");
        return Ok(Exit::Done);
    };
    let record = report::gather(&entries, number).ok_or_else(|| {
        Failure::usage("S0908", format!("there is no incident {number}")).next("sternway report --list")
    })?;
    let text = match args.format {
        _ if json => report::json(&record).map_err(unwritten)?,
        ReportFormat::Json => report::json(&record).map_err(unwritten)?,
        ReportFormat::Markdown => report::markdown(&record),
        ReportFormat::Html => report::html(&record),
    };
    render::line(&text);
    Ok(Exit::Done)
}

//! The lease: who may act on an environment, under an epoch that only grows.
//!
//! Time comes from the callers. A lease protects by its epoch, not by its clock: whoever lost it is refused by
//! [`crate::Guard::lease`], by agents and by proxies, however wrong the clocks are. Time only decides when another may take over.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _, params};
use serde::{Deserialize, Serialize};
use sternway_core::ids::{EnvironmentName, Epoch};
use sternway_core::time::Timestamp;

use crate::append::greatest_epoch;
use crate::error::LogbookError;

/// Proof of an acquisition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaseToken {
    /// The environment.
    pub environment: EnvironmentName,
    /// Who acquired it.
    pub holder: String,
    /// Of which generation.
    pub epoch: Epoch,
}

/// The lease was acquired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acquired {
    /// Passed to guards, renewals and the release.
    pub token: LeaseToken,
    /// The new generation, greater than any before.
    pub epoch: Epoch,
    /// When it runs out unless renewed.
    pub until: Timestamp,
    /// Another holder, whose lease had run out without having been released: there may be something to finish or undo.
    pub took_over_from: Option<String>,
}

/// Somebody else holds the lease.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{environment} is held by {holder} until {until}")]
pub struct HeldBy {
    /// The environment.
    pub environment: EnvironmentName,
    /// Who.
    pub holder: String,
    /// Until when, unless renewed.
    pub until: Timestamp,
    /// Under which epoch.
    pub epoch: Epoch,
}

/// The lease is lost: another took it over, or it was released.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the lease on {environment} under epoch {held} is lost: epoch {epoch}, {}", match holder { Some(name) => format!("held by {name}"), None => "released".into() })]
pub struct Fenced {
    /// The environment.
    pub environment: EnvironmentName,
    /// The caller's epoch.
    pub held: Epoch,
    /// Who holds it now; `None` when it was released.
    pub holder: Option<String>,
    /// The epoch now.
    pub epoch: Epoch,
}

/// A lease as it stands, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseStatus {
    /// The environment.
    pub environment: EnvironmentName,
    /// The last epoch.
    pub epoch: Epoch,
    /// Who holds it, or held it last without releasing it; `None` when it was released.
    pub holder: Option<String>,
    /// When it runs out or ran out.
    pub until: Timestamp,
}

impl LeaseStatus {
    /// Whether nobody else could acquire it at this time.
    pub fn is_held(&self, now: Timestamp) -> bool {
        self.holder.is_some() && now < self.until
    }
}

/// Why a lease was not acquired.
#[derive(Debug, thiserror::Error)]
pub enum AcquireError {
    /// Somebody else holds it.
    #[error(transparent)]
    HeldBy(#[from] HeldBy),
    /// The logbook failed.
    #[error(transparent)]
    Logbook(#[from] LogbookError),
}

/// Why a lease was not renewed.
#[derive(Debug, thiserror::Error)]
pub enum RenewError {
    /// It is lost.
    #[error(transparent)]
    Fenced(#[from] Fenced),
    /// The logbook failed. The lease may still hold: try again before it runs out.
    #[error(transparent)]
    Logbook(#[from] LogbookError),
}

struct Row {
    epoch: u64,
    holder: Option<String>,
    until: Timestamp,
    ttl: i64,
}

fn find(connection: &Connection, environment: &EnvironmentName) -> Result<Option<Row>, LogbookError> {
    let mut statement =
        connection.prepare_cached("SELECT epoch, holder, until, ttl FROM leases WHERE environment = ?1")?;
    let row = statement.query_row([environment.as_str()], |row| {
        let until = Timestamp::from_millis(row.get(2)?);
        Ok(Row { epoch: row.get::<_, i64>(0)?.cast_unsigned(), holder: row.get(1)?, until, ttl: row.get(3)? })
    });
    Ok(row.optional()?)
}

/// What the lease says to somebody who wants it at this time.
enum Answer {
    /// It is free.
    Free { took_over_from: Option<String> },
    /// It is held, for as long.
    Held { holder: String, until: Timestamp },
}

fn ask(row: &Row, holder: &str, now: Timestamp) -> Answer {
    match &row.holder {
        None => Answer::Free { took_over_from: None },
        // The same holder lost its token (its answer got lost): holders are unique to a process, so nobody else acts as it.
        Some(same) if same == holder => Answer::Free { took_over_from: None },
        Some(other) if row.until <= now => Answer::Free { took_over_from: Some(other.clone()) },
        // Further away than it was ever granted: the clock went back since. Counted anew from now, or the lease would outlive its
        // holder by as much.
        Some(other) => {
            let longest = now.plus(Duration::from_millis(row.ttl.unsigned_abs()));
            Answer::Held { holder: other.clone(), until: row.until.min(longest) }
        }
    }
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

pub(crate) fn acquire(
    connection: &Connection,
    environment: &EnvironmentName,
    holder: &str,
    ttl: Duration,
    now: Timestamp,
) -> Result<Result<Acquired, HeldBy>, LogbookError> {
    let row = find(connection, environment)?;
    let (last, answer) = match &row {
        None => (greatest_epoch(connection, environment.as_str())?, Answer::Free { took_over_from: None }),
        Some(row) => (row.epoch, ask(row, holder, now)),
    };
    match answer {
        Answer::Held { holder, until } => {
            if row.is_some_and(|row| row.until != until) {
                connection.execute(
                    "UPDATE leases SET until = ?2 WHERE environment = ?1",
                    params![environment.as_str(), until.as_millis()],
                )?;
            }
            Ok(Err(HeldBy { environment: environment.clone(), holder, until, epoch: Epoch(last) }))
        }
        Answer::Free { took_over_from } => {
            let epoch = Epoch(last + 1);
            let until = now.plus(ttl);
            connection.execute(
                "INSERT INTO leases (environment, epoch, holder, until, ttl) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (environment) DO UPDATE SET epoch = ?2, holder = ?3, until = ?4, ttl = ?5",
                params![environment.as_str(), epoch.0.cast_signed(), holder, until.as_millis(), millis(ttl)],
            )?;
            let token = LeaseToken { environment: environment.clone(), holder: holder.to_owned(), epoch };
            Ok(Ok(Acquired { token, epoch, until, took_over_from }))
        }
    }
}

/// Whether the token is still the lease.
pub(crate) fn check(connection: &Connection, token: &LeaseToken) -> Result<Result<(), Fenced>, LogbookError> {
    let row = find(connection, &token.environment)?;
    let (holder, epoch) = row.map_or((None, 0), |row| (row.holder, row.epoch));
    if epoch == token.epoch.0 && holder.as_ref() == Some(&token.holder) {
        return Ok(Ok(()));
    }
    Ok(Err(Fenced { environment: token.environment.clone(), held: token.epoch, holder, epoch: Epoch(epoch) }))
}

pub(crate) fn renew(
    connection: &Connection,
    token: &LeaseToken,
    ttl: Duration,
    now: Timestamp,
) -> Result<Result<Timestamp, Fenced>, LogbookError> {
    if let Err(fenced) = check(connection, token)? {
        return Ok(Err(fenced));
    }
    let until = now.plus(ttl);
    let mut update = connection.prepare_cached("UPDATE leases SET until = ?2, ttl = ?3 WHERE environment = ?1")?;
    update.execute(params![token.environment.as_str(), until.as_millis(), millis(ttl)])?;
    Ok(Ok(until))
}

pub(crate) fn release(connection: &Connection, token: &LeaseToken) -> Result<bool, LogbookError> {
    let ours = check(connection, token)?.is_ok();
    if ours {
        connection.execute("UPDATE leases SET holder = NULL WHERE environment = ?1", [token.environment.as_str()])?;
    }
    Ok(ours)
}

pub(crate) fn status(
    connection: &Connection,
    environment: &EnvironmentName,
) -> Result<Option<LeaseStatus>, LogbookError> {
    let status = |row: Row| LeaseStatus {
        environment: environment.clone(),
        epoch: Epoch(row.epoch),
        holder: row.holder,
        until: row.until,
    };
    Ok(find(connection, environment)?.map(status))
}

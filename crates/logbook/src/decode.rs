//! Reading much at once: entries are read and decoded on all cores, and shown in order.

use std::num::NonZero;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;

use rusqlite::Connection;

use crate::error::LogbookError;
use crate::logbook::Logbook;
use crate::read::{COLUMNS, Stored};
use crate::record::RecordRef;
use crate::segments::chain_after;
use crate::unread::{self, Unread};
use crate::verify::VerifyError;

/// Entries that a thread decodes in one go: enough that handing them over does not count, few enough that they stay small in memory.
const SEGMENT: u64 = 2048;

/// Why a segment is not what was asked for.
enum Stop<E> {
    Decode(E),
    Read(LogbookError),
    /// Its entries are not as they were written.
    Broken,
}

impl<E> From<LogbookError> for Stop<E> {
    fn from(error: LogbookError) -> Self {
        Self::Read(error)
    }
}

impl<E> From<rusqlite::Error> for Stop<E> {
    fn from(error: rusqlite::Error) -> Self {
        Self::Read(error.into())
    }
}

/// What became of a segment's entries, up to the first that ended it.
type Decoded<T, E> = (Vec<T>, Result<(), Stop<E>>);

/// From a thread that decodes, and back to it: memory is freed where it was taken, which is a quarter cheaper.
type Decoder<T, E> = (Receiver<Decoded<T, E>>, Sender<Vec<T>>);

/// Which entries: those after one, up to another.
#[derive(Debug, Clone, Copy)]
struct Span {
    after: u64,
    end: u64,
}

impl Logbook {
    /// Shows in order what `decode` made of each entry after `after` (0: from the first) and up to `to` (at most the last), until `f`
    /// fails. When there are many, `decode` runs on several threads, on some thousand entries at a time, *the latest of them first*: in
    /// an `L` it can keep what it has seen of those to come, to leave unread what they make useless. How far they reach is left open.
    /// `f` runs on this thread. The chain is not checked: see [`Logbook::replay`].
    pub fn decode_each<L: Default, T: Send, E: From<LogbookError> + Send>(
        &self,
        after: u64,
        to: u64,
        decode: impl Fn(&mut L, Unread<'_>) -> Result<T, E> + Sync,
        f: impl FnMut(&T) -> Result<(), E>,
    ) -> Result<(), E> {
        let end = self.last()?.map_or(0, |(seq, _)| seq).min(to);
        if end <= after {
            return Ok(());
        }
        let segment =
            |reader: &Connection, span: Span, decoded: &mut Vec<T>| decode_backwards(reader, span, &decode, decoded);
        match self.decode_segments(Span { after, end }, &segment, f) {
            Ok(()) => Ok(()),
            Err(Stop::Decode(error)) => Err(error),
            Err(Stop::Read(error)) => Err(error.into()),
            Err(Stop::Broken) => Err(changed().into()),
        }
    }

    /// Shows in order what `decode` made of each entry from the first, with the whole chain checked on the same threads. What `f` made
    /// of the entries is to be trusted only when this returns `Ok`.
    pub fn replay<T: Send, E: From<VerifyError> + From<LogbookError> + Send>(
        &self,
        decode: impl Fn(RecordRef<'_>) -> Result<T, E> + Sync,
        f: impl FnMut(&T) -> Result<(), E>,
    ) -> Result<(), E> {
        let end = self.last()?.map_or(0, |(seq, _)| seq);
        let segment =
            |reader: &Connection, span: Span, decoded: &mut Vec<T>| decode_checked(reader, span, &decode, decoded);
        match self.decode_segments(Span { after: 0, end }, &segment, f) {
            Ok(()) => Ok(()),
            Err(stop) => {
                // A broken chain explains whatever else went wrong, so it is said first.
                self.check_to(end)?;
                match stop {
                    Stop::Decode(error) => Err(error),
                    Stop::Read(error) => Err(error.into()),
                    Stop::Broken => Err(changed().into()),
                }
            }
        }
    }

    fn decode_segments<T: Send, E: Send>(
        &self,
        span: Span,
        segment: &(impl Fn(&Connection, Span, &mut Vec<T>) -> Result<(), Stop<E>> + Sync),
        mut f: impl FnMut(&T) -> Result<(), E>,
    ) -> Result<(), Stop<E>> {
        // An empty logbook has one segment when it is checked: nothing may stand at 0 or below.
        let segments = (span.end - span.after).div_ceil(SEGMENT).max(1);
        let threads =
            thread::available_parallelism().map_or(1, NonZero::get).min(usize::try_from(segments).unwrap_or(1));
        thread::scope(|scope| {
            // Each thread decodes every so many segments, so that taking turns at the receivers gives all in order.
            let decoders: Vec<Decoder<T, E>> = (0..threads as u64)
                .map(|first| {
                    let mine = (first..segments).step_by(threads).map(move |n| span.after + n * SEGMENT);
                    let ((give, take), (give_back, taken_back)) = (sync_channel(1), channel());
                    scope.spawn(move || self.decode_all(span.end, mine, segment, &give, &taken_back));
                    (take, give_back)
                })
                .collect();
            for (take, give_back) in decoders.iter().cycle() {
                // One that has given its last and is gone: so all have been taken. (A panic of its thread goes on in this scope.)
                let Ok((decoded, ended)) = take.recv() else { return Ok(()) };
                decoded.iter().try_for_each(&mut f).map_err(Stop::Decode)?;
                ended?;
                let _gone_after_its_last = give_back.send(decoded);
            }
            Ok(())
        })
    }

    /// Decodes the segments after these entries, until one fails or nobody takes them any more.
    fn decode_all<T: Send, E: Send>(
        &self,
        end: u64,
        mine: impl Iterator<Item = u64>,
        segment: &impl Fn(&Connection, Span, &mut Vec<T>) -> Result<(), Stop<E>>,
        give: &SyncSender<Decoded<T, E>>,
        taken_back: &Receiver<Vec<T>>,
    ) {
        for after in mine {
            let span = Span { after, end: end.min(after + SEGMENT) };
            let mut decoded = taken_back.try_iter().last().unwrap_or_default();
            decoded.clear();
            decoded.reserve(usize::try_from(span.end - span.after).unwrap_or_default());
            let reader = self.shared.readers.take().map_err(Stop::Read);
            let ended = reader.and_then(|reader| segment(&reader, span, &mut decoded));
            if give.send((decoded, ended)).is_err() {
                return;
            }
        }
    }
}

/// The latest first; what was decoded is in order again when this returns, and ends before the first that could not be.
fn decode_backwards<L: Default, T, E>(
    reader: &Connection,
    span: Span,
    decode: &impl Fn(&mut L, Unread<'_>) -> Result<T, E>,
    decoded: &mut Vec<T>,
) -> Result<(), Stop<E>> {
    let mut statement = reader.prepare_cached(unread::SELECT)?;
    let mut rows = statement.query([span.after.cast_signed(), span.end.cast_signed()])?;
    let (mut later, mut ended) = (L::default(), Ok(()));
    while let Some(row) = rows.next()? {
        match decode(&mut later, Unread::new(row)) {
            Ok(one) => decoded.push(one),
            Err(error) => {
                decoded.clear();
                ended = Err(Stop::Decode(error));
            }
        }
    }
    decoded.reverse();
    ended
}

/// In order, with the chain checked.
fn decode_checked<T, E>(
    reader: &Connection,
    span: Span,
    decode: &impl Fn(RecordRef<'_>) -> Result<T, E>,
    decoded: &mut Vec<T>,
) -> Result<(), Stop<E>> {
    let mut chain = chain_after(reader, span.after)?.ok_or(Stop::Broken)?;
    let mut statement =
        reader.prepare_cached(&format!("SELECT {COLUMNS} FROM entries WHERE seq > ?1 AND seq <= ?2 ORDER BY seq"))?;
    // Nothing may stand at 0 or below.
    let from = if span.after == 0 { i64::MIN } else { span.after.cast_signed() };
    let mut rows = statement.query([from, span.end.cast_signed()])?;
    while let Some(row) = rows.next()? {
        let row = Stored::from_row(row)?;
        if !chain.follow(&row) {
            return Err(Stop::Broken);
        }
        decoded.push(decode(row.to_ref()?).map_err(Stop::Decode)?);
    }
    if chain.seq == span.end { Ok(()) } else { Err(Stop::Broken) }
}

fn changed() -> LogbookError {
    LogbookError::Damaged { detail: "its entries changed while they were read".into() }
}

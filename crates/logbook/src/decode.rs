//! Reading much at once: entries are read and decoded on all cores, and shown in order.

use std::num::NonZero;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;

use rusqlite::Connection;

use crate::diagnosis::Chain;
use crate::error::LogbookError;
use crate::logbook::Logbook;
use crate::read::{COLUMNS, Stored};
use crate::record::RecordRef;
use crate::segments::chain_after;
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

/// Which entries, and whether the chain is checked on the way.
#[derive(Debug, Clone, Copy)]
struct Span {
    after: u64,
    end: u64,
    checked: bool,
}

impl Logbook {
    /// Shows in order what `decode` made of each entry after `after` (0: from the first), until `f` fails. When there are many,
    /// `decode` runs on several threads; `f` runs on this one. The chain is not checked: see [`Logbook::replay`].
    pub fn decode_each<T: Send, E: From<LogbookError> + Send>(
        &self,
        after: u64,
        decode: impl Fn(RecordRef<'_>) -> Result<T, E> + Sync,
        mut f: impl FnMut(&T) -> Result<(), E>,
    ) -> Result<(), E> {
        let end = self.last()?.map_or(0, |(seq, _)| seq);
        if end.saturating_sub(after) <= SEGMENT {
            return self.walk(after, end, |record| f(&decode(record)?));
        }
        match self.decode_segments(Span { after, end, checked: false }, &decode, f) {
            Ok(()) => Ok(()),
            Err(Stop::Decode(error)) => Err(error),
            Err(Stop::Read(error)) => Err(error.into()),
            Err(Stop::Broken) => Err(changed().into()),
        }
    }

    /// As [`Logbook::decode_each`] from the first entry, with the whole chain checked on the same threads. What `f` made of the
    /// entries is to be trusted only when this returns `Ok`.
    pub fn replay<T: Send, E: From<VerifyError> + From<LogbookError> + Send>(
        &self,
        decode: impl Fn(RecordRef<'_>) -> Result<T, E> + Sync,
        f: impl FnMut(&T) -> Result<(), E>,
    ) -> Result<(), E> {
        let end = self.last()?.map_or(0, |(seq, _)| seq);
        match self.decode_segments(Span { after: 0, end, checked: true }, &decode, f) {
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
        decode: &(impl Fn(RecordRef<'_>) -> Result<T, E> + Sync),
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
                    scope.spawn(move || self.decode_all(span, mine, decode, &give, &taken_back));
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
        span: Span,
        mine: impl Iterator<Item = u64>,
        decode: &impl Fn(RecordRef<'_>) -> Result<T, E>,
        give: &SyncSender<Decoded<T, E>>,
        taken_back: &Receiver<Vec<T>>,
    ) {
        for after in mine {
            let segment = Span { after, end: span.end.min(after + SEGMENT), ..span };
            let mut decoded = taken_back.try_iter().last().unwrap_or_default();
            decoded.clear();
            let reader = self.shared.readers.take().map_err(Stop::Read);
            let ended = reader.and_then(|reader| decode_segment(&reader, segment, decode, &mut decoded));
            if give.send((decoded, ended)).is_err() {
                return;
            }
        }
    }
}

fn decode_segment<T, E>(
    reader: &Connection,
    span: Span,
    decode: &impl Fn(RecordRef<'_>) -> Result<T, E>,
    decoded: &mut Vec<T>,
) -> Result<(), Stop<E>> {
    let mut chain = if span.checked { Some(chain_after(reader, span.after)?.ok_or(Stop::Broken)?) } else { None };
    let mut statement =
        reader.prepare_cached(&format!("SELECT {COLUMNS} FROM entries WHERE seq > ?1 AND seq <= ?2 ORDER BY seq"))?;
    let from = if span.after == 0 && span.checked { i64::MIN } else { span.after.cast_signed() };
    let mut rows = statement.query([from, span.end.cast_signed()])?;
    decoded.reserve(usize::try_from(span.end - span.after).unwrap_or_default());
    while let Some(row) = rows.next()? {
        let row = Stored::from_row(row)?;
        if !chain.as_mut().is_none_or(|chain| chain.follow(&row)) {
            return Err(Stop::Broken);
        }
        decoded.push(decode(row.to_ref()?).map_err(Stop::Decode)?);
    }
    let whole = chain.is_none_or(|chain: Chain| chain.seq == span.end);
    if whole { Ok(()) } else { Err(Stop::Broken) }
}

fn changed() -> LogbookError {
    LogbookError::Damaged { detail: "its entries changed while they were read".into() }
}

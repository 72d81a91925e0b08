//! The packets of MySQL's protocol (<https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_packets.html>). By hand, since
//! every read has to end by one deadline, every packet has to be bounded, and the stream may become encrypted after the first one.

use std::io::{self, Read as _, Write as _};
use std::time::{Duration, Instant};

use crate::failing::Failing;
use crate::reach::Stream;
use crate::target::left;
use crate::tls;

/// No packet of a login or of these questions is longer.
const LONGEST: usize = 64 * 1024;

pub(super) const STRANGE: Failing = Failing::Strange("what answers does not speak as MySQL does");

/// One connection.
pub(super) struct Wire {
    stream: Stream,
    limit: Duration,
    pub(super) end: Instant,
    /// The number of the next packet of this exchange.
    next: u8,
}

impl Wire {
    pub(super) fn new(stream: Stream, limit: Duration) -> Self {
        Self { stream, limit, end: Instant::now() + limit, next: 0 }
    }

    /// The same exchange over another stream: the old one, encrypted.
    pub(super) fn through(self, change: impl FnOnce(Stream) -> Result<Stream, Failing>) -> Result<Self, Failing> {
        Ok(Self { stream: change(self.stream)?, ..self })
    }

    /// A new exchange begins.
    pub(super) fn restart(&mut self) {
        self.next = 0;
    }

    pub(super) fn read(&mut self) -> Result<Vec<u8>, Failing> {
        let mut head = [0; 4];
        self.fill(&mut head)?;
        let [low, middle, high, number] = head;
        let length = usize::from(low) | usize::from(middle) << 8 | usize::from(high) << 16;
        if length > LONGEST || number != self.next {
            return Err(STRANGE);
        }
        self.next = number.wrapping_add(1);
        let mut body = vec![0; length];
        self.fill(&mut body)?;
        Ok(body)
    }

    pub(super) fn write(&mut self, body: &[u8]) -> Result<(), Failing> {
        let length = u32::try_from(body.len()).ok().filter(|length| *length < 1 << 24).ok_or(STRANGE)?;
        let [low, middle, high, _] = length.to_le_bytes();
        let mut packet = vec![low, middle, high, self.next];
        packet.extend_from_slice(body);
        self.next = self.next.wrapping_add(1);
        self.patience()?;
        self.stream.write_all(&packet).map_err(|error| self.failing(&error))
    }

    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), Failing> {
        let mut read = 0;
        while read < buffer.len() {
            self.patience()?;
            match self.stream.read(&mut buffer[read..]) {
                Ok(0) => return Err(STRANGE),
                Ok(more) => read += more,
                Err(error) => return Err(self.failing(&error)),
            }
        }
        Ok(())
    }

    fn patience(&self) -> Result<(), Failing> {
        let left = left(self.end).ok_or_else(|| Failing::silent(self.limit))?;
        self.stream.patience(left).map_err(|error| self.failing(&error))
    }

    fn failing(&self, error: &io::Error) -> Failing {
        match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Failing::silent(self.limit),
            _ => tls::of_error(error, true).unwrap_or(STRANGE),
        }
    }
}

/// The bytes of a packet, taken from the front. Whatever is not there is strange.
pub(super) struct Bytes<'a>(pub(super) &'a [u8]);

impl<'a> Bytes<'a> {
    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], Failing> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(STRANGE)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn byte(&mut self) -> Result<u8, Failing> {
        Ok(self.take(1)?[0])
    }

    pub(super) fn short(&mut self) -> Result<u16, Failing> {
        let taken = self.take(2)?;
        Ok(u16::from_le_bytes([taken[0], taken[1]]))
    }

    /// Up to a NUL, or to the end where there is none.
    pub(super) fn until_nul(&mut self) -> &'a [u8] {
        let end = self.0.iter().position(|byte| *byte == 0).unwrap_or(self.0.len());
        let (taken, rest) = self.0.split_at(end);
        self.0 = rest.get(1..).unwrap_or_default();
        taken
    }

    /// A text with its length before it; `None` for NULL.
    pub(super) fn text(&mut self) -> Result<Option<&'a [u8]>, Failing> {
        let length = match self.byte()? {
            0xfb => return Ok(None),
            0xfc => usize::from(self.short()?),
            short @ ..=0xfa => usize::from(short),
            // Longer than any packet that is taken.
            _ => return Err(STRANGE),
        };
        self.take(length).map(Some)
    }
}

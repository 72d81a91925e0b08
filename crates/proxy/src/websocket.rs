//! Just enough of WebSocket (RFC 6455, 5.2) to know where a frame ends, so that a close frame can be put between two.

/// A close frame as a server sends it: status 1001, going away.
pub(crate) const GOING_AWAY: [u8; 4] = [0x88, 0x02, 0x03, 0xE9];

/// Follows the frames of one direction.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    header: [u8; 14],
    have: usize,
    payload: u64,
}

impl Frames {
    /// Takes the next bytes of the stream.
    pub(crate) fn feed(&mut self, mut bytes: &[u8]) {
        while let Some((first, rest)) = bytes.split_first() {
            if self.payload > 0 {
                let skipped = usize::try_from(self.payload).unwrap_or(usize::MAX).min(bytes.len());
                self.payload -= skipped as u64;
                bytes = &bytes[skipped..];
                continue;
            }
            self.header[self.have] = *first;
            self.have += 1;
            bytes = rest;
            if let Some(length) = self.length() {
                self.payload = length;
                self.have = 0;
            }
        }
    }

    /// Whether the stream stands between two frames.
    pub(crate) fn between(&self) -> bool {
        self.have == 0 && self.payload == 0
    }

    /// The length of the payload, once the header is whole.
    fn length(&self) -> Option<u64> {
        if self.have < 2 {
            return None;
        }
        let big_endian = |bytes: &[u8]| bytes.iter().fold(0, |sum, byte| (sum << 8) | u64::from(*byte));
        let extended = match self.header[1] & 0x7F {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        let mask = if self.header[1] & 0x80 == 0 { 0 } else { 4 };
        (self.have == 2 + extended + mask).then(|| match extended {
            0 => u64::from(self.header[1] & 0x7F),
            _ => big_endian(&self.header[2..2 + extended]),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_each_frame_is_found_however_the_bytes_are_cut() {
        let mut stream = Vec::new();
        let mut ends = vec![0];
        for (header, length) in [
            (vec![0x81, 5], 5),
            (vec![0x89, 0], 0),
            (vec![0x82, 126, 1, 0], 256),
            (vec![0x82, 0x80 | 3, 9, 9, 9, 9], 3),
            (vec![0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0], 65536),
        ] {
            stream.extend(header);
            stream.resize(stream.len() + length, b'x');
            ends.push(stream.len());
        }
        for step in [1, 2, 3, 7, 100, 100_000] {
            let (mut frames, mut fed) = (Frames::default(), 0);
            for chunk in stream.chunks(step) {
                frames.feed(chunk);
                fed += chunk.len();
                assert_eq!(frames.between(), ends.contains(&fed), "{fed} of steps of {step}");
            }
        }
    }
}

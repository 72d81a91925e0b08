//! One glob of gitignore(5), compiled and matched byte by byte.
//!
//! Matching walks the set of all positions in the pattern that the text may have reached, so that no pattern takes longer than its
//! length times the path's. Agrees with git's own matching, except that `a**/b` is `a*/b` as gitignore(5) says, where git takes
//! the `**` after a plain beginning for folders.

/// A piece of a compiled glob.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    /// This byte.
    Byte(u8),
    /// `?`: any byte but `/`.
    One,
    /// `*`: any number of bytes but `/`.
    Star,
    /// `**/`: any number of whole folders, each with its slash.
    Folders,
    /// `**` at the end after a slash: anything, at least one byte.
    Rest,
    /// `[...]`.
    Class(Box<[bool; 256]>),
}

/// A compiled glob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob(Vec<Piece>);

impl Glob {
    /// Compiles a glob without its leading `!` and its leading and trailing `/`; says what is wrong with it otherwise.
    pub fn compile(glob: &[u8]) -> Result<Self, &'static str> {
        let mut pieces = Vec::with_capacity(glob.len());
        let mut at = 0;
        while at < glob.len() {
            let at_start = at == 0 || glob[at - 1] == b'/';
            match glob[at] {
                b'\\' => {
                    at += 1;
                    pieces.push(Piece::Byte(*glob.get(at).ok_or("ends with a backslash")?));
                }
                b'?' => pieces.push(Piece::One),
                b'*' => {
                    let stars = glob[at..].iter().take_while(|&&byte| byte == b'*').count();
                    let after = at + stars;
                    if stars >= 2 && at_start && glob.get(after) == Some(&b'/') {
                        pieces.push(Piece::Folders);
                        at = after;
                    } else if stars >= 2 && at_start && after == glob.len() {
                        pieces.push(Piece::Rest);
                        at = after;
                    } else {
                        pieces.push(Piece::Star);
                        at = after - 1;
                    }
                }
                b'[' => {
                    let (class, end) = class(glob, at + 1)?;
                    pieces.push(Piece::Class(class));
                    at = end;
                }
                byte => pieces.push(Piece::Byte(byte)),
            }
            at += 1;
        }
        Ok(Self(pieces))
    }

    /// Whether the whole text matches.
    pub fn matches(&self, text: &[u8]) -> bool {
        // reached[i]: the text so far is matched by the first i pieces.
        let mut reached = vec![false; self.0.len() + 1];
        let mut next = reached.clone();
        reached[0] = true;
        self.skip_empty(&mut reached);
        for &byte in text {
            next.fill(false);
            for (index, piece) in self.0.iter().enumerate() {
                if !reached[index] {
                    continue;
                }
                match piece {
                    Piece::Byte(wanted) => next[index + 1] |= *wanted == byte,
                    Piece::One => next[index + 1] |= byte != b'/',
                    Piece::Class(class) => next[index + 1] |= byte != b'/' && class[usize::from(byte)],
                    Piece::Star => next[index] |= byte != b'/',
                    Piece::Rest => {
                        next[index] = true;
                        next[index + 1] = true;
                    }
                    // Inside a folder's name: stay; only its slash lets the pattern go on (see `skip_empty`).
                    Piece::Folders => next[index] = true,
                }
            }
            self.skip_after(&mut next, byte);
            std::mem::swap(&mut reached, &mut next);
            if !reached.contains(&true) {
                return false;
            }
        }
        reached[self.0.len()]
    }

    /// At the start of the text: `*` and `**/` may match nothing.
    fn skip_empty(&self, reached: &mut [bool]) {
        for (index, piece) in self.0.iter().enumerate() {
            if reached[index] && matches!(piece, Piece::Star | Piece::Folders) {
                reached[index + 1] = true;
            }
        }
    }

    /// After a byte: `*` may end anywhere, `**/` only after a slash.
    fn skip_after(&self, reached: &mut [bool], byte: u8) {
        for (index, piece) in self.0.iter().enumerate() {
            let may_end = match piece {
                Piece::Star => true,
                Piece::Folders => byte == b'/',
                _ => false,
            };
            if reached[index] && may_end {
                reached[index + 1] = true;
            }
        }
    }
}

/// The class that begins after `[`; answers with it and the place of its `]`.
fn class(glob: &[u8], start: usize) -> Result<(Box<[bool; 256]>, usize), &'static str> {
    const OPEN: &str = "`[` without `]`";
    let mut members = Box::new([false; 256]);
    let mut at = start;
    let negated = matches!(glob.get(at), Some(b'!' | b'^'));
    if negated {
        at += 1;
    }
    let first = at;
    loop {
        let byte = *glob.get(at).ok_or(OPEN)?;
        if byte == b']' && at > first {
            break;
        }
        if byte == b'[' && glob.get(at + 1) == Some(&b':') {
            let length = glob[at + 2..].windows(2).position(|two| two == b":]").ok_or(OPEN)?;
            named(&glob[at + 2..at + 2 + length], &mut members)?;
            at += length + 4;
            continue;
        }
        let (low, after) = member(glob, at)?;
        at = after;
        if glob.get(at) == Some(&b'-') && glob.get(at + 1).is_some_and(|&end| end != b']') {
            let (high, after) = member(glob, at + 1)?;
            at = after;
            for byte in low..=high {
                members[usize::from(byte)] = true;
            }
        } else {
            members[usize::from(low)] = true;
        }
    }
    if negated {
        members.iter_mut().for_each(|member| *member = !*member);
    }
    Ok((members, at))
}

/// One byte of a class, `\` taken off; answers with it and the place after it.
fn member(glob: &[u8], at: usize) -> Result<(u8, usize), &'static str> {
    match glob.get(at) {
        Some(b'\\') => Ok((*glob.get(at + 1).ok_or("ends with a backslash")?, at + 2)),
        Some(&byte) => Ok((byte, at + 1)),
        None => Err("`[` without `]`"),
    }
}

fn named(name: &[u8], members: &mut [bool; 256]) -> Result<(), &'static str> {
    let is: fn(u8) -> bool = match name {
        b"alnum" => |byte| byte.is_ascii_alphanumeric(),
        b"alpha" => |byte| byte.is_ascii_alphabetic(),
        b"blank" => |byte| byte == b' ' || byte == b'\t',
        b"cntrl" => |byte| byte.is_ascii_control(),
        b"digit" => |byte| byte.is_ascii_digit(),
        b"graph" => |byte| byte.is_ascii_graphic(),
        b"lower" => |byte| byte.is_ascii_lowercase(),
        b"print" => |byte| byte.is_ascii_graphic() || byte == b' ',
        b"punct" => |byte| byte.is_ascii_punctuation(),
        b"space" => |byte| byte.is_ascii_whitespace() || byte == 0x0b,
        b"upper" => |byte| byte.is_ascii_uppercase(),
        b"xdigit" => |byte| byte.is_ascii_hexdigit(),
        _ => return Err("unknown class name"),
    };
    for byte in 0..=u8::MAX {
        members[usize::from(byte)] |= is(byte);
    }
    Ok(())
}

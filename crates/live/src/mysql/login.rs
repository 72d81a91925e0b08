//! Logging in: the greeting, TLS where it is wanted, and the ways in which a password is proven
//! (<https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase.html>).
//!
//! A password itself is only sent over what is encrypted, or a socket. In the clear it is proven by a hash of it and of what the server drew.

use ring::digest::{Algorithm, SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};

use super::wire::{Bytes, STRANGE, Wire};
use crate::failing::Failing;
use crate::tls::Flaw;

// Capabilities of <https://dev.mysql.com/doc/dev/mysql-server/latest/group__group__cs__capabilities__flags.html>.
const LONG_PASSWORD: u32 = 1;
const CONNECT_WITH_DB: u32 = 1 << 3;
const PROTOCOL_41: u32 = 1 << 9;
const SSL: u32 = 1 << 11;
const TRANSACTIONS: u32 = 1 << 13;
const SECURE_CONNECTION: u32 = 1 << 15;
const PLUGIN_AUTH: u32 = 1 << 19;

/// utf8mb4_general_ci.
const CHARSET: u8 = 45;
/// The largest packet that the server may send, in bytes.
const MOST: u32 = 64 * 1024;

/// What the server says first.
#[derive(Debug)]
pub(super) struct Greeting {
    capabilities: u32,
    /// What it drew for this login.
    salt: Vec<u8>,
    plugin: String,
}

/// As whom, and where to.
pub(super) struct Login<'a> {
    pub(super) user: &'a str,
    pub(super) password: &'a str,
    pub(super) database: Option<&'a str>,
    /// Whether nobody else hears what is said: it is encrypted, or a socket.
    pub(super) private: bool,
}

/// Why the server does not let in: one of its error numbers, or something else.
#[derive(Debug)]
pub(super) enum Denied {
    Number(u16),
    Failing(Failing),
}

impl From<Failing> for Denied {
    fn from(failing: Failing) -> Self {
        Self::Failing(failing)
    }
}

impl Greeting {
    pub(super) fn read(wire: &mut Wire) -> Result<Self, Denied> {
        let packet = wire.read()?;
        refused(&packet)?;
        Ok(Self::parse(&packet)?)
    }

    fn parse(packet: &[u8]) -> Result<Self, Failing> {
        let mut bytes = Bytes(packet);
        if bytes.byte()? != 10 {
            return Err(STRANGE);
        }
        bytes.until_nul();
        bytes.take(4)?;
        let mut salt = bytes.take(8)?.to_vec();
        bytes.take(1)?;
        let low = bytes.short()?;
        bytes.take(3)?;
        let high = bytes.short()?;
        let capabilities = u32::from(low) | u32::from(high) << 16;
        let length = usize::from(bytes.byte()?);
        bytes.take(10)?;
        if capabilities & PROTOCOL_41 == 0 || capabilities & SECURE_CONNECTION == 0 {
            return Err(Failing::unknown("the server speaks as MySQL did before 4.1"));
        }
        let more = bytes.take(length.saturating_sub(8).max(13))?;
        salt.extend_from_slice(more);
        // Its last byte is a NUL that does not belong to it.
        salt.truncate(20);
        let plugin = if capabilities & PLUGIN_AUTH == 0 { &b"mysql_native_password"[..] } else { bytes.until_nul() };
        Ok(Self { capabilities, salt, plugin: String::from_utf8_lossy(plugin).into_owned() })
    }

    /// Asks to go on encrypted.
    pub(super) fn ask_for_tls(&self, wire: &mut Wire, login: &Login<'_>) -> Result<(), Failing> {
        if self.capabilities & SSL == 0 {
            return Err(Failing::Encryption(Flaw::NotOffered));
        }
        wire.write(&head(self.flags(login) | SSL))
    }

    fn flags(&self, login: &Login<'_>) -> u32 {
        let wanted = LONG_PASSWORD | PROTOCOL_41 | TRANSACTIONS | SECURE_CONNECTION | PLUGIN_AUTH;
        let database = if login.database.is_some() { CONNECT_WITH_DB } else { 0 };
        (wanted | database) & (self.capabilities | PROTOCOL_41)
    }

    /// Logs in, and into the database.
    pub(super) fn log_in(mut self, wire: &mut Wire, login: &Login<'_>, encrypted: bool) -> Result<(), Denied> {
        // A plugin that is not known here is answered by the common one; the server then names what this user really has.
        let known = proof(&self.plugin, login.password, &self.salt).is_some();
        if !known {
            "mysql_native_password".clone_into(&mut self.plugin);
        }
        let response = proof(&self.plugin, login.password, &self.salt).unwrap_or_default();
        let mut packet = head(self.flags(login) | if encrypted { SSL } else { 0 });
        packet.extend_from_slice(login.user.as_bytes());
        packet.push(0);
        packet.push(u8::try_from(response.len()).map_err(|_| STRANGE)?);
        packet.extend_from_slice(&response);
        let plugin = (self.flags(login) & PLUGIN_AUTH != 0).then_some(self.plugin.as_str());
        for text in login.database.into_iter().chain(plugin) {
            packet.extend_from_slice(text.as_bytes());
            packet.push(0);
        }
        wire.write(&packet)?;
        self.converse(wire, login)
    }

    /// Answers what the server still wants, until it lets in or not.
    fn converse(mut self, wire: &mut Wire, login: &Login<'_>) -> Result<(), Denied> {
        // A switch to what the user really has, the whole password, and the end: more has no honest server to ask.
        for _ in 0..6 {
            let packet = wire.read()?;
            refused(&packet)?;
            match packet.first() {
                Some(0) => return Ok(()),
                Some(0xfe) if packet.len() > 1 => {
                    let mut bytes = Bytes(&packet[1..]);
                    self.plugin = String::from_utf8_lossy(bytes.until_nul()).into_owned();
                    self.salt = bytes.0.strip_suffix(&[0]).unwrap_or(bytes.0).to_vec();
                    let Some(response) = proof(&self.plugin, login.password, &self.salt) else {
                        return Err(no_way());
                    };
                    wire.write(&response)?;
                }
                // caching_sha2_password: 3, the server remembers the password's hash; 4, it wants the password.
                Some(1) if packet.get(1) == Some(&3) => {}
                Some(1) if packet.get(1) == Some(&4) && self.plugin == "caching_sha2_password" => {
                    if !login.private {
                        return Err(in_the_clear());
                    }
                    let mut whole = login.password.as_bytes().to_vec();
                    whole.push(0);
                    wire.write(&whole)?;
                }
                Some(0xfe) => return Err(no_way()),
                _ => return Err(STRANGE.into()),
            }
        }
        Err(STRANGE.into())
    }
}

fn no_way() -> Denied {
    Failing::unknown("the server wants the login in a way that this version does not have").into()
}

fn in_the_clear() -> Denied {
    Failing::unknown("the server wants the password itself, and it is not sent over what is not encrypted").into()
}

/// The part that is the same with and without TLS.
fn head(flags: u32) -> Vec<u8> {
    let mut packet = flags.to_le_bytes().to_vec();
    packet.extend_from_slice(&MOST.to_le_bytes());
    packet.push(CHARSET);
    packet.extend_from_slice(&[0; 23]);
    packet
}

/// An error packet is an end.
pub(super) fn refused(packet: &[u8]) -> Result<(), Denied> {
    if packet.first() != Some(&0xff) {
        return Ok(());
    }
    let mut bytes = Bytes(&packet[1..]);
    Err(Denied::Number(bytes.short()?))
}

/// How a password is proven in the way of a plugin; `None` for one that is not known here. No password is proven by nothing.
fn proof(plugin: &str, password: &str, salt: &[u8]) -> Option<Vec<u8>> {
    match plugin {
        "mysql_native_password" | "caching_sha2_password" if password.is_empty() => Some(Vec::new()),
        "mysql_native_password" => {
            // SHA1(password) XOR SHA1(salt + SHA1(SHA1(password)))
            let once = hash(&SHA1_FOR_LEGACY_USE_ONLY, &[password.as_bytes()]);
            let twice = hash(&SHA1_FOR_LEGACY_USE_ONLY, &[&once]);
            Some(mixed(&once, &hash(&SHA1_FOR_LEGACY_USE_ONLY, &[salt, &twice])))
        }
        "caching_sha2_password" => {
            // SHA256(password) XOR SHA256(SHA256(SHA256(password)) + salt)
            let once = hash(&SHA256, &[password.as_bytes()]);
            let twice = hash(&SHA256, &[&once]);
            Some(mixed(&once, &hash(&SHA256, &[&twice, salt])))
        }
        _ => None,
    }
}

fn hash(algorithm: &'static Algorithm, parts: &[&[u8]]) -> Vec<u8> {
    digest(algorithm, &parts.concat()).as_ref().to_vec()
}

fn mixed(one: &[u8], other: &[u8]) -> Vec<u8> {
    one.iter().zip(other).map(|(a, b)| a ^ b).collect()
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::io::{Read as _, Write as _};
    use std::os::unix::net::UnixStream;
    use std::thread;
    use std::time::Duration;

    use super::*;
    use crate::reach::Stream;

    const PASSWORD: &str = "pa55-of-the-database";

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().fold(String::new(), |mut text, byte| {
            let _infallible = write!(text, "{byte:02x}");
            text
        })
    }

    /// Computed by Python's hashlib after the formulas of MySQL's manual.
    #[test]
    fn passwords_are_proven_as_the_manual_says() {
        let salt: Vec<u8> = (1..=20).collect();
        let native = proof("mysql_native_password", PASSWORD, &salt).unwrap();
        assert_eq!(hex(&native), "e82fb2fa4fd3a9d55ba4d8f0b1b992d33c4cf9d0");
        let caching = proof("caching_sha2_password", PASSWORD, &salt).unwrap();
        assert_eq!(hex(&caching), "c2919da673bd5215784dcb24a28571a9c825b1a9d1c9850851b2e315e8a467ce");
        assert_eq!(proof("caching_sha2_password", "", &salt), Some(Vec::new()));
        assert_eq!(proof("dialog", PASSWORD, &salt), None);
    }

    fn greeting(plugin: &str) -> Vec<u8> {
        let capabilities = PROTOCOL_41 | SECURE_CONNECTION | PLUGIN_AUTH | CONNECT_WITH_DB;
        let [a, b, c, d] = capabilities.to_le_bytes();
        let mut packet = b"\x0a8.4.0\0\x07\0\0\0abcdefgh\0".to_vec();
        packet.extend([a, b, CHARSET, 2, 0, c, d, 21]);
        packet.extend([0; 10]);
        packet.extend(b"ijklmnopqrst\0");
        packet.extend(plugin.as_bytes());
        packet.push(0);
        packet
    }

    #[test]
    fn a_greeting_is_read_whole_and_no_part_of_one_is_trusted() {
        let whole = greeting("caching_sha2_password");
        let read = Greeting::parse(&whole).unwrap();
        assert_eq!(
            (read.salt.as_slice(), read.plugin.as_str()),
            (&b"abcdefghijklmnopqrst"[..], "caching_sha2_password")
        );
        let until_the_plugin = whole.len() - "caching_sha2_password".len() - 1;
        for cut in 0..until_the_plugin {
            assert!(Greeting::parse(&whole[..cut]).is_err(), "{cut}");
        }
    }

    /// Logs in at a server that says these packets, and answers with what it heard. What MySQL says that cannot run here: MariaDB, which can,
    /// has no caching_sha2_password.
    fn at(script: Vec<Vec<u8>>, private: bool) -> (Result<(), Denied>, Vec<u8>) {
        let (client, mut server) = UnixStream::pair().unwrap();
        let says = thread::spawn(move || {
            for (number, packet) in script.iter().enumerate() {
                let length = u8::try_from(packet.len()).unwrap();
                // The client answers each but the one that says that its password is remembered.
                let number = u8::try_from(number * 2).unwrap() - u8::from(script[..number].contains(&vec![1, 3]));
                // Whoever has enough has left.
                let _gone = server.write_all(&[&[length, 0, 0, number], packet.as_slice()].concat());
            }
            let _gone = server.shutdown(std::net::Shutdown::Write);
            let mut heard = Vec::new();
            let _reset_after_what_was_said = server.read_to_end(&mut heard);
            heard
        });
        let mut wire = Wire::new(Stream::Unix(client), Duration::from_mins(1));
        let greeting = Greeting::read(&mut wire).unwrap();
        let login = Login { user: "shop", password: PASSWORD, database: Some("d"), private };
        let logged_in = greeting.log_in(&mut wire, &login, false);
        drop(wire);
        (logged_in, says.join().unwrap())
    }

    #[test]
    fn the_password_itself_goes_only_where_nobody_hears_it() {
        let says = |heard: &[u8]| heard.windows(PASSWORD.len()).any(|part| part == PASSWORD.as_bytes());
        let ok = || vec![0, 0, 0, 2, 0, 0, 0];
        let (remembered, heard) = at(vec![greeting("caching_sha2_password"), vec![1, 3], ok()], false);
        assert!(remembered.is_ok() && !says(&heard), "{remembered:?}");
        let script = || vec![greeting("caching_sha2_password"), vec![1, 4], ok()];
        let (wanted, heard) = at(script(), false);
        assert!(matches!(wanted, Err(Denied::Failing(Failing::Unknown(_)))) && !says(&heard), "{wanted:?}");
        let (wanted, heard) = at(script(), true);
        assert!(wanted.is_ok() && says(&heard), "{wanted:?}");
        // Nor by a plugin that would have it as it is.
        let switch = [&[0xfe], &b"mysql_clear_password\0"[..]].concat();
        let (switched, heard) = at(vec![greeting("mysql_native_password"), switch, ok()], true);
        assert!(matches!(switched, Err(Denied::Failing(Failing::Unknown(_)))) && !says(&heard), "{switched:?}");
    }

    #[test]
    fn a_server_that_goes_on_asking_is_left() {
        let mut script = vec![greeting("mysql_native_password")];
        script.extend((0..20).map(|_| [&[0xfe], &b"mysql_native_password\0"[..], &[7; 20], &[0]].concat()));
        let (logged_in, _) = at(script, false);
        assert!(matches!(logged_in, Err(Denied::Failing(Failing::Strange(_)))), "{logged_in:?}");
    }
}

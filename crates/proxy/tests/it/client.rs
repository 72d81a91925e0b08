//! A client that sees every byte: HTTP/1.1 by hand over one kept connection.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

pub(crate) struct Connection {
    pub(crate) stream: BufReader<TcpStream>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn release(&self) -> Option<u64> {
        self.header("sternway-release").map(|release| release.parse().unwrap())
    }

    /// The canary cookie that was set, as it is sent back.
    pub(crate) fn cookie(&self) -> Option<String> {
        let value = self.header("set-cookie")?;
        value.starts_with("sternway=").then(|| value.split(';').next().unwrap().to_owned())
    }
}

impl Connection {
    pub(crate) fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream.set_write_timeout(Some(Duration::from_secs(30))).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream: BufReader::new(stream) }
    }

    pub(crate) fn write(&mut self, bytes: impl AsRef<[u8]>) {
        self.try_write(bytes.as_ref()).unwrap();
    }

    pub(crate) fn try_write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream.get_mut().write_all(bytes)
    }

    pub(crate) fn get(&mut self, path: &str) -> Reply {
        self.get_with(path, "")
    }

    /// `headers` are whole lines.
    pub(crate) fn get_with(&mut self, path: &str, headers: &str) -> Reply {
        self.try_get(path, headers).unwrap()
    }

    pub(crate) fn try_get(&mut self, path: &str, headers: &str) -> std::io::Result<Reply> {
        self.try_write(format!("GET {path} HTTP/1.1\r\nHost: shop.example\r\n{headers}\r\n").as_bytes())?;
        self.read()
    }

    /// Reads one line without its end.
    pub(crate) fn line(&mut self) -> std::io::Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end().to_owned())
    }

    /// Reads status line and headers.
    pub(crate) fn head(&mut self) -> std::io::Result<Reply> {
        let status = self.line()?;
        let status = status.split(' ').nth(1).and_then(|code| code.parse().ok());
        let mut reply = Reply { status: status.ok_or(std::io::ErrorKind::InvalidData)?, ..Reply::default() };
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.split_once(':') else { return Ok(reply) };
            reply.headers.push((name.to_lowercase(), value.trim().to_owned()));
        }
    }

    /// Reads a whole response to a request other than HEAD.
    pub(crate) fn read(&mut self) -> std::io::Result<Reply> {
        let mut reply = self.head()?;
        if reply.header("transfer-encoding") == Some("chunked") {
            loop {
                let size = usize::from_str_radix(&self.line()?, 16).map_err(std::io::Error::other)?;
                let mut chunk = vec![0; size + 2];
                self.stream.read_exact(&mut chunk)?;
                if size == 0 {
                    return Ok(reply);
                }
                reply.body.extend(&chunk[..size]);
            }
        }
        let length = reply.header("content-length").map_or(0, |length| length.parse().unwrap());
        reply.body = vec![0; length];
        self.stream.read_exact(&mut reply.body)?;
        Ok(reply)
    }

    /// What the other side still sends before it closes the connection, as it must.
    pub(crate) fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        if let Err(error) = self.stream.read_to_end(&mut rest) {
            assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "the connection was not closed");
        }
        rest
    }
}

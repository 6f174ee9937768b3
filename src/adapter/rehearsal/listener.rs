//! The rehearsal on a loopback port, for the user's own `aws cloudformation --endpoint-url http://127.0.0.1:PORT`.
//!
//! As much HTTP/1.1 as the query protocol needs: `POST`, a `Content-Length`, one answer, the connection closed. It
//! binds 127.0.0.1 and nothing else.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use super::connector::{DEFAULT_REGION, region_of_signature};
use super::engine::{Answer, Call, Engine};
use super::query::Params;

/// The largest body that is read, in bytes; a template inline is 51,200 at most.
const MAX_BODY: usize = 1_000_000;

/// The most header lines that are read.
const MAX_HEADERS: usize = 100;

/// How long a client may be silent.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long the port rests between two looks whether anybody calls, or it is over.
const PAUSE: Duration = Duration::from_millis(20);

/// A port that answers.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    engine: Arc<Engine>,
}

impl Listener {
    /// Takes a port of 127.0.0.1; 0 takes a free one.
    ///
    /// # Errors
    /// When the port is taken.
    pub fn bind(port: u16, engine: Arc<Engine>) -> io::Result<Self> {
        Ok(Self {
            socket: TcpListener::bind((Ipv4Addr::LOCALHOST, port))?,
            engine,
        })
    }

    /// Gives the address.
    ///
    /// # Errors
    /// When the system does not know it.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Answers until `over` says so.
    ///
    /// # Errors
    /// When no more connections can be taken.
    pub fn serve(&self, over: impl Fn() -> bool) -> io::Result<()> {
        self.socket.set_nonblocking(true)?;
        while !over() {
            let stream = match self.socket.accept() {
                Ok((stream, _)) => stream,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    std::thread::sleep(PAUSE);
                    continue;
                }
                Err(error) => return Err(error),
            };
            // On some systems a connection takes over that its port does not wait.
            stream.set_nonblocking(false)?;
            let engine = Arc::clone(&self.engine);
            // A client that speaks nonsense or leaves is its own trouble; the next one is served all the same.
            std::thread::spawn(move || drop(converse(&stream, &engine)));
        }
        Ok(())
    }
}

fn converse(stream: &TcpStream, engine: &Engine) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut reader = BufReader::new(stream);
    let answer = match read_call(&mut reader)? {
        Some(call) => engine.answer(&call),
        None => Answer {
            status: 400,
            body: "the rehearsal answers POST with a form body only\n".to_owned(),
            request_id: String::new(),
        },
    };
    let (status, length) = (answer.status, answer.body.len());
    let mut out = stream;
    write!(
        out,
        "HTTP/1.1 {status} {}\r\nContent-Type: text/xml\r\nContent-Length: {length}\r\n\
         x-amzn-RequestId: {}\r\nConnection: close\r\n\r\n{}",
        if status < 400 { "OK" } else { "Error" },
        answer.request_id,
        answer.body
    )?;
    out.flush()
}

fn read_call(reader: &mut BufReader<&TcpStream>) -> io::Result<Option<Call>> {
    let mut line = String::new();
    limited_line(reader, &mut line)?;
    if !line.starts_with("POST ") {
        return Ok(None);
    }
    let mut length = 0;
    let mut region = DEFAULT_REGION.to_owned();
    for _ in 0..MAX_HEADERS {
        line.clear();
        limited_line(reader, &mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        let value = value.trim();
        if name.eq_ignore_ascii_case("content-length") {
            length = value.parse().unwrap_or(0);
        } else if name.eq_ignore_ascii_case("authorization") {
            if let Some(found) = region_of_signature(value) {
                found.clone_into(&mut region);
            }
        } else if name.eq_ignore_ascii_case("expect") {
            let mut out = *reader.get_ref();
            out.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
    }
    if length > MAX_BODY {
        return Ok(None);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some(Call {
        region,
        params: Params::parse(&body),
    }))
}

/// Reads a line of at most 16 KiB.
fn limited_line(reader: &mut BufReader<&TcpStream>, line: &mut String) -> io::Result<()> {
    reader.by_ref().take(16 * 1024).read_line(line).map(drop)
}

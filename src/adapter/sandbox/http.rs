//! The little HTTP that is spoken with an emulator on this machine: one request, one answer, no TLS.

use std::io::{self, Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::Duration;

/// The largest answer that is read, in bytes.
const MAX_ANSWER: u64 = 8 * 1024 * 1024;

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers, in order, as they came.
    pub headers: Vec<(String, String)>,
    /// The body as text.
    pub body: String,
}

/// A request.
#[derive(Debug, Clone, Default)]
pub struct Request<'a> {
    /// The method.
    pub method: &'a str,
    /// The path with its query.
    pub path: &'a str,
    /// The `Host` header, where it differs from the address.
    pub host: Option<&'a str>,
    /// Further headers.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body.
    pub body: &'a [u8],
    /// How long a silence is waited out.
    pub patience: Duration,
}

/// Says what is wrong with an answer or an address.
fn odd(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}

/// Splits an `http://` address into the part to connect to and the base path.
fn authority(endpoint: &str) -> io::Result<(&str, &str)> {
    let rest = endpoint
        .strip_prefix("http://")
        .ok_or_else(|| odd("only http:// addresses of this machine are spoken to"))?;
    Ok(match rest.split_once('/') {
        Some((authority, path)) => (authority, path.trim_end_matches('/')),
        None => (rest, ""),
    })
}

/// Connects to a loopback address.
fn connect(authority: &str) -> io::Result<TcpStream> {
    let has_port =
        authority.contains("]:") || (!authority.starts_with('[') && authority.contains(':'));
    let with_port = if has_port {
        authority.to_owned()
    } else {
        format!("{authority}:80")
    };
    let address = with_port
        .to_socket_addrs()?
        .find(|address| address.ip().is_loopback())
        .ok_or_else(|| odd("the address is not this machine"))?;
    TcpStream::connect_timeout(&address, Duration::from_secs(3))
}

/// Says whether anything listens at an address; only a refused connection is a no.
pub fn listens(endpoint: &str) -> bool {
    match authority(endpoint).and_then(|(authority, _)| connect(authority)) {
        Ok(_) => true,
        Err(error) => error.kind() != io::ErrorKind::ConnectionRefused,
    }
}

/// Sends a request to a loopback address and reads the answer.
///
/// # Errors
/// When the address is not this machine, nobody answers, or the answer is no HTTP.
pub fn exchange(endpoint: &str, request: &Request<'_>) -> io::Result<Reply> {
    let (authority, base) = authority(endpoint)?;
    let mut stream = connect(authority)?;
    stream.set_read_timeout(Some(request.patience))?;
    stream.set_write_timeout(Some(request.patience))?;
    let mut head = format!(
        "{} {base}{} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\n",
        request.method,
        request.path,
        request.host.unwrap_or(authority),
        request.body.len()
    );
    for (name, value) in request.headers {
        for part in [name, ": ", value, "\r\n"] {
            head.push_str(part);
        }
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes())?;
    stream.write_all(request.body)?;
    stream.flush()?;
    let mut answer = Vec::new();
    stream.take(MAX_ANSWER).read_to_end(&mut answer)?;
    read(&answer)
}

/// Reads a whole answer.
fn read(answer: &[u8]) -> io::Result<Reply> {
    let end = answer
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .ok_or_else(|| odd("the answer ends in its head"))?;
    let (head, body) = answer.split_at(end);
    let head = String::from_utf8_lossy(head);
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1))
        .and_then(|status| status.parse().ok())
        .ok_or_else(|| odd("the answer has no status"))?;
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .collect();
    let chunked = headers.iter().any(|(name, value)| {
        name.eq_ignore_ascii_case("transfer-encoding")
            && value.to_ascii_lowercase().contains("chunked")
    });
    let body = body.get(4..).unwrap_or_default();
    let body = if chunked {
        unchunk(body)
    } else {
        body.to_vec()
    };
    Ok(Reply {
        status,
        headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    })
}

/// Puts chunks together; what cannot be read as a chunk ends the body.
fn unchunk(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = rest.windows(2).position(|two| two == b"\r\n") {
        let (size, after) = rest.split_at(end);
        let size = String::from_utf8_lossy(size);
        let digits = size.split(';').next().unwrap_or_default().trim();
        let Ok(size) = usize::from_str_radix(digits, 16) else {
            break;
        };
        let data = after.get(2..).unwrap_or_default();
        if size == 0 || data.len() < size {
            break;
        }
        let (chunk, after) = data.split_at(size);
        body.extend_from_slice(chunk);
        rest = after.get(2..).unwrap_or_default();
    }
    body
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn answers_are_read_whole_or_in_chunks() {
        let plain = read(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi").unwrap();
        assert_eq!((plain.status, plain.body.as_str()), (200, "hi"));
        let length = ("Content-Length".to_owned(), "2".to_owned());
        assert_eq!(plain.headers, [length]);
        let chunked =
            b"HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n";
        let chunked = read(chunked).unwrap();
        assert_eq!((chunked.status, chunked.body.as_str()), (404, "abcd"));
        assert!(read(b"nonsense").is_err());
    }

    #[test]
    fn other_machines_are_not_spoken_to() {
        let request = Request {
            method: "GET",
            path: "/",
            ..Request::default()
        };
        for other in [
            "http://192.0.2.1:80",
            "https://127.0.0.1",
            "ftp://127.0.0.1",
        ] {
            assert!(exchange(other, &request).is_err(), "{other}");
        }
    }

    proptest! {
        #[test]
        fn no_answer_is_too_odd(answer: Vec<u8>) {
            drop(read(&answer));
            prop_assert!(unchunk(&answer).len() <= answer.len());
        }
    }
}

//! A name server of a few hand-made answers, over UDP and TCP (RFC 1035). Written without a DNS library, so that the
//! one under test does not talk to itself.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::JoinHandle;

/// What is answered to a question.
#[derive(Debug, Clone)]
pub enum Reply {
    /// Preference and name; an empty name is the root.
    Mx(Vec<(u16, &'static str)>),
    /// Texts, each in pieces of at most 255 bytes.
    Txt(Vec<String>),
    A([u8; 4]),
    Aaaa([u8; 16]),
    /// The name is there, and has nothing of the kind.
    Nothing,
    ServerFailure,
    Refused,
    /// No answer at all.
    Silence,
    /// Over UDP only that it is too long; over TCP these exchangers.
    TooLong(Vec<(u16, &'static str)>),
}

#[derive(Default)]
struct Zone {
    replies: HashMap<(String, &'static str), Reply>,
    asked: HashMap<(String, &'static str), u32>,
    by_tcp: u32,
}

/// Stops when it is dropped.
pub struct DnsServer {
    address: SocketAddr,
    zone: Arc<Mutex<Zone>>,
    tasks: Vec<JoinHandle<()>>,
}

impl Drop for DnsServer {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl DnsServer {
    /// On a port that is free for both.
    pub async fn start() -> Self {
        let (udp, tcp) = loop {
            let udp = UdpSocket::bind("127.0.0.1:0").await.unwrap();
            if let Ok(tcp) = TcpListener::bind(udp.local_addr().unwrap()).await {
                break (udp, tcp);
            }
        };
        let zone = Arc::new(Mutex::new(Zone::default()));
        Self {
            address: udp.local_addr().unwrap(),
            tasks: vec![
                tokio::spawn(datagrams(udp, zone.clone())),
                tokio::spawn(streams(tcp, zone.clone())),
            ],
            zone,
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What to answer about a name. Of a name with an answer every other kind has nothing; other names don't exist.
    pub fn on(&self, name: &str, kind: &'static str, reply: Reply) {
        let mut zone = self.zone.lock().unwrap();
        zone.replies.insert((name.to_owned(), kind), reply);
    }

    /// How often that was asked.
    pub fn asked(&self, name: &str, kind: &'static str) -> u32 {
        let zone = self.zone.lock().unwrap();
        zone.asked
            .get(&(name.to_owned(), kind))
            .copied()
            .unwrap_or_default()
    }

    pub fn asked_by_tcp(&self) -> u32 {
        self.zone.lock().unwrap().by_tcp
    }
}

async fn datagrams(socket: UdpSocket, zone: Arc<Mutex<Zone>>) {
    let mut buffer = [0; 4096];
    loop {
        let Ok((length, from)) = socket.recv_from(&mut buffer).await else {
            continue;
        };
        if let Some(answer) = answer(&buffer[..length], &zone, false) {
            let _ = socket.send_to(&answer, from).await;
        }
    }
}

async fn streams(listener: TcpListener, zone: Arc<Mutex<Zone>>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(stream_of(stream, zone.clone()));
    }
}

/// Messages with their length before them (RFC 1035, section 4.2.2).
async fn stream_of(mut stream: TcpStream, zone: Arc<Mutex<Zone>>) {
    while let Ok(length) = stream.read_u16().await {
        let mut message = vec![0; length.into()];
        if stream.read_exact(&mut message).await.is_err() {
            return;
        }
        let Some(answer) = answer(&message, &zone, true) else {
            return;
        };
        let length = u16::try_from(answer.len()).unwrap().to_be_bytes();
        if stream.write_all(&[&length[..], &answer].concat()).await.is_err() {
            return;
        }
    }
}

fn answer(message: &[u8], zone: &Mutex<Zone>, by_tcp: bool) -> Option<Vec<u8>> {
    // The header has twelve bytes; the question is a name and two numbers.
    let mut name = Vec::new();
    let mut place = 12;
    while let Some(length) = message.get(place).copied().filter(|length| *length > 0) {
        let label = message.get(place + 1..place + 1 + usize::from(length))?;
        name.push(String::from_utf8_lossy(label).to_lowercase());
        place += 1 + usize::from(length);
    }
    let kind = u16::from_be_bytes(message.get(place + 1..place + 3)?.try_into().ok()?);
    let question = message.get(12..place + 5)?;
    let kind = match kind {
        1 => "A",
        15 => "MX",
        16 => "TXT",
        28 => "AAAA",
        _ => "other",
    };
    let name = name.join(".");
    let mut zone = zone.lock().unwrap();
    *zone.asked.entry((name.clone(), kind)).or_default() += 1;
    zone.by_tcp += u32::from(by_tcp);
    let exists = zone.replies.keys().any(|(other, _)| *other == name);
    let reply = zone.replies.get(&(name, kind)).cloned();
    let (code, too_long, records) = match reply {
        Some(Reply::Silence) => return None,
        Some(Reply::ServerFailure) => (2, false, vec![]),
        Some(Reply::Refused) => (5, false, vec![]),
        Some(Reply::A(address)) => (0, false, vec![(1, address.to_vec())]),
        Some(Reply::Aaaa(address)) => (0, false, vec![(28, address.to_vec())]),
        Some(Reply::TooLong(_)) if !by_tcp => (0, true, vec![]),
        Some(Reply::Mx(all) | Reply::TooLong(all)) => (0, false, all.iter().map(exchanger).collect()),
        Some(Reply::Txt(all)) if !by_tcp && all.iter().map(String::len).sum::<usize>() > 1000 => {
            (0, true, vec![])
        }
        Some(Reply::Txt(all)) => (0, false, all.iter().map(|text| pieces(text)).collect()),
        Some(Reply::Nothing) => (0, false, vec![]),
        None if exists => (0, false, vec![]),
        None => (3, false, vec![]),
    };
    let id = message.get(..2)?;
    // A response to a recursive question, by a server that recurses.
    let flags = [0x81 | if too_long { 0x02 } else { 0 }, 0x80 | code];
    let count = u8::try_from(records.len()).ok()?;
    // Where nothing is answered the zone's SOA says for how long that holds (RFC 2308).
    let negative = records.is_empty() && !too_long && matches!(code, 0 | 3);
    let mut answer = [
        id,
        &flags,
        &[0, 1, 0, count, 0, u8::from(negative), 0, 0],
        question,
    ]
    .concat();
    for (kind, data) in records {
        record(&mut answer, &[0xc0, 12], kind, &data);
    }
    if negative {
        let numbers = [1_u32, 3600, 600, 86_400, 600].map(u32::to_be_bytes).concat();
        record(&mut answer, &[0], 6, &[&[0, 0][..], &numbers].concat());
    }
    Some(answer)
}

fn record(answer: &mut Vec<u8>, name: &[u8], kind: u16, data: &[u8]) {
    answer.extend_from_slice(name);
    answer.extend_from_slice(&kind.to_be_bytes());
    // Class IN, an hour.
    answer.extend_from_slice(&[0, 1, 0, 0, 0x0e, 0x10]);
    answer.extend_from_slice(&u16::try_from(data.len()).unwrap().to_be_bytes());
    answer.extend_from_slice(data);
}

fn pieces(text: &str) -> (u16, Vec<u8>) {
    let piece = |bytes: &[u8]| [&[u8::try_from(bytes.len()).unwrap()], bytes].concat();
    (16, text.as_bytes().chunks(255).flat_map(piece).collect())
}

fn exchanger((preference, name): &(u16, &'static str)) -> (u16, Vec<u8>) {
    let mut data = preference.to_be_bytes().to_vec();
    for label in name.split('.').filter(|label| !label.is_empty()) {
        data.push(u8::try_from(label.len()).unwrap());
        data.extend_from_slice(label.as_bytes());
    }
    data.push(0);
    (15, data)
}

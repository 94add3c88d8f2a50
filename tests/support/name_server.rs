//! A name server of the test's own, good or bad, and an /etc that asks it.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// What a server makes of a question about an IPv4 address.
#[derive(Clone, Debug)]
pub enum Answer {
    /// This name.
    Name(String),
    /// That it cannot say (SERVFAIL).
    Failure,
    /// Nothing.
    Silence,
}

/// The name of a host that has no other.
pub fn name_of(address: Ipv4Addr) -> String {
    let [a, b, c, d] = address.octets();
    format!("host-{a}-{b}-{c}-{d}.example")
}

/// How a server works.
#[derive(Clone, Copy, Debug)]
pub struct Conduct {
    /// How long an answer takes.
    pub delay: Duration,
    /// So many questions are worked on at a time, and any that come meanwhile are dropped.
    pub capacity: usize,
    /// What it says.
    pub answer: fn(Ipv4Addr) -> Answer,
}

impl Default for Conduct {
    /// Names every host at once.
    fn default() -> Self {
        Conduct {
            delay: Duration::ZERO,
            capacity: usize::MAX,
            answer: |address| Answer::Name(name_of(address)),
        }
    }
}

/// A server at 127.0.0.1:53 of the thread's network namespace, until it is dropped.
pub struct NameServer {
    seen: Arc<Seen>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Seen {
    stop: AtomicBool,
    busy: AtomicUsize,
    most: AtomicUsize,
    questions: Mutex<Vec<Ipv4Addr>>,
}

impl NameServer {
    pub fn start(conduct: Conduct) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:53").expect("port 53 of a new namespace");
        socket
            .set_read_timeout(Some(Duration::from_millis(50)))
            .unwrap();
        let answering = socket.try_clone().unwrap();
        let seen: Arc<Seen> = Arc::default();
        let (sender, receiver) = channel::<(Instant, Vec<u8>, SocketAddr)>();
        let listening = Arc::clone(&seen);
        let listen = move || {
            let mut query = [0; 512];
            while !listening.stop.load(Ordering::Relaxed) {
                let Ok((length, from)) = socket.recv_from(&mut query) else {
                    continue;
                };
                let due = Instant::now() + conduct.delay;
                let Some(asked) = asked(&query[..length]) else {
                    continue;
                };
                listening.questions.lock().unwrap().push(asked);
                let Some(reply) = reply(&query[..length], &(conduct.answer)(asked)) else {
                    continue;
                };
                let busy = listening.busy.fetch_add(1, Ordering::Relaxed) + 1;
                if busy > conduct.capacity {
                    listening.busy.fetch_sub(1, Ordering::Relaxed);
                    continue;
                }
                listening.most.fetch_max(busy, Ordering::Relaxed);
                sender.send((due, reply, from)).unwrap();
            }
        };
        // All take equally long, so first come is first served.
        let speaking = Arc::clone(&seen);
        let speak = move || {
            for (due, reply, to) in receiver {
                thread::sleep(due.saturating_duration_since(Instant::now()));
                // The asker may be quicker with its next question than we with the bookkeeping.
                speaking.busy.fetch_sub(1, Ordering::Relaxed);
                let _ = answering.send_to(&reply, to);
            }
        };
        NameServer {
            seen,
            threads: vec![thread::spawn(listen), thread::spawn(speak)],
        }
    }

    /// How many questions were worked on at a time, at most.
    pub fn most_at_a_time(&self) -> usize {
        self.seen.most.load(Ordering::Relaxed)
    }

    /// The addresses that were asked about, dropped questions among them, in order.
    pub fn questions(&self) -> Vec<Ipv4Addr> {
        self.seen.questions.lock().unwrap().clone()
    }
}

impl Drop for NameServer {
    fn drop(&mut self) {
        self.seen.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

/// The address in a question about 4.3.2.1.in-addr.arpa (RFC 1035, section 3.5).
fn asked(query: &[u8]) -> Option<Ipv4Addr> {
    let mut rest = query.get(12..)?;
    let mut labels = Vec::new();
    while let Some((&length, tail)) = rest.split_first()
        && length > 0
    {
        let (label, tail) = tail.split_at_checked(length.into())?;
        labels.push(std::str::from_utf8(label).ok()?);
        rest = tail;
    }
    let [d, c, b, a, "in-addr", "arpa"] = *labels.as_slice() else {
        return None;
    };
    format!("{a}.{b}.{c}.{d}").parse().ok()
}

/// A response to a query (RFC 1035, section 4.1), unless there is to be none.
fn reply(query: &[u8], answer: &Answer) -> Option<Vec<u8>> {
    let question = query.get(12..)?;
    let end = question.iter().position(|&byte| byte == 0)? + 5;
    let (code, answers) = match answer {
        Answer::Name(_) => (0, 1),
        Answer::Failure => (2, 0),
        Answer::Silence => return None,
    };
    let mut reply = query[..2].to_vec();
    reply.extend([0x81, 0x80 | code, 0, 1, 0, answers, 0, 0, 0, 0]);
    reply.extend(question.get(..end)?);
    if let Answer::Name(name) = answer {
        let mut labels = Vec::new();
        for label in name.split('.') {
            labels.push(u8::try_from(label.len()).ok()?);
            labels.extend(label.as_bytes());
        }
        labels.push(0);
        // The name of the question, PTR, IN, a minute to live.
        reply.extend([0xc0, 12, 0, 12, 0, 1, 0, 0, 0, 60]);
        reply.extend(u16::try_from(labels.len()).ok()?.to_be_bytes());
        reply.extend(labels);
    }
    Some(reply)
}

/// An /etc whose hosts are named by `hosts` and then by the server, which is asked as the line of options says ("timeout:1 attempts:1").
pub fn asking_etc(hosts: &str, options: &str) -> TempDir {
    let etc = tempfile::Builder::new()
        .prefix("netstat-")
        .tempdir()
        .unwrap();
    for (name, contents) in [
        (
            "nsswitch.conf",
            "passwd: files\nhosts: files dns\nnetworks: files\nservices: files\nprotocols: files\n",
        ),
        ("hosts", hosts),
        ("passwd", "root:x:0:0::/:/bin/sh\n"),
        (
            "resolv.conf",
            &format!("nameserver 127.0.0.1\noptions {options}\n"),
        ),
    ] {
        fs::write(etc.path().join(name), contents).unwrap();
    }
    etc
}

//! A name server that takes its time, and an /etc that asks it.

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use nix::mount::{MntFlags, MsFlags, mount, umount2};

/// Files of the machine's /etc that are kept: the dynamic linker's, and those that name ports and users.
const KEPT: [&str; 6] = [
    "ld.so.cache",
    "services",
    "protocols",
    "networks",
    "passwd",
    "group",
];

/// The server and its /etc, until it is dropped.
#[derive(Debug)]
pub struct NameServer {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl NameServer {
    /// Answers each reverse lookup at 127.0.0.1:53 of the calling thread's namespace after `delay`, however many come at once.
    pub fn start(delay: Duration) -> Self {
        let kept: Vec<(&str, Vec<u8>)> = KEPT
            .into_iter()
            .filter_map(|name| Some((name, std::fs::read(format!("/etc/{name}")).ok()?)))
            .collect();
        let tmpfs = Some("tmpfs");
        mount(tmpfs, "/etc", tmpfs, MsFlags::empty(), Some("mode=755")).expect("an /etc of ours");
        let own = [
            ("hosts", "127.0.0.1 localhost\n::1 localhost\n"),
            ("resolv.conf", "nameserver 127.0.0.1\n"),
            (
                "nsswitch.conf",
                "passwd: files\ngroup: files\nhosts: files dns\nnetworks: files\nservices: files\nprotocols: files\n",
            ),
        ];
        for (name, contents) in kept
            .iter()
            .map(|(name, contents)| (*name, contents.as_slice()))
            .chain(own.map(|(name, contents)| (name, contents.as_bytes())))
        {
            std::fs::write(format!("/etc/{name}"), contents).expect("a file in a new tmpfs");
        }

        let socket = UdpSocket::bind("127.0.0.1:53").expect("port 53 of a new namespace");
        socket
            .set_read_timeout(Some(Duration::from_millis(50)))
            .expect("a time-out");
        let answering = socket.try_clone().expect("a second handle");
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let (sender, receiver) = channel::<(Instant, Vec<u8>, SocketAddr)>();
        let listen = move || {
            let mut query = [0; 512];
            while !stopped.load(Ordering::Relaxed) {
                if let Ok((length, from)) = socket.recv_from(&mut query)
                    && let Some(answer) = answer(query.get(..length).unwrap_or_default())
                {
                    let _ = sender.send((Instant::now() + delay, answer, from));
                }
            }
        };
        // All wait equally long, so first come is first served.
        let speak = move || {
            for (due, answer, to) in receiver {
                thread::sleep(due.saturating_duration_since(Instant::now()));
                let _ = answering.send_to(&answer, to);
            }
        };
        NameServer {
            stop,
            threads: vec![thread::spawn(listen), thread::spawn(speak)],
        }
    }
}

impl Drop for NameServer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
        let _ = umount2("/etc", MntFlags::MNT_DETACH);
    }
}

/// "4.3.2.1.in-addr.arpa" is host-1-2-3-4.example (RFC 1035, sections 3.5 and 4.1).
fn answer(query: &[u8]) -> Option<Vec<u8>> {
    let (header, mut rest) = query.split_first_chunk::<12>()?;
    let mut labels = Vec::new();
    while let Some((&length, tail)) = rest.split_first()
        && length > 0
    {
        let (label, tail) = tail.split_at_checked(length.into())?;
        labels.push(std::str::from_utf8(label).ok()?);
        rest = tail;
    }
    // The end of the name, type and class.
    let question = query.get(12..query.len() - rest.len() + 5)?;
    let [d, c, b, a, "in-addr", "arpa"] = *labels.as_slice() else {
        return None;
    };
    let host = format!("host-{a}-{b}-{c}-{d}");
    let mut name = vec![u8::try_from(host.len()).ok()?];
    name.extend(host.bytes());
    name.extend(b"\x07example\0");

    let mut answer = header.get(..2)?.to_vec();
    // A response to a standard query, recursion desired and available; one question, one answer.
    answer.extend([0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]);
    answer.extend(question);
    // The name of the question, PTR, IN, a minute to live.
    answer.extend([0xc0, 12, 0, 12, 0, 1, 0, 0, 0, 60]);
    answer.extend(u16::try_from(name.len()).ok()?.to_be_bytes());
    answer.extend(name);
    Some(answer)
}

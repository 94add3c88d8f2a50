//! Netlink sockets (RFC 3549, linux/netlink.h): requests, the datagrams that answer them, the messages in these and the attributes in those.
//!
//! What a message means belongs to the collector that asks. All numbers are in host byte order. Nothing is passed over that is out of
//! form: a datagram that was cut, or that is not made of whole messages, is an error, so that half an answer is not taken for all of it.

use std::ops::ControlFlow;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::sockopt::{RcvBuf, RcvBufForce};
use nix::sys::socket::{
    AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, bind, send, setsockopt,
    socket,
};

use crate::sys::read::receive_behind;

/// What went wrong between us and the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A system call failed.
    #[error("netlink: {0}")]
    System(#[from] Errno),
    /// The kernel answered with an error (`NLMSG_ERROR`, or `NLMSG_DONE` with a negative code).
    #[error("netlink: the kernel refused: {0}")]
    Refused(Errno),
    /// What is listed changed so much meanwhile that the list may not be complete (`NLM_F_DUMP_INTR`), or messages were lost
    /// (`NLMSG_OVERRUN`).
    #[error("netlink: the kernel broke off")]
    Interrupted,
    /// A datagram did not fit into the buffer, or is not a sequence of whole messages or attributes.
    #[error("netlink: malformed datagram")]
    Malformed,
}

/// Bytes of `struct nlmsghdr`.
const HEADER: usize = 16;
/// Bytes of `struct nlattr`.
const ATTRIBUTE_HEADER: usize = 4;

/// The kernel fills at most 32 KiB at a time when it lists something (`netlink_dump` in af_netlink.c).
const BUFFER: usize = 32 * 1024;

const NLM_F_REQUEST: u16 = 1;
const NLM_F_DUMP: u16 = 0x300;
const NLM_F_DUMP_INTR: u16 = 0x10;

const NLMSG_NOOP: u16 = 1;
const NLMSG_ERROR: u16 = 2;
const NLMSG_DONE: u16 = 3;
const NLMSG_OVERRUN: u16 = 4;

/// The type of an attribute without the two flags above it (`NLA_TYPE_MASK`).
const NLA_TYPE_MASK: u16 = 0x3fff;

/// A netlink socket of one protocol, such as `NETLINK_SOCK_DIAG` or `NETLINK_ROUTE`.
#[derive(Debug)]
pub struct Netlink {
    descriptor: OwnedFd,
    buffer: Vec<u8>,
    /// Number of the last request.
    sequence: u32,
}

impl Netlink {
    /// Opens a socket that is a member of the multicast groups whose bits are set in `groups` (group n has bit n − 1); 0 for none.
    ///
    /// # Errors
    /// [`Error::System`].
    pub fn open(protocol: SockProtocol, groups: u32) -> Result<Self, Error> {
        let descriptor = socket(
            AddressFamily::Netlink,
            SockType::Raw,
            SockFlag::SOCK_CLOEXEC,
            protocol,
        )?;
        if groups != 0 {
            bind(descriptor.as_raw_fd(), &NetlinkAddr::new(0, groups))?;
        }
        Ok(Self::on(descriptor))
    }

    /// Has the kernel check requests for lists, and heed what these say of their kind (`NETLINK_GET_STRICT_CHK`). Otherwise it lists
    /// everything, whatever is asked for.
    ///
    /// # Errors
    /// [`Error::System`]: kernels before 4.20 cannot do it.
    pub fn check_strictly(&self) -> Result<(), Error> {
        let on: libc::c_int = 1;
        // SAFETY: the option's value is an int, which `on` is for as long as the call takes.
        let status = unsafe {
            libc::setsockopt(
                self.descriptor.as_raw_fd(),
                libc::SOL_NETLINK,
                libc::NETLINK_GET_STRICT_CHK,
                (&raw const on).cast(),
                size_of_val(&on) as libc::socklen_t,
            )
        };
        Errno::result(status).map(drop).map_err(Error::from)
    }

    fn on(descriptor: OwnedFd) -> Self {
        Netlink {
            descriptor,
            buffer: Vec::with_capacity(BUFFER),
            sequence: 0,
        }
    }

    /// Asks for a list and visits its messages in the kernel's order, until the visitor breaks off. If it does not, the number of
    /// datagrams that had some of them is returned: the list was made in as many steps, between which it may have changed.
    ///
    /// # Errors
    /// Each of [`Error`]; what was visited until then is as good as ever.
    pub fn dump<B>(
        &mut self,
        kind: u16,
        body: &[u8],
        mut visit: impl FnMut(&Message<'_>) -> ControlFlow<B>,
    ) -> Result<ControlFlow<B, u32>, Error> {
        self.send(kind, NLM_F_REQUEST | NLM_F_DUMP, body)?;
        let sequence = self.sequence;
        let mut datagrams = 0;
        loop {
            let mut is_counted = false;
            // The kernel has each datagram ready when that before it is taken, so there is no need to wait, and no hanging either.
            for message in self.receive(MsgFlags::MSG_DONTWAIT)? {
                let message = message?;
                if message.flags & NLM_F_DUMP_INTR != 0 {
                    return Err(Error::Interrupted);
                }
                if message.sequence != sequence {
                    return Err(Error::Malformed);
                }
                match message.control()? {
                    Control::None => {
                        datagrams += u32::from(!std::mem::replace(&mut is_counted, true));
                        if let ControlFlow::Break(end) = visit(&message) {
                            return Ok(ControlFlow::Break(end));
                        }
                    }
                    Control::Noop => {}
                    Control::Done => return Ok(ControlFlow::Continue(datagrams)),
                }
            }
        }
    }

    /// Asks for one thing and returns what `visit` makes of the answer.
    ///
    /// # Errors
    /// [`Error::Refused`], with ENOENT if there is no such thing; each other of [`Error`].
    pub fn get<T>(
        &mut self,
        kind: u16,
        body: &[u8],
        visit: impl FnOnce(&Message<'_>) -> T,
    ) -> Result<T, Error> {
        self.send(kind, NLM_F_REQUEST, body)?;
        let sequence = self.sequence;
        let message = self
            .receive(MsgFlags::MSG_DONTWAIT)?
            .next()
            .unwrap_or(Err(Error::Malformed))?;
        match message.control()? {
            Control::None if message.sequence == sequence => Ok(visit(&message)),
            _ => Err(Error::Malformed),
        }
    }

    /// Receives a datagram. Of the flags, `MSG_DONTWAIT` is of use.
    ///
    /// # Errors
    /// [`Error::System`]; [`Error::Malformed`] if it is cut or empty.
    pub fn receive(&mut self, flags: MsgFlags) -> Result<Messages<'_>, Error> {
        loop {
            self.buffer.clear();
            match receive_behind(&self.descriptor, &mut self.buffer, flags.bits()) {
                Err(Errno::EINTR) => {}
                Err(error) => return Err(error.into()),
                Ok(0) => return Err(Error::Malformed),
                Ok(length) => {
                    let datagram = self.buffer.get(..length).ok_or(Error::Malformed)?;
                    return Ok(messages(datagram));
                }
            }
        }
    }

    /// Makes room for so many bytes of messages that were not received yet, or as many as this process may have.
    pub fn make_room(&self, bytes: usize) {
        if setsockopt(&self.descriptor, RcvBufForce, &bytes).is_err() {
            let _ = setsockopt(&self.descriptor, RcvBuf, &bytes);
        }
    }

    /// Waits for a message, but not longer than this. There may be none.
    pub fn await_message(&self, wait: Duration) {
        let mut ready = [PollFd::new(self.descriptor.as_fd(), PollFlags::POLLIN)];
        // Rounded up, or the last part of a millisecond would be waited for in a circle.
        let wait = wait + Duration::from_micros(999);
        let _ = poll(
            &mut ready,
            PollTimeout::try_from(wait).unwrap_or(PollTimeout::MAX),
        );
    }

    /// Sends a request with a new number.
    fn send(&mut self, kind: u16, flags: u16, body: &[u8]) -> Result<(), Error> {
        self.sequence += 1;
        let message = encode(kind, flags, self.sequence, body);
        let sent = send(self.descriptor.as_raw_fd(), &message, MsgFlags::empty())?;
        if sent == message.len() {
            Ok(())
        } else {
            Err(Error::Malformed)
        }
    }
}

/// A request: `struct nlmsghdr` and what follows it.
fn encode(kind: u16, flags: u16, sequence: u32, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(HEADER + body.len()).unwrap_or(u32::MAX);
    let mut message = Vec::with_capacity(HEADER + body.len());
    message.extend(length.to_ne_bytes());
    message.extend(kind.to_ne_bytes());
    message.extend(flags.to_ne_bytes());
    message.extend(sequence.to_ne_bytes());
    // The kernel knows our port.
    message.extend(0u32.to_ne_bytes());
    message.extend(body);
    message
}

/// A message of a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// What it is, in the numbers of the protocol (`nlmsg_type`).
    pub kind: u16,
    /// `nlmsg_flags`.
    pub flags: u16,
    /// Number of the request that it answers; 0 for none.
    pub sequence: u32,
    /// What follows the header.
    pub body: &'a [u8],
    /// It is the first of its datagram.
    pub is_first: bool,
}

/// What a message says about the list it belongs to.
enum Control {
    /// Nothing: it is of the list.
    None,
    Noop,
    Done,
}

impl Message<'_> {
    fn control(&self) -> Result<Control, Error> {
        let code = || match self.body.first_chunk() {
            Some(&code) => Ok(i32::from_ne_bytes(code)),
            None => Err(Error::Malformed),
        };
        match self.kind {
            NLMSG_NOOP => Ok(Control::Noop),
            NLMSG_OVERRUN => Err(Error::Interrupted),
            NLMSG_DONE | NLMSG_ERROR => match code()? {
                code @ ..0 => Err(Error::Refused(Errno::from_raw(code.saturating_neg()))),
                _ => Ok(Control::Done),
            },
            _ => Ok(Control::None),
        }
    }
}

/// The messages of a datagram; the last item is an error if anything is left that is no whole message.
pub fn messages(datagram: &[u8]) -> Messages<'_> {
    Messages {
        left: datagram,
        is_first: true,
    }
}

/// See [`messages`].
#[derive(Clone, Debug)]
pub struct Messages<'a> {
    left: &'a [u8],
    is_first: bool,
}

impl<'a> Iterator for Messages<'a> {
    type Item = Result<Message<'a>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let bytes = std::mem::take(&mut self.left);
        if bytes.is_empty() {
            return None;
        }
        let is_first = std::mem::take(&mut self.is_first);
        let message = split_message(bytes, is_first).map(|(message, rest)| {
            self.left = rest;
            message
        });
        Some(message.ok_or(Error::Malformed))
    }
}

/// The first message and what follows it.
fn split_message(bytes: &[u8], is_first: bool) -> Option<(Message<'_>, &[u8])> {
    let &[a, b, c, d, e, f, g, h, i, j, k, l, ..] = bytes.first_chunk::<HEADER>()?;
    let length = usize::try_from(u32::from_ne_bytes([a, b, c, d])).ok()?;
    let message = Message {
        kind: u16::from_ne_bytes([e, f]),
        flags: u16::from_ne_bytes([g, h]),
        sequence: u32::from_ne_bytes([i, j, k, l]),
        body: bytes.get(HEADER..length)?,
        is_first,
    };
    Some((message, behind(bytes, length)))
}

/// The attributes (`struct nlattr`) in a part of a message: type and value. The last item is an error if anything is left that is no whole
/// attribute.
pub fn attributes(bytes: &[u8]) -> Attributes<'_> {
    Attributes(bytes)
}

/// See [`attributes`].
#[derive(Clone, Debug)]
pub struct Attributes<'a>(&'a [u8]);

impl<'a> Iterator for Attributes<'a> {
    type Item = Result<(u16, &'a [u8]), Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let bytes = std::mem::take(&mut self.0);
        if bytes.is_empty() {
            return None;
        }
        let attribute = split_attribute(bytes).map(|(kind, value, rest)| {
            self.0 = rest;
            (kind, value)
        });
        Some(attribute.ok_or(Error::Malformed))
    }
}

fn split_attribute(bytes: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let &[a, b, c, d] = bytes.first_chunk::<ATTRIBUTE_HEADER>()?;
    let length = usize::from(u16::from_ne_bytes([a, b]));
    let value = bytes.get(ATTRIBUTE_HEADER..length)?;
    let kind = u16::from_ne_bytes([c, d]) & NLA_TYPE_MASK;
    Some((kind, value, behind(bytes, length)))
}

/// What follows the first `length` bytes and the padding to a multiple of four; the last of its kind need not have any.
fn behind(bytes: &[u8], length: usize) -> &[u8] {
    bytes.get(length.next_multiple_of(4)..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use nix::sys::socket::{recv, socketpair};

    use super::*;

    /// Our end of a connection to a kernel of the test's own, which has sent these datagrams.
    fn answered(datagrams: &[&[u8]]) -> (Netlink, OwnedFd) {
        let (ours, kernels) = socketpair(
            AddressFamily::Unix,
            SockType::SeqPacket,
            None,
            SockFlag::empty(),
        )
        .unwrap();
        for datagram in datagrams {
            send(kernels.as_raw_fd(), datagram, MsgFlags::empty()).unwrap();
        }
        (Netlink::on(ours), kernels)
    }

    fn dump(datagrams: &[&[u8]]) -> (End, Vec<Vec<u8>>) {
        let (mut netlink, _kernel) = answered(datagrams);
        let mut bodies = Vec::new();
        let end = netlink.dump(20, b"body", |message| {
            assert_eq!(message.kind, 20);
            bodies.push(message.body.to_vec());
            ControlFlow::Continue(())
        });
        (end, bodies)
    }

    fn message(kind: u16, body: &[u8]) -> Vec<u8> {
        let mut message = encode(kind, 2, 1, body);
        message.resize(message.len().next_multiple_of(4), 0);
        message
    }

    fn done(code: i32) -> Vec<u8> {
        message(NLMSG_DONE, &code.to_ne_bytes())
    }

    type End = Result<ControlFlow<(), u32>, Error>;

    const COMPLETE: fn(u32) -> End = |datagrams| Ok(ControlFlow::Continue(datagrams));

    #[test]
    fn a_list_ends_when_the_kernel_says_so() {
        let first = [
            message(20, b"one"),
            message(NLMSG_NOOP, b""),
            message(20, b""),
        ]
        .concat();
        let (end, bodies) = dump(&[&first, &message(20, b"three"), &done(0)]);
        assert_eq!(end, COMPLETE(2));
        assert_eq!(bodies, [&b"one"[..], b"", b"three"]);
        assert_eq!(dump(&[&done(0)]), (COMPLETE(0), vec![]));
        // The end may come with the last messages, and nothing behind it counts.
        let all = [message(20, b"one"), done(0), message(20, b"two")].concat();
        assert_eq!(dump(&[&all]), (COMPLETE(1), vec![b"one".to_vec()]));
        // It does not come: no answer is waited for.
        let (end, bodies) = dump(&[&message(20, b"one")]);
        assert_eq!(end, Err(Error::System(Errno::EAGAIN)));
        assert_eq!(bodies.len(), 1);
    }

    #[test]
    fn a_visitor_breaks_off() {
        let (mut netlink, _kernel) = answered(&[&message(20, b"one")]);
        let end = netlink.dump(20, b"", |_| ControlFlow::Break("enough"));
        assert_eq!(end, Ok(ControlFlow::Break("enough")));
    }

    #[test]
    fn refusals_are_errors() {
        let refusal = message(NLMSG_ERROR, &(-libc::ENOENT).to_ne_bytes());
        for (datagram, error) in [
            (refusal.as_slice(), Error::Refused(Errno::ENOENT)),
            (&done(-libc::ENOMEM), Error::Refused(Errno::ENOMEM)),
            (&message(NLMSG_OVERRUN, b""), Error::Interrupted),
            (&encode(20, NLM_F_DUMP_INTR, 1, b"x"), Error::Interrupted),
        ] {
            assert_eq!(
                dump(&[&message(20, b"one"), datagram, &done(0)]).0,
                Err(error)
            );
        }
    }

    #[test]
    fn nothing_malformed_is_passed_over() {
        let good = message(20, b"one");
        let mut too_long = good.clone();
        let length = u32::try_from(good.len()).unwrap();
        too_long[..4].copy_from_slice(&(length + 4).to_ne_bytes());
        let mut too_short = good.clone();
        too_short[..4].copy_from_slice(&15u32.to_ne_bytes());
        let mut empty = good.clone();
        empty[..4].copy_from_slice(&[0; 4]);
        let mut other_answer = good.clone();
        other_answer[8..12].iter_mut().for_each(|byte| *byte += 1);
        for (what, bad) in [
            ("longer than the datagram", too_long.clone()),
            ("shorter than its header", too_short),
            ("of no length", empty),
            ("an answer to another question", other_answer),
            ("half a header", good[..15].to_vec()),
            ("half a body", good[..18].to_vec()),
            (
                "half a header behind a message",
                [good.as_slice(), b"xxx"].concat(),
            ),
            ("a message behind a cut one", [too_long, done(0)].concat()),
            ("an end without a code", message(NLMSG_DONE, b"")),
            ("larger than the buffer", message(20, &[0; BUFFER])),
        ] {
            let (end, _) = dump(&[&good, &bad, &good, &done(0)]);
            // A length that runs into the next message shifts all that follow.
            assert_eq!(end, Err(Error::Malformed), "{what}");
        }
    }

    #[test]
    fn one_thing_is_asked_for() {
        let ask = |datagram: &[u8]| {
            let (mut netlink, _kernel) = answered(&[datagram]);
            netlink.get(20, b"", |message| message.body.to_vec())
        };
        assert_eq!(ask(&message(20, b"it")), Ok(b"it".to_vec()));
        let refusal = message(NLMSG_ERROR, &(-libc::ENOENT).to_ne_bytes());
        assert_eq!(ask(&refusal), Err(Error::Refused(Errno::ENOENT)));
        assert_eq!(ask(&done(0)), Err(Error::Malformed));
        assert_eq!(ask(&message(20, b"it")[..17]), Err(Error::Malformed));
    }

    #[test]
    fn requests_are_numbered() {
        let (mut netlink, kernel) = answered(&[]);
        for sequence in 1u32..3 {
            let _ = netlink.dump(20, b"body", |_| ControlFlow::<()>::Continue(()));
            let mut bytes = [0; 64];
            let length = recv(kernel.as_raw_fd(), &mut bytes, MsgFlags::empty()).unwrap();
            let sent = messages(&bytes[..length]).next().unwrap().unwrap();
            let expected = Message {
                kind: 20,
                flags: 0x301,
                sequence,
                body: b"body",
                is_first: true,
            };
            assert_eq!(sent, expected);
        }
    }

    #[test]
    fn attributes_are_whole_or_an_error() {
        let read = |bytes: &[u8]| -> Vec<Result<(u16, Vec<u8>), Error>> {
            attributes(bytes)
                .map(|attribute| attribute.map(|(kind, value)| (kind, value.to_vec())))
                .collect()
        };
        let attribute = |length: u16, kind: u16, value: &[u8]| {
            [&length.to_ne_bytes()[..], &kind.to_ne_bytes(), value].concat()
        };
        let nested = 0x8000;
        let two = [
            attribute(7, 5, b"abc\0"),
            attribute(5, 3 | nested, b"d\0\0\0"),
        ]
        .concat();
        assert_eq!(
            read(&two),
            [Ok((5, b"abc".to_vec())), Ok((3, b"d".to_vec()))]
        );
        assert_eq!(read(&two[..13]).len(), 2, "the last needs no padding");
        assert_eq!(read(b""), []);
        for bad in [
            attribute(3, 5, b"abc\0"),
            attribute(0, 5, b""),
            attribute(9, 5, b"abc\0"),
            b"xx".to_vec(),
        ] {
            assert_eq!(read(&bad), [Err(Error::Malformed)], "{bad:?}");
        }
        // "abc" is not padded: the length is right, but what follows begins a byte early.
        let unpadded = [attribute(7, 5, b"abc"), attribute(5, 3, b"d")].concat();
        assert_eq!(read(&unpadded).last(), Some(&Err(Error::Malformed)));
    }
}

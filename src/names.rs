//! Names of hosts, networks, services and users, as the system's name service knows them.
//!
//! The resolver answers "which name, if any"; what stands in a column when there is none (a dotted quad, `*`, `default`, a
//! number) is the layout's business. Answers are cached: IPv4 names and service lists for the whole run, IPv6 and user names
//! for a pass, as in the reference.
//!
//! A name server can take seconds for an answer, so a [`Question`] can be asked ahead of its use: many are under way at a time, each
//! once, on threads of their own ([`askers`]). [`schedule`] says which is asked when, so that no name is lost for being asked in a
//! crowd, and how dead name servers are dealt with; here is for how long they are waited for.

mod askers;
mod schedule;
mod server;

use std::cell::RefCell;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::error::Warning;
use crate::netns;
use crate::sys::name_service::{self, NameError};
use askers::{Answer, Askers, Ended};
use schedule::{Schedule, Task, Verdict};

/// Names longer than this are cut (IPv4) or not used (IPv6), as in the reference.
pub const LONGEST_HOST: usize = 127;

/// More cached answers than this are forgotten between passes, so that no run grows without bound.
const MOST_CACHED: usize = 1 << 16;

/// All names of a pass are waited for no longer than this.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// A user database that answers sooner than this is a file or near enough, and is asked without threads.
const QUICK: Duration = Duration::from_millis(10);

/// Memory that the answer to a question takes, in bytes: that of a long name.
const ANSWER_MEMORY: usize = 128;

/// Which service list names a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceList {
    /// Services over tcp.
    Tcp,
    /// Services over udp; UDP-Lite uses them too.
    Udp,
    /// Protocol numbers, for raw sockets.
    Raw,
}

/// Something to ask the name service for that may take long to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Question {
    /// The name of a host.
    Host(IpAddr),
    /// The name of an IPv4 network.
    Network(Ipv4Addr),
    /// The name of a user.
    User(u32),
}

impl Question {
    /// What to ask about an address of which it is not known whether it is a host or a network.
    ///
    /// The reference means to look at the host bits under a class C mask but forgets the byte order, so on little-endian
    /// machines the *first* octet decides: 0.x.y.z is a network, everything else a host. IPv6 addresses are hosts.
    pub fn about(address: IpAddr) -> Self {
        if let IpAddr::V4(address) = address {
            let [first, _, _, last] = address.octets();
            let host_bits = if cfg!(target_endian = "little") {
                first
            } else {
                last
            };
            if host_bits == 0 {
                return Question::Network(address);
            }
        }
        Question::Host(address)
    }

    /// Asks, and waits for the answer. What a host or a network calls itself is no name if it reads as an address.
    fn answer(self) -> Answer {
        let mut name = match self {
            Question::Host(address) => name_service::host_name(address)?,
            Question::Network(network) => name_service::network_name(network)?,
            Question::User(uid) => return name_service::user_name(uid),
        };
        if name.len() > LONGEST_HOST && matches!(self, Question::Host(IpAddr::V6(_))) {
            return Err(NameError::NoSuchName);
        }
        name.truncate(LONGEST_HOST);
        if reads_as_address(&name) {
            return Err(NameError::NoSuchName);
        }
        Ok(name)
    }

    /// Whether the answer may be another one in the next pass.
    fn is_of_one_pass(self) -> bool {
        matches!(self, Question::Host(IpAddr::V6(_)) | Question::User(_))
    }
}

/// Whether programs or people would take a name for a number, so that whoever has the say over a PTR record could pose as any address.
///
/// What reads as one: all that `inet_pton(3)` and `inet_aton(3)` take (`192.0.2.1`, `::ffff:192.0.2.1`, `fe80::1%eth0`, `127.1`,
/// `0x7f000001`, `0300.0.2.1`, `2130706433`), and what they do not take only because a part is out of range (`999.0.2.1`, `08.8.8.8`)
/// or because a dot follows.
pub fn reads_as_address(name: &[u8]) -> bool {
    let is_part = |part: &[u8]| match part {
        [b'0', b'x' | b'X', digits @ ..] => digits.iter().all(u8::is_ascii_hexdigit),
        digits => !digits.is_empty() && digits.iter().all(u8::is_ascii_digit),
    };
    // inet_aton ends at white space, whatever follows.
    let mut words = name.splitn(2, |byte| byte.is_ascii_whitespace() || *byte == 0x0b);
    let name = words.next().unwrap_or_default();
    let name = name.strip_suffix(b".").unwrap_or(name);
    let parts = name.split(|&byte| byte == b'.');
    if parts.clone().count() <= 4 && parts.clone().all(is_part) {
        return true;
    }
    let without_scope = name.split(|&byte| byte == b'%').next();
    without_scope
        .and_then(|text| std::str::from_utf8(text).ok())
        .is_some_and(|text| text.parse::<Ipv6Addr>().is_ok())
}

/// A resolver that the stage which asks shares with the format which prints the answers.
pub type SharedResolver = Rc<RefCell<NameResolver>>;

/// Looks names up and remembers them.
#[derive(Debug, Default)]
pub struct NameResolver {
    names: HashMap<Question, Name>,
    /// How many of them are under way.
    under_way: usize,
    schedule: Schedule<Question>,
    askers: Option<Askers>,
    /// The user database has kept us waiting.
    users_are_slow: bool,
    /// How long names of this pass have been waited for.
    waited: Duration,
    /// Whether names of this pass were given up.
    given_up: bool,
    /// What of that is to be said yet.
    warning: Option<Warning>,
    services: Option<Services>,
}

/// What is known of a name.
#[derive(Debug)]
enum Name {
    /// It is asked for.
    UnderWay,
    /// It is not asked for any more in this pass.
    GivenUp,
    /// That there is none, as far as can be found out.
    Unknown,
    /// The name.
    Known(Box<[u8]>),
}

impl Name {
    /// After all has been tried.
    fn of(answer: Answer) -> Self {
        answer.map_or(Name::Unknown, |name| Name::Known(name.into()))
    }
}

/// Asks on this thread where the program was started.
fn ask_at_home(question: Question) -> Answer {
    netns::at_home(|| question.answer()).unwrap_or(Err(NameError::NoResources))
}

#[derive(Debug, Default)]
struct Services {
    tcp: HashMap<u16, Vec<u8>>,
    udp: HashMap<u16, Vec<u8>>,
    raw: HashMap<u16, Vec<u8>>,
}

impl NameResolver {
    /// A resolver that knows nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets what the reference asks anew in each pass, and what was given up in the last one. Waits for questions that are still
    /// under way ([`quiesce`](Self::quiesce)), because next come the tables.
    pub fn begin_pass(&mut self) {
        self.quiesce();
        self.waited = Duration::ZERO;
        self.given_up = false;
        self.warning = None;
        // Where no thread could be started, it is tried anew.
        self.askers.take_if(|askers| askers.is_empty());
        if self.names.len() > MOST_CACHED {
            self.names = HashMap::new();
        }
        self.names
            .retain(|question, name| !question.is_of_one_pass() && !matches!(name, Name::GivenUp));
    }

    /// Waits until no question is under way any more, so that no socket and no descriptor of theirs is open; their answers are dropped.
    /// A name service that has not answered after another 30 seconds is not waited for.
    pub fn quiesce(&mut self) {
        if let Some(askers) = &self.askers {
            askers.quiesce(LONGEST_WAIT);
        }
        self.schedule.clear();
        self.names.retain(|_, name| !matches!(name, Name::UnderWay));
        self.under_way = 0;
    }

    /// What there is to say about names that were given up: once in a pass, after the last name was asked for.
    pub fn take_warning(&mut self) -> Option<Warning> {
        self.warning.take()
    }

    /// Has a question answered in the background, unless it was before. It is asked by and by, whenever this resolver is asked for
    /// anything.
    pub fn ask_ahead(&mut self, question: Question) {
        // Without memory even for the question, what is shown is the number.
        if self.names.contains_key(&question)
            || self.names.try_reserve(1).is_err()
            || !self.schedule.has_room()
        {
            return;
        }
        let name = if let Some(name) = self.ask_at_once(question) {
            name
        } else if self.given_up {
            Name::GivenUp
        } else {
            self.schedule.add(question);
            self.under_way += 1;
            Name::UnderWay
        };
        self.names.insert(question, name);
    }

    /// The answer to a question that is not worth a thread, unless it is to be asked again: users are files as a rule.
    fn ask_at_once(&mut self, question: Question) -> Option<Name> {
        if self.users_are_slow || !matches!(question, Question::User(_)) {
            return None;
        }
        let begin = Instant::now();
        let answer = ask_at_home(question);
        self.users_are_slow = begin.elapsed() > QUICK;
        match answer {
            Ok(_) | Err(NameError::NoSuchName) => Some(Name::of(answer)),
            Err(_) => None,
        }
    }

    /// Whether an answer is still to come.
    pub fn is_under_way(&self, question: Question) -> bool {
        matches!(self.names.get(&question), Some(Name::UnderWay))
    }

    /// Takes in the answers that have come, and asks what can be asked now.
    pub fn take_answers(&mut self) {
        while let Some(ended) = self.askers.as_ref().and_then(Askers::try_take) {
            self.take(ended);
        }
        let now = Instant::now();
        self.schedule.pass_over(now);
        let memory = self.under_way.saturating_mul(ANSWER_MEMORY);
        while self.schedule.is_ready() {
            let askers = self.askers.get_or_insert_with(Askers::new);
            if !askers.has_room(memory) {
                break;
            }
            if let Some(task) = next_task(&mut self.schedule, &self.names, now) {
                askers.submit(task);
            }
        }
    }

    /// Waits until any of the questions under way is settled, if there are any: answered, found to have no answer, or given up.
    pub fn await_answer(&mut self) {
        let before = self.under_way;
        self.take_answers();
        while self.under_way > 0 && self.under_way == before {
            let begin = Instant::now();
            match &self.askers {
                Some(askers) if !askers.is_empty() => {
                    let wake = self.schedule.wakes_at();
                    let wake = wake.map(|wake| wake.saturating_duration_since(begin));
                    let longest = LONGEST_WAIT.saturating_sub(self.waited);
                    askers.wait(wake.map_or(longest, |wake| wake.min(longest)));
                }
                _ => self.ask_here(),
            }
            self.waited += begin.elapsed();
            self.take_answers();
            if self.waited >= LONGEST_WAIT && self.under_way > 0 {
                self.give_up("30 seconds were not enough");
            }
        }
    }

    /// Asks the next question on this thread, which has no other to do it.
    fn ask_here(&mut self) {
        let begin = Instant::now();
        match next_task(&mut self.schedule, &self.names, begin) {
            Some(task) => {
                let answer = ask_at_home(task.question);
                let at = Instant::now();
                self.take(Ended { task, answer, at });
            }
            // Cannot happen: all that is under way is in the schedule.
            None => self.end_all(|| Name::Unknown),
        }
    }

    fn take(&mut self, ended: Ended) {
        let Ended { task, answer, at } = ended;
        match self.schedule.ended(task.id, &answer, at) {
            None => return,
            Some(Verdict::Open) => {}
            Some(Verdict::Settled) => {
                if let Some(name @ Name::UnderWay) = self.names.get_mut(&task.question) {
                    *name = Name::of(answer);
                    self.under_way -= 1;
                }
            }
            Some(Verdict::AllUnknown) => self.end_all(|| Name::Unknown),
        }
        if self.schedule.is_silent() && self.under_way > 0 {
            if self.schedule.may_be_refused()
                && netns::at_home(server::any_answers).unwrap_or(false)
            {
                self.schedule.alive();
            } else {
                self.give_up("no name server answers");
            }
        }
    }

    fn give_up(&mut self, reason: &'static str) {
        self.end_all(|| Name::GivenUp);
        self.given_up = true;
        self.warning = Some(Warning::NamesLeftOut(reason));
    }

    /// Asks nothing more of what was asked ahead.
    fn end_all(&mut self, end: impl Fn() -> Name) {
        self.schedule.clear();
        self.under_way = 0;
        for name in self.names.values_mut() {
            if matches!(name, Name::UnderWay) {
                *name = end();
            }
        }
    }

    /// The answer to a question, waited for if need be.
    pub fn name(&mut self, question: Question) -> Option<&[u8]> {
        self.ask_ahead(question);
        while self.is_under_way(question) {
            self.await_answer();
        }
        match self.names.get(&question)? {
            Name::Known(name) => Some(name),
            _ => None,
        }
    }

    /// The name of a host.
    pub fn host(&mut self, address: IpAddr) -> Option<&[u8]> {
        self.name(Question::Host(address))
    }

    /// The name of an IPv4 network.
    pub fn network(&mut self, network: Ipv4Addr) -> Option<&[u8]> {
        self.name(Question::Network(network))
    }

    /// The name of an address of which it is not known whether it is a host or a network.
    pub fn host_or_network(&mut self, address: Ipv4Addr) -> Option<&[u8]> {
        self.name(Question::about(IpAddr::V4(address)))
    }

    /// The name of a user.
    pub fn user(&mut self, uid: u32) -> Option<&[u8]> {
        self.name(Question::User(uid))
    }

    /// The name of a port, or of a protocol number in the list of raw sockets.
    pub fn service(&mut self, list: ServiceList, port: u16) -> Option<&[u8]> {
        let services = self.services.get_or_insert_with(Services::read);
        let list = match list {
            ServiceList::Tcp => &services.tcp,
            ServiceList::Udp => &services.udp,
            ServiceList::Raw => &services.raw,
        };
        list.get(&port).map(Vec::as_slice)
    }
}

/// What is to be asked now, of the questions that have no name yet.
fn next_task(
    schedule: &mut Schedule<Question>,
    names: &HashMap<Question, Name>,
    now: Instant,
) -> Option<Task<Question>> {
    schedule.next(now, |question| {
        matches!(names.get(&question), Some(Name::UnderWay))
    })
}

impl Services {
    /// Reads both databases. The last entry with a number wins, and protocols beat services over "raw".
    fn read() -> Self {
        let mut lists = Services::default();
        let databases = netns::at_home(|| (name_service::services(), name_service::protocols()));
        let (services, protocols) = databases.unwrap_or_default();
        for service in services {
            let list = match service.protocol.as_slice() {
                b"tcp" => &mut lists.tcp,
                b"udp" => &mut lists.udp,
                b"raw" => &mut lists.raw,
                _ => continue,
            };
            list.insert(service.port, service.name);
        }
        for (name, number) in protocols {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "numbers count modulo 65536"
            )]
            lists.raw.insert(number as u16, name);
        }
        lists
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_read_as_addresses_are_known() {
        for name in [
            "192.0.2.1",
            "192.0.2.1.",
            "::1",
            "2001:db8::1",
            "::ffff:192.0.2.1",
            "::192.0.2.1",
            "fe80::1%eth0",
            "127.1",
            "127.0.1",
            "2130706433",
            "0x7f000001",
            "0X7F.1",
            "0300.0.02.01",
            "08.8.8.8",
            "999.0.2.1",
            "192.0.2.1 or so",
            "192.0.2.1\tor so",
        ] {
            assert!(reads_as_address(name.as_bytes()), "{name}");
        }
        for name in [
            "",
            ".",
            "localhost",
            "1.2.3.4.example.com",
            "4.3.2.1.in-addr.arpa",
            "1.2.3.4.5",
            "1..2",
            "host-1-2-3-4",
            "1a",
            "0y1",
            "face",
            "face.b00c",
            "1.2.3.4%eth0",
            "a::b::c",
            "one 192.0.2.1",
        ] {
            assert!(!reads_as_address(name.as_bytes()), "{name}");
        }
        assert!(!reads_as_address(b"\xff"));
        assert!(!reads_as_address(b"\xff::1"));
    }
}

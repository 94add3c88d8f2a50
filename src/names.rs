//! Names of hosts, networks, services and users, as the system's name service knows them.
//!
//! The resolver answers "which name, if any"; what stands in a column when there is none (a dotted quad, `*`, `default`, a
//! number) is the layout's business. Answers are cached: IPv4 names and service lists for the whole run, IPv6 and user names
//! for a pass, as in the reference.
//!
//! A name server can take seconds for an answer, so a [`Question`] can be asked ahead of its use: many are under way at a time, each
//! once, on threads of their own.

use std::collections::{HashMap, HashSet, VecDeque};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use crate::netns;
use crate::sys::{self, name_service};

/// Names longer than this are cut (IPv4) or not used (IPv6), as in the reference.
pub const LONGEST_HOST: usize = 127;

/// More cached addresses than this are forgotten and looked up again, so that no run grows without bound.
const MOST_CACHED: usize = 1 << 16;

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

    /// Asks, and waits for the answer.
    fn answer(self) -> Option<Vec<u8>> {
        match self {
            Question::Host(address @ IpAddr::V6(_)) => {
                name_service::host_name(address).filter(|name| name.len() <= LONGEST_HOST)
            }
            Question::Host(address) => name_service::host_name(address).map(shortened),
            Question::Network(network) => name_service::network_name(network).map(shortened),
        }
    }
}

fn shortened(mut name: Vec<u8>) -> Vec<u8> {
    name.truncate(LONGEST_HOST);
    name
}

/// Looks names up and remembers them.
#[derive(Debug, Default)]
pub struct NameResolver {
    answers: HashMap<Question, Option<Vec<u8>>>,
    /// Asked ahead and not answered yet.
    under_way: HashSet<Question>,
    askers: Option<Askers>,
    users: HashMap<u32, Option<Vec<u8>>>,
    services: Option<Services>,
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

    /// Forgets what the reference asks anew in each pass.
    pub fn begin_pass(&mut self) {
        self.answers
            .retain(|question, _| !matches!(question, Question::Host(IpAddr::V6(_))));
        self.users.clear();
    }

    /// Has a question answered in the background, unless it was before.
    pub fn ask_ahead(&mut self, question: Question) {
        if self.answers.contains_key(&question) || self.under_way.contains(&question) {
            return;
        }
        let askers = self.askers.get_or_insert_with(Askers::new);
        if askers.submit(question) {
            self.under_way.insert(question);
        }
    }

    /// Whether an answer is still to come.
    pub fn is_under_way(&self, question: Question) -> bool {
        self.under_way.contains(&question)
    }

    /// Takes in the answers that have come.
    pub fn take_answers(&mut self) {
        while let Some((question, name)) = self
            .askers
            .as_ref()
            .and_then(|askers| askers.answers.try_recv().ok())
        {
            self.take(question, name);
        }
    }

    /// Waits for the next answer to any of the questions under way, if there are any.
    pub fn await_answer(&mut self) {
        if self.under_way.is_empty() {
            return;
        }
        match self.askers.as_ref().map(|askers| askers.answers.recv()) {
            Some(Ok((question, name))) => self.take(question, name),
            // Cannot happen while `askers` holds a sender; then each question is asked when its name is needed.
            _ => self.under_way.clear(),
        }
    }

    fn take(&mut self, question: Question, name: Option<Vec<u8>>) {
        self.under_way.remove(&question);
        self.remember(question, name);
    }

    fn remember(&mut self, question: Question, name: Option<Vec<u8>>) {
        if self.answers.len() >= MOST_CACHED {
            self.answers.clear();
        }
        self.answers.insert(question, name);
    }

    /// The answer to a question, waited for if need be.
    pub fn name(&mut self, question: Question) -> Option<&[u8]> {
        while self.under_way.contains(&question) {
            self.await_answer();
        }
        if !self.answers.contains_key(&question) {
            let name = netns::at_home(|| question.answer()).flatten();
            self.remember(question, name);
        }
        self.answers.get(&question)?.as_deref()
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
        if self.users.len() >= MOST_CACHED {
            self.users.clear();
        }
        self.users
            .entry(uid)
            .or_insert_with(|| netns::at_home(|| name_service::user_name(uid)).flatten())
            .as_deref()
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

/// So many questions are asked at a time.
const MOST_ASKERS: usize = 64;

/// Threads that ask the name service. They end with the process, however long their last question takes.
#[derive(Debug)]
struct Askers {
    shared: Arc<Shared>,
    threads: usize,
    sender: Sender<Answer>,
    answers: Receiver<Answer>,
}

type Answer = (Question, Option<Vec<u8>>);

#[derive(Debug, Default)]
struct Shared {
    queue: Mutex<Queue>,
    filled: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    questions: VecDeque<Question>,
    /// Threads that wait for a question.
    idle: usize,
}

impl Askers {
    fn new() -> Self {
        // Each thread would reserve address space for a heap of its own, which limits on memory count.
        sys::share_heaps();
        let (sender, answers) = channel();
        Askers {
            shared: Arc::default(),
            threads: 0,
            sender,
            answers,
        }
    }

    /// Hands a question to a thread; `false` if there is none and none can be made.
    fn submit(&mut self, question: Question) -> bool {
        let mut queue = self
            .shared
            .queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if queue.idle <= queue.questions.len() && self.threads < MOST_ASKERS && self.start_thread()
        {
            self.threads += 1;
        }
        if self.threads == 0 {
            return false;
        }
        queue.questions.push_back(question);
        self.shared.filled.notify_one();
        true
    }

    fn start_thread(&self) -> bool {
        let (shared, sender) = (Arc::clone(&self.shared), self.sender.clone());
        let ask = move || {
            netns::go_home();
            while sender.send(shared.next_answer()).is_ok() {}
        };
        std::thread::Builder::new()
            .stack_size(256 * 1024)
            .spawn(ask)
            .is_ok()
    }
}

impl Shared {
    fn next_answer(&self) -> Answer {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let question = loop {
            if let Some(question) = queue.questions.pop_front() {
                break question;
            }
            queue.idle += 1;
            queue = self
                .filled
                .wait(queue)
                .unwrap_or_else(PoisonError::into_inner);
            queue.idle -= 1;
        };
        drop(queue);
        (question, question.answer())
    }
}

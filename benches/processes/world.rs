//! Worlds: a network namespace filled with sockets, processes, routes or interfaces.
//!
//! Sockets are made here and handed over to processes that do nothing but hold them: `sleep` inherits them.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::sched::{CloneFlags, setns, unshare};

use crate::cases::Scene;
use crate::names::NameServer;
use crate::netlink;

/// Connections of a process, both ends of each.
const CONNECTIONS: usize = 9000;

/// Port of the servers with many connections.
const PORT: u16 = 8080;

/// The namespace this process is in, until it is dropped.
#[derive(Debug)]
pub struct World {
    scene: Scene,
    holders: Vec<Child>,
    /// Ends of connections that were asked for with [`Scene::Tcp`].
    tcp_sockets: usize,
    _names: Option<NameServer>,
}

impl World {
    /// Goes to a new namespace and fills it.
    pub fn new(scene: &Scene) -> Self {
        unshare(CloneFlags::CLONE_NEWNET).expect("a network namespace");
        set("net/ipv4/ip_local_port_range", "10000 65000");
        // Connections need not linger when the world ends.
        set("net/ipv4/tcp_max_tw_buckets", "0");
        if matches!(scene, Scene::Interfaces { .. }) {
            // New interfaces with IPv6 talk for some seconds, and their counters move.
            set("net/ipv6/conf/all/disable_ipv6", "1");
            set("net/ipv6/conf/default/disable_ipv6", "1");
        }
        netlink::loopback_up();
        let mut world = World {
            scene: scene.clone(),
            holders: Vec::new(),
            tcp_sockets: 0,
            _names: None,
        };
        match *scene {
            Scene::Small { inet6 } => world.small_machine(inet6),
            Scene::Tcp { sockets } => {
                world.small_machine(true);
                world.tcp(sockets);
            }
            Scene::Processes { count } => world.processes(count),
            Scene::Udp { sockets } => {
                world.small_machine(true);
                world.udp(sockets);
            }
            Scene::Routes { count } => netlink::routes(count),
            Scene::Interfaces { count } => netlink::interface_pairs(count / 2),
            Scene::Namespaces { count } => world.namespaces(count),
            Scene::Names { count, delay } => {
                world._names = Some(NameServer::start(delay));
                world.foreign_addresses(count);
            }
        }
        world
    }

    /// Whether it only lacks sockets to be the other.
    pub fn can_become(&self, scene: &Scene) -> bool {
        match (&self.scene, scene) {
            (Scene::Tcp { .. }, Scene::Tcp { sockets }) => *sockets >= self.tcp_sockets,
            _ => false,
        }
    }

    /// The other, if [`can_become`](Self::can_become) says so.
    pub fn grown(mut self, scene: &Scene) -> Self {
        if let Scene::Tcp { sockets } = *scene {
            self.tcp(sockets);
        }
        self.scene = scene.clone();
        self
    }

    /// A few servers and connections, as on any machine.
    fn small_machine(&mut self, inet6: bool) {
        let mut sockets: Vec<OwnedFd> = Vec::new();
        let server = TcpListener::bind("0.0.0.0:22").expect("a free port");
        for _ in 0..5 {
            let (near, far) = connection(&server, SocketAddr::from(([127, 0, 0, 1], 22)));
            sockets.extend([near, far]);
        }
        sockets.push(server.into());
        for address in ["127.0.0.1:631", "[::]:80", "[::1]:631"] {
            if inet6 || !address.starts_with('[') {
                let server = TcpListener::bind(address).expect("a free port");
                sockets.push(server.into());
            }
        }
        for address in ["0.0.0.0:68", "127.0.0.1:323", "[::1]:323"] {
            if inet6 || !address.starts_with('[') {
                let socket = UdpSocket::bind(address).expect("a free port");
                sockets.push(socket.into());
            }
        }
        self.hold("init", sockets);
    }

    /// Makes connections until there are so many ends of them, each process with a server of its own.
    fn tcp(&mut self, sockets: usize) {
        while self.tcp_sockets + 1 < sockets {
            let connections = CONNECTIONS.min((sockets - self.tcp_sockets) / 2);
            let number = u8::try_from(self.holders.len()).expect("at most 2.3 million connections");
            let address = SocketAddr::from(([127, 0, 1, number], PORT));
            let server = TcpListener::bind(address).expect("a free port");
            let mut held: Vec<OwnedFd> = Vec::with_capacity(2 * connections + 1);
            for _ in 0..connections {
                let (near, far) = connection(&server, address);
                held.extend([near, far]);
            }
            held.push(server.into());
            self.hold("server", held);
            self.tcp_sockets += 2 * connections;
        }
    }

    /// Processes of 30 descriptors; one in four is a server.
    fn processes(&mut self, count: usize) {
        let null = || OwnedFd::from(File::open("/dev/null").expect("/dev/null"));
        for number in 0..count {
            let mut held: Vec<OwnedFd> = Vec::new();
            for _ in 0..6 {
                let (one, other) = UnixStream::pair().expect("a pair of sockets");
                held.extend([one.into(), other.into()]);
            }
            for _ in 0..3 {
                let (reader, writer) = std::io::pipe().expect("a pipe");
                held.extend([reader.into(), writer.into()]);
            }
            held.extend([
                null(),
                null(),
                null(),
                null(),
                null(),
                null(),
                null(),
                null(),
            ]);
            if number % 4 == 0 {
                let port = u16::try_from(10_000 + number / 4).expect("at most 200k processes");
                let server = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).expect("a free port");
                held.push(server.into());
            } else {
                held.push(null());
            }
            self.hold("worker", held);
        }
    }

    fn udp(&mut self, sockets: usize) {
        let mut port = 10_000;
        let mut address = Ipv4Addr::LOCALHOST;
        let mut held = Vec::new();
        for _ in 0..sockets {
            let socket = UdpSocket::bind((address, port)).expect("a free port");
            held.push(socket.into());
            port += 1;
            if port == 65_000 {
                port = 10_000;
                address = Ipv4Addr::from_bits(address.to_bits() + 1);
            }
            if held.len() == 2 * CONNECTIONS {
                self.hold("resolver", std::mem::take(&mut held));
            }
        }
        self.hold("resolver", held);
    }

    /// So many network namespaces besides this one, each with a process that has a server in it.
    fn namespaces(&mut self, count: usize) {
        let own = File::open("/proc/thread-self/ns/net").expect("our network namespace");
        for _ in 0..count {
            unshare(CloneFlags::CLONE_NEWNET).expect("a network namespace");
            netlink::loopback_up();
            let server = TcpListener::bind(("127.0.0.1", PORT)).expect("a free port");
            self.hold("container", vec![server.into()]);
        }
        setns(own, CloneFlags::CLONE_NEWNET).expect("the way back");
    }

    /// Connections to so many addresses, most of them from 127.0.0.1, whose name is in a file.
    fn foreign_addresses(&mut self, count: usize) {
        let server = TcpListener::bind(("0.0.0.0", PORT)).expect("a free port");
        let mut held: Vec<OwnedFd> = Vec::new();
        let first = Ipv4Addr::new(127, 1, 0, 1).to_bits();
        for address in (first..).take(count) {
            let address = SocketAddr::from((Ipv4Addr::from_bits(address), PORT));
            let (near, far) = connection(&server, address);
            held.extend([near, far]);
            if held.len() == 2 * CONNECTIONS {
                self.hold("client", std::mem::take(&mut held));
            }
        }
        held.push(server.into());
        self.hold("client", held);
    }

    /// Starts a process that holds these descriptors, and closes ours.
    fn hold(&mut self, name: &str, descriptors: Vec<OwnedFd>) {
        for descriptor in &descriptors {
            fcntl(descriptor, FcntlArg::F_SETFD(FdFlag::empty())).expect("a descriptor of ours");
        }
        let holder = Command::new("/bin/sleep")
            .arg0(name)
            .arg("1000000")
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("sleep is installed");
        self.holders.push(holder);
    }
}

impl Drop for World {
    fn drop(&mut self) {
        for holder in &mut self.holders {
            let _ = holder.kill();
        }
        for holder in &mut self.holders {
            let _ = holder.wait();
        }
    }
}

/// Both ends of a connection to `server`, which is known by `address`.
fn connection(server: &TcpListener, address: SocketAddr) -> (OwnedFd, OwnedFd) {
    let near = TcpStream::connect(address).expect("a connection over loopback");
    let (far, _) = server.accept().expect("the connection just made");
    (near.into(), far.into())
}

/// Writes a setting of the namespace, if the kernel has it.
fn set(name: &str, value: &str) {
    if let Err(error) = std::fs::write(format!("/proc/sys/{name}"), value) {
        eprintln!("{name}: {error}");
    }
}

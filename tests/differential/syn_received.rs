//! Connections in SYN_RECV, of which the kernel's file says the user of the listening socket, and the socket diagnostics none.

use std::net::{SocketAddrV4, TcpListener};
use std::os::fd::AsFd;
use std::os::unix::fs::fchown;

use super::support::sockets::{listener, syn_received};
use super::support::world::in_new_world;

fn address(text: &str) -> SocketAddrV4 {
    text.parse().unwrap()
}

fn owned(listener: impl AsFd, uid: u32) {
    fchown(listener.as_fd(), Some(uid), None).unwrap();
}

/// Listeners of several users that share a port: by address, on both families at once, by interface; and connections from ports 0 to 3,
/// one of which the kernel's answer could be.
#[test]
#[ignore = "needs root and net-tools"]
fn users_are_those_of_the_listeners() {
    in_new_world(|world| {
        world.ip("tuntap add dev silent mode tun");
        for host in ["10.9.0.1/24", "10.9.0.2/24", "10.9.0.3/24"] {
            world.ip(&format!("addr add {host} dev silent"));
        }
        world.ip("link set silent up");
        for (number, local) in ["10.9.0.1:22", "10.9.0.2:22"].iter().enumerate() {
            let listener = TcpListener::bind(local).unwrap();
            owned(&listener, 1001 + u32::try_from(number).unwrap());
            world.keep(listener);
        }
        let both = listener("[::]:23".parse().unwrap(), 5, false);
        owned(&both, 1003);
        world.keep(both);
        for (from, to) in [
            ("10.9.0.9:4321", "10.9.0.1:22"),
            ("10.9.0.9:4321", "10.9.0.2:22"),
            ("10.9.0.9:4322", "10.9.0.3:23"),
            ("10.9.0.9:0", "10.9.0.1:22"),
            ("10.9.0.9:1", "10.9.0.1:22"),
            ("10.9.0.9:2", "10.9.0.1:22"),
        ] {
            syn_received(address(from), address(to));
        }
        for source in ["", "never", "always"] {
            world.env("NETSTAT_SOCK_DIAG", source);
            world.compare_all(&["-tane", "-tanee", "-ta4ne", "-tane -p", "-atuneW", "-tne"]);
        }
    });
}

/// So many that the diagnostics list them in several steps, and those of two listeners mixed.
#[test]
#[ignore = "needs root and net-tools"]
fn many() {
    in_new_world(|world| {
        world.ip("tuntap add dev silent mode tun");
        world.ip("addr add 10.9.0.1/24 dev silent");
        world.ip("link set silent up");
        for (local, uid) in [("10.9.0.1:22", 1001), ("10.9.0.1:23", 1002)] {
            let listener = listener(local.parse().unwrap(), 4096, false);
            owned(&listener, uid);
            world.keep(listener);
            for port in 0..150 {
                syn_received(
                    SocketAddrV4::new([10, 9, 0, 9].into(), 2000 + port),
                    address(local),
                );
            }
        }
        world.compare_all(&["-tane", "-tan"]);
    });
}

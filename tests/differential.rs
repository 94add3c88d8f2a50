//! Live comparison with the reference: real sockets in network namespaces, every option and samples of combinations.

#![allow(clippy::unwrap_used)]

mod support;

use support::world::{World, in_new_world};

/// Every option that a socket listing knows, alone.
const OPTIONS: [&str; 34] = [
    "-a",
    "-l",
    "-n",
    "-t",
    "-u",
    "-U",
    "-S",
    "-w",
    "-x",
    "-4",
    "-6",
    "-2",
    "-f",
    "-e",
    "-ee",
    "-o",
    "-p",
    "-v",
    "-W",
    "-N",
    "-C",
    "-F",
    "-d",
    "--numeric-hosts",
    "--numeric-ports",
    "--numeric-users",
    "--inet",
    "--inet6",
    "--wide",
    "--ip",
    "--tcpip",
    "--symbolic",
    "-Ainet",
    "-Aunix,inet6",
];

fn listeners(world: &mut World) {
    for address in ["0.0.0.0:22", "127.0.0.1:5000", "[::]:80", "[::1]:53"] {
        world.keep(std::net::TcpListener::bind(address).unwrap());
    }
}

#[test]
#[ignore = "needs root and net-tools"]
fn listening() {
    in_new_world(|world| {
        listeners(world);
        world.compare_all(&OPTIONS);
        world.compare_passes("-c", 2);
        world.compare_passes("-cS", 2);
    });
}

//! Names of hosts with a server that takes its time: no look-up's own socket is among the rows, whatever is listed.

use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use tempfile::TempDir;

use crate::support::name_server::{Conduct, NameServer, asking_etc};
use crate::support::program::{Outcome, Program, Run};
use crate::support::world::{World, in_new_world};

/// Three connections, and a server that needs 50 ms for the name of each end.
struct SlowNames {
    _server: NameServer,
    etc: TempDir,
}

impl SlowNames {
    fn start(world: &mut World) -> Self {
        for host in 2..5 {
            let listener = TcpListener::bind((format!("127.0.0.{host}"), 8080)).unwrap();
            let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            let (server, _) = listener.accept().unwrap();
            world.keep(listener);
            world.keep(client);
            world.keep(server);
        }
        SlowNames {
            _server: NameServer::start(Conduct {
                delay: Duration::from_millis(50),
                ..Conduct::default()
            }),
            etc: asking_etc("", "timeout:5 attempts:2"),
        }
    }

    fn run(&self, program: Program, args: &str) -> Run {
        Run::new(program, args.split_whitespace()).etc(self.etc.path())
    }

    /// So many runs are those of the reference.
    fn compare(&self, args: &str, runs: usize, outcome: fn(&Run) -> Outcome) {
        let expected = outcome(&self.run(Program::Reference, args));
        assert!(String::from_utf8_lossy(&expected.stdout).contains("host-127-0-0-3"));
        for number in 0..runs {
            let ours = outcome(&self.run(Program::under_test(), args));
            assert_eq!(ours, expected, "{args}, run {number}");
        }
    }
}

#[test]
#[ignore = "needs root and net-tools"]
fn look_ups_are_not_among_all_sockets() {
    in_new_world(|world| SlowNames::start(world).compare("-aW", 50, Run::output));
}

#[test]
#[ignore = "needs root and net-tools"]
fn look_ups_are_not_among_sockets_with_owners() {
    in_new_world(|world| SlowNames::start(world).compare("-tuapW", 50, Run::output));
}

#[test]
#[ignore = "needs root and net-tools"]
fn look_ups_are_not_among_sockets_with_users() {
    in_new_world(|world| SlowNames::start(world).compare("-tuaeW4", 50, Run::output));
}

/// What a pass asked is over before the next one reads.
#[test]
#[ignore = "needs root and net-tools"]
fn look_ups_are_not_in_the_next_pass() {
    in_new_world(|world| SlowNames::start(world).compare("-tuaWc", 5, |run| run.passes(2)));
}

#[test]
#[ignore = "needs root and net-tools"]
fn look_ups_are_not_in_json() {
    in_new_world(|world| {
        let names = SlowNames::start(world);
        for _ in 0..50 {
            let json = names.run(Program::Ours, "-tuaW --json").output().stdout;
            let records: Vec<serde_json::Value> = serde_json::from_slice(&json).unwrap();
            let mut addresses = records.iter().map(|record| &record["local_address"]);
            assert!(addresses.any(|address| address == "host-127-0-0-4.example"));
            let mut connected = records
                .iter()
                .filter(|record| record["proto"] == "udp" && !record["state"].is_null());
            assert_eq!(connected.next(), None);
        }
    });
}

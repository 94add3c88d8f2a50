//! Live comparison with the reference: routes of every kind that the kernel can hold, in network namespaces.

use std::fs;

use crate::support::random::Random;
use crate::support::world::{World, in_new_world};

/// Command lines that ask for routes, with and without names, tables, caches, families that cannot route, and repetition.
const ROUTES: [&str; 75] = [
    "-r",
    "-rn",
    "-rN",
    "-r --numeric-hosts",
    "-r --numeric-ports",
    "-r --numeric-users",
    "-re",
    "-ree",
    "-reee",
    "-reeee",
    "-reeeee",
    "-reeeeee",
    "-rne",
    "-rnee",
    "-rneee",
    "-rneeee",
    "-r4",
    "-r6",
    "-rn4",
    "-rn6",
    "-rn6e",
    "-rn6ee",
    "-rn6eee",
    "-rnW6",
    "-r46",
    "-r64",
    "-r44",
    "-rn46",
    "-rn64",
    "-rn4646",
    "-rF",
    "-rC",
    "-rFC",
    "-rCF",
    "-rnC",
    "-rnCe",
    "-rnCee",
    "-rnCeee",
    "-r6F",
    "-r6C",
    "-r6FC",
    "-rn6C",
    "-rn6Ce",
    "-rn6FC",
    "-rn46FC",
    "-rn64FC",
    "-rx",
    "-rn4x6",
    "-r -A ash",
    "-r -A econet",
    "-r -A inet,econet,inet6",
    "-r -A bluetooth",
    "-r --bluetooth -4",
    "-r --unix",
    "-r -A ip,ip6,tcpip",
    "-r --tcpip",
    "-r --ax25",
    "-r --netrom",
    "-r --rose",
    "-r --ipx",
    "-r --ddp",
    "-r --appletalk",
    "-r --x25",
    "-r -A inet,x25",
    "-rn -A inet6,ax25,inet",
    "-r -A inet,inet6,unix,inet",
    "-ra",
    "-rl",
    "-rtuwv",
    "-rp",
    "-ro",
    "-rnv",
    "-rW",
    "-rg",
    "--route --numeric --extend --extend",
];

/// From where our program takes IPv4 routes: as it sees fit, all from the file, all from rtnetlink.
const SOURCES: [&str; 3] = ["", "never", "always"];

/// Names that the routes below meet.
const HOSTS: &str = "127.0.0.1 localhost\n::1 localhost ip6-localhost\n10.1.0.1 router\n10.1.0.7 a-host-with-a-rather-long-name.example.com\n\
    10.2.0.0 host-of-a-network\n10.20.0.0 ten-twenty\n192.0.2.0 docs-host\n2001:db8:1::1 router6\n2001:db8:2:: network6\nfe80::7 link-local-router\n\
    2001:db8:7::7 a-host-with-a-rather-long-name.example.com\n";
const NETWORKS: &str = "loopback 127.0.0.0\nten-two 10.2.0.0\nten-three 10.3\na-network-with-a-long-name 10.4.0.0\n\
    documentation 192.0.2.0\nlink-local 169.254.0.0\n";

/// Interfaces of every kind that needs no hardware, with addresses and routes of every kind over them.
fn routes(world: &mut World) {
    fs::write("/etc/hosts", HOSTS).unwrap();
    fs::write("/etc/networks", NETWORKS).unwrap();
    for line in [
        "link add eth0 type veth peer name eth0peer",
        "link add a-long-name-15b type veth peer name veth9a",
        "link add br0 type bridge",
        "link add ifb7 type ifb",
        "link add vx1 type vxlan id 7 local 10.1.0.2 dev eth0 dstport 4789",
        "tuntap add mode tun name tun3",
        "link set eth0 up",
        "link set eth0peer up",
        "link set a-long-name-15b up",
        "link set veth9a up",
        "link set br0 up",
        "link set ifb7 up",
        "link set vx1 up",
        "link set tun3 up",
        "addr add 10.1.0.2/24 dev eth0",
        "addr add 10.1.0.3/24 dev eth0 label eth0:1",
        "addr add 10.9.0.1 peer 10.9.0.2/32 dev tun3",
        "addr add 169.254.3.4/16 dev br0",
        "addr add 172.16.0.1/30 dev a-long-name-15b",
        "addr add 2001:db8:1::2/64 dev eth0 nodad",
        "addr add 2001:db8:15::1/96 dev a-long-name-15b nodad",
        "addr add 2001:db8:9::1 peer 2001:db8:9::2/128 dev tun3 nodad",
        "route add default via 10.1.0.1 metric 100",
        "route add default via 10.1.0.4 dev eth0 metric 4294967295",
        "route add 0.0.0.0/1 dev eth0",
        "route add 128.0.0.0/1 via 10.1.0.1",
        "route add 10.2.0.0/16 via 10.1.0.1 mtu 1400",
        "route add 10.3.0.0/16 via 10.1.0.7 advmss 1360 window 32000 rtt 100ms",
        "route add 10.4.0.0/16 dev eth0 metric 2147483648 mtu lock 1280",
        "route add 10.5.6.0/25 dev eth0 proto static scope link src 10.1.0.3",
        "route add 10.6.0.1 dev eth0 advmss 536",
        "route add 10.20.0.0/32 via 10.1.0.1",
        "route add 10.7.0.0/16 nexthop via 10.1.0.1 weight 3 nexthop via 10.1.0.7 dev eth0 weight 1",
        "route add 10.8.0.0/16 via 10.250.0.1 dev eth0 onlink",
        "route add unreachable 10.30.0.0/16",
        "route add unreachable 10.30.0.1 metric 7",
        "route add blackhole 10.31.0.0/16",
        "route add prohibit 10.32.0.0/16 metric 12345678",
        "route add prohibit 10.32.0.9",
        "route add throw 10.33.0.0/16",
        "route add 192.0.2.0/24 dev a-long-name-15b",
        "route add 198.51.100.0/24 dev tun3 tos 0x10",
        "route add 203.0.113.77 via 10.1.0.7 metric 1",
        "route add multicast 224.1.0.0/16 dev br0",
        "route add 10.40.0.0/16 via inet6 fe80::7 dev eth0",
        "route add 10.40.1.0/24 via inet6 ::7 dev eth0 onlink",
        "route add 10.40.2.0/24 nexthop via inet6 fe80::7 dev eth0 nexthop via 10.1.0.1",
        "route add 10.40.3.0/24 nexthop via 10.1.0.1 nexthop via inet6 fe80::7 dev eth0",
        "route add 10.40.4.0/24 nexthop dev tun3 nexthop via 172.16.0.2 weight 9",
        "nexthop add id 1 via 10.1.0.7 dev eth0",
        "nexthop add id 2 via fe80::77 dev eth0",
        "nexthop add id 3 group 2,5/1,7",
        "nexthop add id 4 group 1",
        "nexthop add id 5 dev br0",
        "route add 10.41.1.0/24 nhid 1 metric 3",
        "route add 10.41.2.0/24 nhid 2",
        "route add 10.41.3.0/24 nhid 3",
        "route add 10.41.4.0/24 nhid 4",
        "route add 10.41.5.0/24 nhid 5",
        "route add 10.42.0.0/16 dev eth0 advmss 65535 window 4294967295 rtt 1234567",
        "route add 10.42.0.0/16 dev eth0 tos 0x08",
        "route add 10.42.0.0/16 dev eth0 tos 0x10 metric 9",
        "route add 10.42.0.0/16 dev br0 metric 9",
        "route add 10.42.0.0/17 dev br0 scope host",
        "route add 10.42.0.0/32 dev br0",
        "route add local 10.43.0.1 dev lo table main",
        "route add broadcast 10.43.0.255 dev eth0 table main",
        "route add anycast 10.43.0.3 dev eth0 table main",
        "route add 10.44.0.0/16 dev eth0 table 100",
        "route add 0.0.0.0/32 dev br0",
        "route add 255.255.255.255 dev br0",
        "-6 route add default via 2001:db8:1::1 metric 1",
        "-6 route add default via fe80::7 dev eth0 metric 4294967295",
        "-6 route add 2001:db8:2::/48 via 2001:db8:1::1 mtu 1400",
        "-6 route add 2001:db8:3::/48 via fe80::7 dev eth0 expires 3000 metric 5",
        "-6 route add 2001:db8:7::7 dev eth0",
        "-6 route add 2001:db8:1234:5678:9abc:def0:1234:5678/128 dev a-long-name-15b metric 2147483647",
        "-6 route add unreachable 2001:db8:30::/48",
        "-6 route add blackhole 2001:db8:31::/48",
        "-6 route add prohibit 2001:db8:32::/48 metric 9",
        "-6 route add throw 2001:db8:33::/48",
        "-6 route add 2001:db8:4::/48 nexthop via 2001:db8:1::1 nexthop via 2001:db8:1::9 weight 5",
        "-6 route add 2001:db8:5::/48 via 2001:db8:ff::1 dev eth0 onlink",
        "-6 route add ::ffff:10.0.0.0/104 dev eth0",
        "-6 route add ::10.0.0.1 dev tun3",
        "-6 route add 2001:db8:6::/48 from 2001:db8:1::/64 dev eth0",
    ] {
        world.ip(line);
    }
}

#[test]
#[ignore = "needs root and net-tools"]
fn routes_of_every_kind() {
    in_new_world(|world| {
        routes(world);
        for source in SOURCES {
            world.env("NETSTAT_SOCK_DIAG", source);
            world.compare_all(&ROUTES);
        }
        world.compare_passes("-rnc", 3);
        world.compare_passes("-rcee46", 2);
        world.compare_passes("-rnc6", 2);
        world.compare_passes("-rc -A inet,unix", 2);
    });
}

#[test]
#[ignore = "needs root and net-tools"]
fn combinations_of_options() {
    in_new_world(|world| {
        routes(world);
        let options = [
            "-n",
            "-N",
            "-e",
            "-ee",
            "-eee",
            "-4",
            "-6",
            "-F",
            "-C",
            "-W",
            "-v",
            "-a",
            "-p",
            "-x",
            "--inet",
            "--ipx",
            "-A inet",
            "-A inet6",
            "-A ash",
            "--numeric-hosts",
            "--cache",
            "--fib",
            "--symbolic",
            "--ax25",
            "--netrom",
        ];
        let lines: Vec<String> = Random::new(4)
            .command_lines(&options, 5, 300)
            .into_iter()
            .map(|line| format!("-r {line}"))
            .collect();
        world.compare_all(&lines);
    });
}

/// With rules, the routes of the tables "local" and "main" are no longer in one trie.
#[test]
#[ignore = "needs root and net-tools"]
fn routes_of_several_tables() {
    in_new_world(|world| {
        routes(world);
        world.ip("rule add from 10.99.0.0/16 table 100");
        world.ip("link set veth9a down");
        world.ip("route add 10.45.0.0/16 dev a-long-name-15b");
        for source in SOURCES {
            world.env("NETSTAT_SOCK_DIAG", source);
            world.compare_all(&["-rn", "-rne", "-rnee"]);
        }
    });
}

#[test]
#[ignore = "needs root and net-tools"]
fn no_routes_at_all() {
    in_new_world(|world| {
        world.ip("link set lo down");
        world.compare_all(&ROUTES);
        world.compare_all(&["-M", "-Mn", "-Mne", "-Mc", "-M -A inet6"]);
        // There is no such table in the kernel.
        world.env("NETSTAT_SOCK_DIAG", "always");
        world.compare_all(&["-rn", "-rnee"]);
    });
}

#[test]
#[ignore = "needs root and net-tools"]
fn many_routes() {
    in_new_world(|world| {
        world.ip("link add eth0 type veth peer name eth1");
        world.ip("link set eth0 up");
        world.ip("link set eth1 up");
        let mut random = Random::new(7);
        let mut batches = [String::new(), String::new()];
        for number in 0..2000u32 {
            let length = 9 + random.below(24);
            let address = std::net::Ipv4Addr::from(
                (0x0b00_0000 + (number << 12)) & (u32::MAX << (32 - length)),
            );
            batches[0] += &format!("route replace {address}/{length} dev eth0 metric {number}\n");
            batches[1] += &format!(
                "route replace 2001:db8:{number:x}::/{} dev eth1 metric {}\n",
                48 + random.below(81),
                random.below(1 << 31)
            );
        }
        for (family, batch) in ["-4", "-6"].into_iter().zip(batches) {
            let file = tempfile::NamedTempFile::new().unwrap();
            fs::write(file.path(), batch).unwrap();
            world.ip(&format!("{family} -batch {}", file.path().display()));
        }
        let command_lines = ["-rn", "-rne", "-rnee", "-r6n", "-rn46", "-rnCF"];
        for source in SOURCES {
            world.env("NETSTAT_SOCK_DIAG", source);
            world.compare_all(&command_lines);
        }
        // Rtnetlink does not say all of some among the others, where one route or several have the same address and mask.
        for (number, hidden) in ["11.16.0.0/16", "11.8.0.0/16", "1.0.0.0/8", "200.0.0.0/8"]
            .into_iter()
            .enumerate()
        {
            for metric in 1..4 {
                world.ip(&format!(
                    "route add {hidden} dev eth1 metric {}",
                    10 * metric
                ));
            }
            world.ip(&format!("nexthop add id {} blackhole", number + 1));
            world.ip(&format!("route add {hidden} nhid {} metric 25", number + 1));
            for source in SOURCES {
                world.env("NETSTAT_SOCK_DIAG", source);
                world.compare_all(&command_lines[..3]);
            }
            world.ip(&format!("route del {hidden} metric 25"));
        }
    });
}

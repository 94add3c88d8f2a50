//! Interfaces, whose flags, MTUs, addresses and hardware come from the kernel in any case.

use std::net::UdpSocket;
use std::path::Path;

use crate::support::program::mount_over;
use crate::support::random::Random;
use crate::support::tree::{Tree, proc_net_dev};
use crate::support::world::{World, in_new_world};

const OPTIONS: [&str; 18] = [
    "-i",
    "-ia",
    "-ie",
    "-iea",
    "-iee",
    "-ieea",
    "-ieeeea",
    "-ian",
    "-iaW",
    "-ieanW",
    "-i eth0",
    "-ianop -v",
    "-ial -tuwxS",
    "-iaA inet6",
    "-ia -4 -6",
    "--interfaces --all --extend",
    "-iag",
    "-iaCF",
];

/// Links of every kind that a plain kernel offers.
fn links(world: &mut World) {
    for command in [
        "link add eth0 type veth peer name eth1",
        "link add eth2 type bridge",
        "link add eth10 type ifb",
        "link add veth9a type ifb",
        "link add docker0 type bridge",
        "link add vxlan7 type vxlan id 7 local 127.0.0.1 dstport 4789",
        "link add macvlan3 link eth0 type macvlan",
        "tuntap add dev tun0 mode tun",
        "tuntap add dev tap0 mode tap",
        "link set eth1 master eth2",
    ] {
        world.ip(command);
    }
}

#[test]
#[ignore = "needs root and net-tools"]
fn nothing_but_loopback() {
    in_new_world(|world| {
        world.compare_all(&OPTIONS);
        world.ip("link set lo down");
        world.compare_all(&OPTIONS);
        world.run_as(65534);
        world.compare_all(&OPTIONS);
    });
}

#[test]
#[ignore = "needs root and net-tools"]
fn links_of_every_kind() {
    in_new_world(|world| {
        links(world);
        world.compare_all(&OPTIONS);
        for command in [
            "link set eth0 up",
            "link set eth1 up promisc on",
            "link set eth2 up allmulticast on mtu 1400",
            "link set eth10 up arp off mtu 68",
            "link set veth9a up multicast off txqueuelen 0",
            "link set tun0 up mtu 65535",
            "link set tap0 up dynamic on txqueuelen 12345",
            "link set lo mtu 2147483647",
            "link set macvlan3 address 02:00:00:ab:cd:ef up",
        ] {
            world.ip(command);
        }
        world.compare_all(&OPTIONS);
        world.run_as(65534);
        world.compare_all(&OPTIONS);
    });
}

#[test]
#[ignore = "needs root and net-tools"]
fn addresses_and_aliases() {
    in_new_world(|world| {
        links(world);
        for command in [
            "link set eth0 up",
            "addr add 10.1.0.1/24 brd + dev eth0",
            "addr add 10.1.0.2/24 brd + dev eth0 label eth0:1",
            "addr add 10.1.0.3/25 dev eth0 label eth0:10",
            "addr add 10.1.0.4/32 dev eth0 label eth0:2",
            "addr add 10.1.0.5/8 brd 10.9.9.9 dev eth0 label eth0:x",
            "addr add 10.1.0.6/24 dev eth0",
            "addr add 10.2.0.1/24 dev eth10 label eth10:0",
            "addr add 10.3.0.1 peer 10.3.0.2 dev tun0",
            "link set tun0 up",
            "addr add 127.0.0.2/8 dev lo label lo:01",
            "addr add 127.0.0.3/8 dev lo label lo:1",
            "addr add 0.0.0.1/0 dev docker0",
            "addr add 2001:db8::1/64 dev eth0",
            "addr add 2001:db8::2/128 dev eth0",
            "addr add fec0::1/10 dev eth0",
            "addr add ::10.0.0.1/96 dev eth0",
            "addr add ::ffff:10.0.0.1/96 dev lo",
            "addr add 2001:db8:0:1::/127 dev eth2",
        ] {
            world.ip(command);
        }
        world.compare_all(&OPTIONS);
    });
}

#[test]
#[ignore = "needs root and net-tools"]
fn names_in_natural_order() {
    in_new_world(|world| {
        for name in "20 100 Z a a100 b1b2 b1b12 br-0a1b10 br-0a1b2c docker0 eth eth0 eth01 eth1 eth2 eth10 eth1.20 eth1.100 eth1a \
                     wlan0 wlp3s0 wlp3s0f1 x2147483648 x4294967296 x5 z_ fifteen-bytes-1 é0 é00"
            .split_whitespace()
        {
                world.ip(&format!("link add name {name} type ifb"));
        }
        for (network, label) in ["eth0:02", "eth0:2", "eth0:10", "eth01:1", "eth1:1", "eth:7"]
            .into_iter()
            .enumerate()
        {
            let (device, _) = label.split_once(':').unwrap();
            world.ip(&format!(
                "addr add 10.0.{network}.1/24 dev {device} label {label}"
            ));
        }
        world.compare_all(&OPTIONS);
    });
}

#[test]
#[ignore = "needs root and net-tools"]
fn counters_and_passes() {
    in_new_world(|world| {
        links(world);
        send(12, 1000);
        world.compare_all(&OPTIONS);
        send(300, 9000);
        world.compare_all(&OPTIONS);
        for args in ["-ic", "-iac", "-iec", "-ieac"] {
            world.compare_passes(args, 2);
        }
    });
}

/// Has loopback carry packets.
fn send(packets: usize, bytes: usize) {
    let receiver = UdpSocket::bind("127.0.0.1:0").unwrap();
    let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
    for _ in 0..packets {
        let to = receiver.local_addr().unwrap();
        assert_eq!(sender.send_to(&vec![0; bytes], to).unwrap(), bytes);
    }
}

#[test]
#[ignore = "needs root and net-tools"]
fn many_interfaces() {
    in_new_world(|world| {
        for number in 0..150 {
            world.ip(&format!("link add name v{} type ifb", number * 7919 % 1000));
        }
        for number in 0..100 {
            world.ip(&format!(
                "addr add 10.0.{number}.1/24 dev lo label lo:{number}"
            ));
        }
        world.compare_all(&["-i", "-ia", "-ie", "-iea"]);
    });
}

/// A file in the place of `/proc/net/dev` that names interfaces of the world.
fn compare_file(world: &mut World, dev: &str) {
    let tree = Tree::new("dev").file("net/dev", dev).file(
        "net/if_inet6",
        "00000000000000000000000000000001 01 80 10 80       lo\n\
             20010db8000000000000000000000002 02 00 f0 80     eth0\n\
             20010db8000000000000000000000004 02 08 01 80     eth0\n\
             0000000000000000000000000a000001 02 60 80 80     eth0\n",
    );
    compare_tree(world, &tree);
}

fn compare_tree(world: &mut World, tree: &Tree) {
    mount_over(tree.proc(), Path::new("/proc"));
    world.compare_all(&OPTIONS);
    rustix::mount::unmount("/proc", rustix::mount::UnmountFlags::DETACH).unwrap();
}

#[test]
#[ignore = "needs root and net-tools"]
fn odd_files() {
    in_new_world(|world| {
        links(world);
        world.ip("addr add 10.1.0.2/24 dev eth0 label eth0:12");
        world.ip("addr add 10.1.0.3/24 dev eth0 label eth0:");
        let counters = "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16";
        let large = "18446744073709551615 18446744073709551616 -1 +5 007 12345678901 1 1 1152921504606846977 1125899906842625";
        for file in [
            proc_net_dev(&format!(
                "  eth0: {counters}\nlo:{counters} 17\n\teth1:\t{counters}\neth2 {counters}\n"
            )),
            proc_net_dev(&format!(
                "eth10:55 {counters}\neth0 : {counters}\neth1:x: {counters}\n  eth0:12:{counters}\n"
            )),
            proc_net_dev(&format!("eth0::{counters}\n")),
            proc_net_dev(&format!("eth0: {large}\nlo: 1 2 x 3\ntun0:\ntap0")),
            // The second line for an interface changes what it has numbers for.
            proc_net_dev(&format!(
                "eth0: {counters}\nlo: {counters}\neth0: 100 200 300\n"
            )),
            format!("a\n face |bytes packets errs\neth0: {counters}\n"),
            format!("a\n face |packets errs\neth0: {counters}\n"),
            format!("compressed bytes\n\neth0: {counters}\n"),
            String::new(),
            "one line".to_owned(),
            proc_net_dev(""),
            proc_net_dev("lo: 1 2 3\0 4 5 6\neth0: 1 2 3\n"),
            // The listing ends at a name that nobody has.
            proc_net_dev(&format!(
                "eth0: {counters}\nlo: {counters}\nfoo: {counters}\n"
            )),
            proc_net_dev(&format!("eth0: {counters}\n\nlo: {counters}\n")),
            proc_net_dev(&format!(": {counters}\n")),
            // 511 bytes and then some.
            proc_net_dev(&format!("eth0: 1 2 {}3 4 5\n", " ".repeat(480))),
            proc_net_dev(&format!("eth0: 1 2 {}lo: 4 5\n", " ".repeat(501))),
        ] {
            compare_file(world, &file);
        }
        // The listing of each pass ends the run if it fails.
        let tree = Tree::new("dev").file("net/dev", proc_net_dev("lo: 1\nfoo: 1\n"));
        mount_over(tree.proc(), Path::new("/proc"));
        world.compare_passes("-iac", 2);
    });
}

/// A number as the kernel writes it, or as it does not.
fn number(random: &mut Random) -> String {
    match random.below(16) {
        0 => "18446744073709551616".to_owned(),
        1 => ["-1", "x", "+5", "12x", "0x10", "-", "007"][random.below(7)].to_owned(),
        2 => (1u128 << [10, 20, 30, 40, 50, 60, 63][random.below(7)]).to_string(),
        3 => ((1u128 << [10, 20, 30, 40, 50, 60, 63][random.below(7)]) + 1).to_string(),
        4..8 => (random.number() >> random.below(64)).to_string(),
        _ => random.below(20_000).to_string(),
    }
}

#[test]
#[ignore = "needs root and net-tools"]
fn random_files() {
    in_new_world(|world| {
        links(world);
        world.ip("addr add 10.1.0.2/24 dev eth0 label eth0:12");
        world.ip("link set eth0 up");
        let mut random = Random::new(14);
        for _ in 0..200 {
            let headings = ["a\nb bytes compressed\n", "a\nb bytes\n", "a\nb\n"];
            let mut file = headings[random.below(8).saturating_sub(5)].to_owned();
            for _ in 0..random.below(9) {
                let names = [
                    "lo", "eth0", "eth1", "eth2", "eth10", "veth9a", "tun0", "tap0", "eth0:12",
                    "docker0",
                ];
                file += ["  ", "", "\t", "   "][random.below(4)];
                file += names[random.below(names.len())];
                file += [":", ": ", ":\t", " ", " : ", ":5 "][random.below(9).saturating_sub(3)];
                let count = if random.below(3) > 0 {
                    16
                } else {
                    random.below(19)
                };
                let numbers: Vec<String> = (0..count).map(|_| number(&mut random)).collect();
                file += &numbers.join([" ", "  ", "\t"][random.below(3)]);
                file += ["\n", " \n", " tail\n"][random.below(5).saturating_sub(2)];
            }
            let tree = Tree::new("dev").file("net/dev", file);
            mount_over(tree.proc(), Path::new("/proc"));
            world.compare_all(&["-ia", "-iea"]);
            rustix::mount::unmount("/proc", rustix::mount::UnmountFlags::DETACH).unwrap();
        }
    });
}

#[test]
#[ignore = "needs root and net-tools"]
fn missing_files() {
    in_new_world(|world| {
        links(world);
        world.ip("link set eth0 up");
        world.ip("addr add 10.1.0.1/24 dev eth0");
        world.ip("addr add 10.1.0.2/24 dev eth0 label eth0:1");
        for tree in [
            Tree::new("nothing"),
            Tree::new("net-only").directory("net"),
            Tree::new("dev-is-a-directory").directory("net/dev"),
            Tree::new("inet6-is-a-directory").directory("net/if_inet6"),
            Tree::new("only-inet6").file(
                "net/if_inet6",
                "20010db8000000000000000000000002 02 40 00 80     eth0\n",
            ),
        ] {
            compare_tree(world, &tree);
        }
        world.run_as(65534);
        compare_tree(
            world,
            &Tree::new("forbidden")
                .file("net/dev", "")
                .mode("net/dev", 0),
        );
    });
}

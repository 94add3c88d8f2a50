//! `--json`: the records of sockets.

use std::net::{SocketAddr, TcpListener, UdpSocket};

use serde_json::{Value, json};

use crate::json::{TCP, UNIX, parsed, records, run_on};
use crate::support::program::{Ending, Program, Run};
use crate::support::sockets::tcp_states;
use crate::support::tree::Tree;
use crate::support::world::{in_new_world, wait_for};

/// The schema of sockets, in full and in order.
#[test]
fn sockets_in_full() {
    let tree = Tree::new("json")
        .file(
            "net/tcp",
            format!("{TCP}   0: 0100007F:0016 00000000:0000 0A 00000000:00000001 00:00000000 00000000   123        0 4711 1\n"),
        )
        .file(
            "net/raw6",
            format!("{TCP}   0: 00000000000000000000000000000000:003A 00000000000000000000000000000000:0000 07 00000000:00000002 00:00000000 00000000     0        0 4712 2\n"),
        )
        .file(
            "net/unix",
            format!("{UNIX}0000000000000000: 00000002 00000000 00010000 0001 01 4713 /run/a socket\n"),
        )
        .file("7/cmdline", b"/usr/bin/server\0-v\0")
        .link("7/fd/3", "socket:[4711]");
    let outcome = run_on(&tree, "-anpo");
    let expected = concat!(
        "[\n",
        r#"{"proto":"tcp","recv_q":1,"send_q":0,"local_address":"127.0.0.1","local_ip":"127.0.0.1","local_port":"22","local_port_num":22,"foreign_address":"0.0.0.0","foreign_ip":"0.0.0.0","foreign_port":"*","foreign_port_num":null,"state":"LISTEN","state_num":10,"user":"123","uid":123,"inode":4711,"timer":"off (0.00/0/0)","timer_kind":"off","timer_seconds":0.0,"timer_retransmits":0,"timer_probes":0,"pid":7,"program_name":"server","owners":[{"pid":7,"program":"server","comm":null}],"owners_total":1,"owner_unknown":null,"kind":"network","transport_protocol":"tcp","network_protocol":"ipv4"},"#,
        "\n",
        r#"{"proto":"raw6","recv_q":2,"send_q":0,"local_address":"::","local_ip":"::","local_port":"58","local_port_num":58,"foreign_address":"::","foreign_ip":"::","foreign_port":"*","foreign_port_num":null,"state":"7","state_num":7,"user":"0","uid":0,"inode":4712,"timer":"off (0.00/0/0)","timer_kind":"off","timer_seconds":0.0,"timer_retransmits":0,"timer_probes":0,"pid":null,"program_name":null,"owners":[],"owners_total":0,"owner_unknown":"not visible","kind":"network","transport_protocol":null,"network_protocol":"ipv6"},"#,
        "\n",
        r#"{"proto":"unix","refcnt":2,"flags":"ACC","type":"STREAM","state":"LISTENING","state_num":1,"inode":4713,"path":"/run/a socket","pid":null,"program_name":null,"owners":[],"owners_total":0,"owner_unknown":"not visible","kind":"socket"}"#,
        "\n]\n",
    );
    assert_eq!(String::from_utf8(outcome.stdout).unwrap(), expected);
    assert_eq!(outcome.stderr, b"");
    assert_eq!(outcome.ending, Ending::Exit(0));
}

/// Fields that belong to an option are there only with it.
#[test]
fn timers_and_programs_come_with_their_options() {
    let tree = Tree::committed("tcp-states-and-timers");
    for (args, timers, programs) in [
        ("-ant", false, false),
        ("-anto", true, false),
        ("-antp", false, true),
        ("-antop", true, true),
    ] {
        let records = records(&tree, args);
        assert!(records.len() > 5);
        for record in records {
            assert_eq!(record.contains_key("timer_seconds"), timers, "{args}");
            assert_eq!(record.contains_key("owners"), programs, "{args}");
            assert_eq!(record.contains_key("pid"), programs, "{args}");
        }
    }
}

#[test]
fn timers_in_seconds() {
    let row = |number: u32, timer: &str| {
        format!(
            "   {number}: 0100007F:0016 0100007F:0017 01 00000000:00000000 {timer} 00000000     0        3 9 1\n"
        )
    };
    let tcp = [
        TCP.to_owned(),
        row(0, "01:000004D2"),
        row(1, "09:000004D2"),
        row(2, "00:000004D2"),
    ]
    .concat();
    let tree = Tree::new("timers").file("net/tcp", tcp);
    let records = records(&tree, "-tno");
    let timers: Vec<Value> = records
        .iter()
        .map(|record| {
            json!([
                record["timer"],
                record["timer_kind"],
                record["timer_seconds"],
                record["timer_probes"]
            ])
        })
        .collect();
    assert_eq!(
        timers,
        [
            json!(["on (12.34/0/3)", "on", 12.34, 3]),
            json!(["unkn-9 (12.34/0/3)", null, 12.34, 3]),
            json!(["off (0.00/0/3)", "off", 0.0, 3]),
        ]
    );
}

#[test]
fn associations_have_all_addresses() {
    let tree = Tree::new("sctp")
        .file("net/sctp/eps", " ENDPT     SOCK   STY SST HBKT LPORT   UID INODE LADDRS\n a b 2   10  29   11165    7 4711 10.0.0.1 10.0.0.2 \n")
        .file("net/sctp/assocs", " ASSOC     SOCK   STY SST ST HBKT ASSOC-ID TX_QUEUE RX_QUEUE UID INODE LPORT RPORT LADDRS <-> RADDRS HBINT\n a b 2 1 4 1 2 11 22 8 4712 11165 50000 10.0.0.1 2001:0db8:0000:0000:0000:0000:0000:0001 <-> *10.0.0.9 10.0.0.8 \t 7500\n");
    let records = records(&tree, "-San");
    assert_eq!(records[0]["local_ips"], json!(["10.0.0.1", "10.0.0.2"]));
    assert_eq!(records[0]["foreign_ips"], json!([]));
    assert_eq!(records[0]["foreign_address"], Value::Null);
    assert_eq!(records[0]["state"], "LISTEN");
    assert_eq!(records[1]["local_ips"], json!(["10.0.0.1", "2001:db8::1"]));
    assert_eq!(records[1]["foreign_ips"], json!(["10.0.0.9", "10.0.0.8"]));
    assert_eq!(records[1]["foreign_address"], "10.0.0.9");
    assert_eq!(records[1]["foreign_port_num"], 50000);
    assert_eq!([&records[1]["send_q"], &records[1]["recv_q"]], [11, 22]);
    assert_eq!([&records[1]["uid"], &records[1]["inode"]], [8, 4712]);
}

/// Names stand next to numbers, in the order of the rows; without names both are the same.
#[test]
#[ignore = "needs root and net-tools"]
fn names_and_numbers() {
    in_new_world(|world| {
        world.ip("addr add 127.0.0.9/8 dev lo");
        for address in [
            "127.0.0.9:80",
            "127.0.0.1:22",
            "127.0.0.5:53",
            "[::1]:5000",
            "0.0.0.0:81",
            "[::]:82",
        ] {
            world.keep(TcpListener::bind(address).unwrap());
        }
        let records = |args: &str| {
            let args = ["--json"].into_iter().chain(args.split_whitespace());
            parsed(&Run::new(Program::Ours, args).output().stdout, "names")
        };
        let (named, numbers) = (records("-lt"), records("-ltn"));
        assert_eq!(named.len(), 6);
        for (named, number) in named.iter().zip(&numbers) {
            assert_eq!(named["local_ip"], number["local_ip"]);
            assert_eq!(number["local_address"], number["local_ip"]);
            assert_eq!(named["local_port_num"], number["local_port_num"]);
            assert_eq!(number["user"], "0");
            assert_eq!(named["user"], "root");
            let address = match named["local_ip"].as_str().unwrap() {
                "127.0.0.9" => "a-rather-long-host-name.example.com",
                "127.0.0.1" | "::1" => "localhost",
                "::" => "[::]",
                other => other,
            };
            assert_eq!(named["local_address"], address);
            let port = match named["local_port_num"].as_u64().unwrap() {
                80 => "http",
                22 => "ssh",
                53 => "domain",
                5000 => "an-eighteen-letter-x",
                81 => "81",
                82 => "82",
                other => panic!("{other}"),
            };
            assert_eq!(named["local_port"], port);
        }
    });
}

/// Both sources of socket tables say the same.
#[test]
#[ignore = "needs root and net-tools"]
fn sources_agree() {
    in_new_world(|world| {
        let listener = TcpListener::bind("127.0.0.1:4000").unwrap();
        let address: SocketAddr = "127.0.0.1:4000".parse().unwrap();
        for stream in tcp_states(&listener, address) {
            world.keep(stream);
        }
        world.keep(listener);
        world.keep(UdpSocket::bind("[::1]:5353").unwrap());
        // Without -p: what another test is about to start holds our sockets for a moment.
        for args in ["-an", "-ane", "-n", "-ln"] {
            let run = |source| {
                let args = ["--json", args, "-tu"];
                let run = Run::new(Program::Ours, args).env("NETSTAT_SOCK_DIAG", source);
                parsed(&run.output().stdout, "sources")
            };
            // What is still on its way moves from queue to queue.
            wait_for(args, || run("never") == run("always"));
        }
    });
}

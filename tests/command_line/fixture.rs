//! What the command lines are asked about.

use std::path::Path;

use crate::support::program::mount_over;
use crate::support::tree::Tree;
use crate::support::world::in_new_world_as;

/// Runs `work`, the body of the calling test function, in a [world](crate::support::world) with the fixture in the place of /proc.
pub fn in_fixture<F: FnOnce() + Send>(work: F) {
    in_new_world_as(std::any::type_name::<F>(), |_| {
        let tree = fixture();
        mount_over(tree.proc(), Path::new("/proc"));
        work();
    });
}

/// Two rows in each table that is listed without an option or by -g, so that -a, -l, -n, -e, -p and -o each show; a little for
/// the other modes.
fn fixture() -> Tree {
    let mut tree = Tree::new("options");
    let (any4, lo4) = ("00000000", "0100007F");
    let (any6, long6) = (
        "00000000000000000000000000000000",
        "B80D0120111111112222222233333333",
    );
    let mut inode = 1000;
    for (name, state) in [
        ("tcp", "01"),
        ("udp", "01"),
        ("udplite", "01"),
        ("raw", "07"),
    ] {
        for (suffix, any, own) in [("", any4, lo4), ("6", any6, long6)] {
            let listening = if name == "tcp" { "0A" } else { "07" };
            let mut text = String::from(
                "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n",
            );
            for (local, remote, state, uid) in [
                (format!("{any}:0016"), format!("{any}:0000"), listening, 0),
                (format!("{own}:0050"), format!("{own}:9C40"), state, 2),
            ] {
                inode += 1;
                text += &format!(
                    "   0: {local} {remote} {state} 00000001:00000002 02:00000100 00000000  {uid:4}        0 {inode} 2 0000000000000000 0\n"
                );
            }
            tree = tree.file(&format!("net/{name}{suffix}"), text);
        }
    }
    let files = [
        (
            "unix",
            "Num       RefCount Protocol Flags    Type St Inode Path\n\
             0000000000000000: 00000002 00000000 00010000 0001 01 2001 /run/listening\n\
             0000000000000000: 00000003 00000000 00000000 0001 03 2002 @connected\n",
        ),
        (
            "igmp",
            "Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n\
             1\tlo        :     1      V3\n\
             \t\t\t\t010000E0     1 0:00000000\t\t0\n",
        ),
        (
            "igmp6",
            "1    lo              ff020000000000000000000000000001     1 0000000C 0\n",
        ),
        (
            "route",
            "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n\
             lo\t00000000\t0100007F\t0003\t0\t0\t0\t00000000\t0\t0\t0\n\
             lo\t0000007F\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0\n",
        ),
        (
            "ipv6_route",
            "00000000000000000000000000000000 00 00000000000000000000000000000000 00 \
             00000000000000000000000000000000 00000100 00000001 00000000 00000001       lo\n",
        ),
        (
            "dev",
            "Inter-|   Receive                                                |  Transmit\n \
             face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n    \
             lo:    3393      33    0    0    0     0          0         0     3393      33    0    0    0     0       0          0\n",
        ),
        (
            "snmp",
            "Ip: Forwarding DefaultTTL InReceives\nIp: 1 64 99\n\
             Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens\nTcp: 1 200 120000 -1 8\n\
             Udp: InDatagrams NoPorts\nUdp: 5 6\n",
        ),
        (
            "netstat",
            "TcpExt: SyncookiesSent\nTcpExt: 3\nIpExt: InNoRoutes\nIpExt: 4\n",
        ),
        (
            "snmp6",
            "Ip6InReceives                   \t7\nUdp6InDatagrams                 \t8\n",
        ),
    ];
    for (name, text) in files {
        tree = tree.file(&format!("net/{name}"), text);
    }
    tree.file("4242/cmdline", "server\0-x\0")
        .link("4242/fd/3", "socket:[1001]")
        .link("4242/fd/4", "socket:[1002]")
        .link("4242/fd/5", "socket:[2001]")
}

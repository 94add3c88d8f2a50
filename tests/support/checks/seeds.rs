//! Inputs to begin with.

use std::fs;
use std::path::Path;

use super::tables::{SEPARATOR, TABLES};

/// An input that a check makes sense of.
#[derive(Clone, Debug)]
pub struct Seed {
    pub check: &'static str,
    pub name: String,
    pub input: Vec<u8>,
}

/// Files that no fixture has: what kernels with SCTP, IPX, AX.25, X.25, NET/ROM and ROSE write, and one with interfaces.
const MORE_FILES: [(&str, &str); 12] = [
    (
        "net/sctp/eps",
        " ENDPT     SOCK   STY SST HBKT LPORT   UID INODE LADDRS\n\
         ffff8880 ffff8881 2   10  29   11111    0 19533 10.1.2.3 127.0.0.1 \n",
    ),
    (
        "net/sctp6/eps",
        " ENDPT     SOCK   STY SST HBKT LPORT   UID INODE LADDRS\n\
         0 0 2 10 29 11112 1000 19534 2001:0db8:0000:0000:0000:0000:0000:0001 \n",
    ),
    (
        "net/sctp/assocs",
        " ASSOC     SOCK   STY SST ST HBKT ASSOC-ID TX_QUEUE RX_QUEUE UID INODE LPORT RPORT LADDRS <-> RADDRS HBINT\n\
         ffff8880 ffff8881 2   1   3  97     2        0       42       0 19535 11111 40000  10.1.2.3 10.1.2.4 <-> *10.9.9.9 10.9.9.8 \t 7500 1\n",
    ),
    (
        "net/sctp6/assocs",
        "heading\n0 0 2 1 3 97 2 0 42 0 19536 11112 40000 \
         2001:0db8:0000:0000:0000:0000:0000:0001 <-> *0000:0000:0000:0000:0000:ffff:0a01:0203 \t 7500\n",
    ),
    (
        "net/ipx/socket",
        "Local_Address Remote_Address Tx_Queue Rx_Queue State Uid\n\
         00001234:00A0C9AABBCC:4000 00005678:000000000001:0451 00000000 0000002A 01 000\n\
         00001234:4001 Not_Connected 00000000 00000000 07 1000\n",
    ),
    (
        "net/ax25",
        "c0ffee00 ax0 G4KLX-1 GB7BPQ-15,M0XYZ* 3 1 2 3 0 4000 0 3000 0 180000 0 300000 0 0 0 10 7 256 0 12 12345\n",
    ),
    (
        "net/x25",
        "dest_addr  src_addr   dev   lci st vs vr va   t  t2 t21 t22 t23 Snd-Q Rcv-Q inode\n\
         *          2080175521 lapb0 001  3  1  2  3   0   3 200 180 180     0    12 12345\n",
    ),
    (
        "net/nr",
        "user_addr dest_node src_node  dev    my  your  st  vs  vr  va    t1     t2     t4      idle   n2  wnd Snd-Q Rcv-Q inode\n\
         G4KLX-1   GB7BPQ-15 M0XYZ     nr0    01/02 03/04  3   1   2   3   0/120   0/5     0/180   0/20  0/3 4 0 12 12345\n",
    ),
    (
        "net/rose",
        "dest_addr  dest_call src_addr   src_call  dev   lci neigh st vs vr va   t  t1  t2  t3  hb    idle Snd-Q Rcv-Q inode\n\
         2080175520 G4KLX-1   208017552  GB7BP-15  rose0 012 00003  3  1  2  3   0 200   5 180   5   0/000     0     0 12345\n",
    ),
    (
        "net/dev",
        "Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo \
         frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n\
         \x20   lo:    1000      10    0    0    0     0          0         0     1000      10    0    0    0     0       0          0\n\
         \x20eth0: 123456789 1000 1 2 3 4 5 6 987654321 2000 7 8 9 10 11 12\n",
    ),
    (
        "net/if_inet6",
        "00000000000000000000000000000001 01 80 10 80       lo\n20010db8000000000000000000000002 02 40 00 80     eth0\n",
    ),
    (
        "net/ndisc",
        "20010db8000000000000000000000001 01 80 01 02 00000001 00001000 00002000 0300 0001 0080     eth0 00a0c9aabbcc\n",
    ),
];

/// Inputs for all checks: for those of tables one for each fixture and command line.
pub fn seeds(fixtures: &Path) -> Vec<Seed> {
    let mut seeds: Vec<Seed> = [
        (
            "programs",
            &b"socket:[12]\xff/usr/sbin/nginx\0-g\0\xffsystem_u:system_r:httpd_t:s0\n"[..],
        ),
        ("programs", b"[0000]:12\xff-bash\0\xff"),
        (
            "control_groups",
            b"\x000::/system.slice/docker-4f797c539e6c745de61a93ca3ff892358ecbcaccd8414d5db545c38428142970.scope\n\xff\xff\
              docker-proxy\0-proto\0tcp\0-container-ip\x00172.17.0.2\0-container-port\x0080\0\xff\xff\
              {\"ID\":\"4f79\",\"Name\":\"/web\"}",
        ),
        (
            "control_groups",
            b"\x8012:memory:/\n1:name=systemd:/kubepods.slice/kubepods-podb1d2a3c4_0f1e_4d2c_8b3a_5f6e7d8c9b0a.slice/\
              crio-4f797c539e6c745de61a93ca3ff892358ecbcaccd8414d5db545c38428142970.scope\n\xff\xffcrio\0\xff\xff\xff\xff\
              [{\"id\":\"4f797c539e6c745de61a93ca3ff892358ecbcaccd8414d5db545c38428142970\",\"names\":[\"k8s_a_b_c_d_0\"]}]\xff\xff\
              app:x:1000:1000::/home/app:/bin/sh\n\xff\xff\
              cart_shop_nginx-4f797c539e6c745de61a93ca3ff892358ecbcaccd8414d5db545c38428142970.log\xff\xff\
              shop_cart_b1d2a3c4-0f1e-4d2c-8b3a-5f6e7d8c9b0a",
        ),
        (
            "control_groups",
            b"\0  |-- 172.17.0.2\n     /32 host LOCAL\n  0: 00000000:0050 00000000:0000 0A 0:0 0:0 0 0 0 4711\n",
        ),
        (
            "mounts",
            b"22 27 0:21 / /proc rw,relatime - proc proc rw\n\
              64 27 0:4 net:[4026532318] /run/netns/blue\\040sky rw shared:36 - nsfs nsfs rw\n",
        ),
        ("command_line", b"\0netstat\0-tulpen"),
        (
            "command_line",
            b"\0netstat\0--tcp\0--numeric-hosts\0--protocol=inet,unix\0--\0x",
        ),
        (
            "command_line",
            b"\x01netstat\0--json\0--interval\x005\0-c\0--port\x0022",
        ),
        ("command_line", b"\0\0-A\0foo\0--nu\0--t=1\0-?"),
        (
            "lines",
            b"\x0f\x03one\ntwo\0three\nmuch longer than a piece\n\nend",
        ),
        (
            "datagram",
            b"\x14\0\0\0\x03\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\
              \x28\0\0\0\x14\0\x02\0\0\0\0\0\0\0\0\0\x01\x01\x0a\0\x39\x30\0\0\0\0\0\0\0\0\0\0\x08\0\0\0/run\0\0\0\0",
        ),
        (
            "datagram",
            b"\x38\0\0\0\x18\0\x02\0\0\0\0\0\0\0\0\0\x02\x10\0\0\xfe\x03\0\x01\0\0\0\0\x08\0\x01\0\x0a\x02\0\0\
              \x14\0\x09\0\x10\0\0\x02\x07\0\0\0\x08\0\x05\0\x0a\x01\0\x01",
        ),
        (
            "text",
            b"\x17\x08eth0:1\neth10\nwlan\xc3\xa9\xc2\x9b\x1b[31m",
        ),
        ("text", b"\x17\x08exe\xe2\x80\xaecod\xd8\x9c"),
    ]
    .into_iter()
    .enumerate()
    .map(|(number, (check, input))| Seed {
        check,
        name: number.to_string(),
        input: input.to_vec(),
    })
    .collect();
    let mut fixtures: Vec<_> = fs::read_dir(fixtures)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    fixtures.sort();
    fixtures.push("none".into());
    for tables in TABLES {
        for fixture in &fixtures {
            let more = |file| MORE_FILES.iter().find(|(name, _)| *name == file);
            let files: Vec<Vec<u8>> = tables
                .files
                .iter()
                .map(|&file| match fs::read(fixture.join("proc").join(file)) {
                    Ok(contents) => contents,
                    Err(_) => more(file).map_or(Vec::new(), |(_, text)| text.as_bytes().to_vec()),
                })
                .collect();
            if files.iter().all(Vec::is_empty) {
                continue;
            }
            let files: Vec<&[u8]> = files.iter().map(|file| start(file)).collect();
            let choices = (0..0x80).take(tables.command_lines.len());
            for choice in choices.chain([0x80]) {
                seeds.push(Seed {
                    check: tables.name,
                    name: format!("{}-{choice}", fixture.file_name().unwrap().display()),
                    input: [&[choice][..], &files.join(SEPARATOR)].concat(),
                });
            }
        }
    }
    seeds
}

/// The first bytes of a file, in whole lines if there is one: short inputs are quick.
fn start(file: &[u8]) -> &[u8] {
    let start = &file[..file.len().min(600)];
    match memchr::memrchr(b'\n', start) {
        Some(newline) if start.len() < file.len() => &start[..=newline],
        _ => start,
    }
}

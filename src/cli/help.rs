//! The fixed texts: usage, address families, version. Kept here verbatim, byte for byte as net-tools 2.10 (Debian) prints
//! them. Not here: what decides that one of them is printed, and to which stream it goes. Our own options are absent on
//! purpose: these texts must stay those that scripts compare with.

use super::extensions::EXTENSIONS;

/// Behind the help, where a person reads it: the reference's texts do not mention our options.
pub const MORE: &str = "\n  netstat --additions lists options that net-tools does not have.\n";

/// Which program this is: its name and version, what it stands in for, and how it was built. The commit is what `packaging/commit.rs` found.
pub fn about() -> String {
    let commit = option_env!("NETSTAT_COMMIT").unwrap_or("unknown");
    let environment = if cfg!(target_env = "musl") {
        "musl"
    } else {
        "gnu"
    };
    let linking = if cfg!(target_feature = "crt-static") {
        "static"
    } else {
        "dynamic"
    };
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "netstat {version}\nA drop-in for the netstat of net-tools 2.10 (Debian), written in Rust.\nCommit: {commit}\nTarget: {}-linux-{environment}, {linking}\n",
        std::env::consts::ARCH
    )
}

/// Our own options, one a line.
pub fn additions() -> String {
    let mut page = String::from(
        "Options that net-tools does not have. They match only when spelled in full; netstat(8) explains them.\n\n",
    );
    for row in &EXTENSIONS {
        let option = match row.value {
            Some(value) => format!("--{} {value}", row.name),
            None => format!("--{}", row.name),
        };
        page += &format!("  {option:<24} {}\n", row.help);
    }
    page
}

/// Usage, first part: on stdout for `--help`, on stderr after a usage error.
pub const USAGE_MAIN: &str = "\
usage: netstat [-vWeenNcCF] [<Af>] -r         netstat {-V|--version|-h|--help}
       netstat [-vWnNcaeol] [<Socket> ...]
       netstat { [-vWeenNac] -i | [-cnNe] -M | -s [-6tuw] }

        -r, --route              display routing table
        -i, --interfaces         display interface table
        -g, --groups             display multicast group memberships
        -s, --statistics         display networking statistics (like SNMP)
        -M, --masquerade         display masqueraded connections

        -v, --verbose            be verbose
        -W, --wide               don't truncate IP addresses
        -n, --numeric            don't resolve names
        --numeric-hosts          don't resolve host names
        --numeric-ports          don't resolve port names
        --numeric-users          don't resolve user names
        -N, --symbolic           resolve hardware names
        -e, --extend             display other/more information
        -p, --programs           display PID/Program name for sockets
        -o, --timers             display timers
        -c, --continuous         continuous listing

        -l, --listening          display listening server sockets
        -a, --all                display all sockets (default: connected)
        -F, --fib                display Forwarding Information Base (default)
        -C, --cache              display routing cache instead of FIB
        -Z, --context            display SELinux security context for sockets

  <Socket>={-t|--tcp} {-u|--udp} {-U|--udplite} {-S|--sctp} {-w|--raw}
           {-x|--unix} --ax25 --ipx --netrom
  <AF>=Use '-6|-4' or '-A <af>' or '--<af>'; default: inet
  List of possible address families (which support routing):
";

/// Usage, second part: the address families that support routing. On stderr in both cases, so that `netstat -h >file` shows
/// it on the terminal. Every line ends in a blank.
pub const USAGE_FAMILIES: &str = "    inet (DARPA Internet) inet6 (IPv6) ax25 (AMPR AX.25)\x20
    netrom (AMPR NET/ROM) rose (AMPR ROSE) ipx (Novell IPX)\x20
    ddp (Appletalk DDP) x25 (CCITT X.25)\x20
";

/// What `--version` prints on stdout. It claims the reference's version and features because scripts read it from there; the
/// last line ends in a blank.
pub const VERSION: &str = "\
net-tools 2.10
Fred Baumgarten, Alan Cox, Bernd Eckenfels, Phil Blundell, Tuan Hoang, Brian Micek and others
+NEW_ADDRT +RTF_IRTT +RTF_REJECT +FW_MASQUERADE +I18N +SELINUX
AF: (inet) +UNIX +INET +INET6 +IPX +AX25 +NETROM +X25 +ATALK +ECONET +ROSE -BLUETOOTH
HW:  +ETHER +ARC +SLIP +PPP +TUNNEL -TR +AX25 +NETROM +X25 +FR +ROSE +ASH +SIT +FDDI +HIPPI +HDLC/LAPB +EUI64\x20
";

#[cfg(test)]
mod tests {
    use super::*;

    /// 64-bit FNV-1a, to notice any changed byte (a trailing blank, say) without the reference at hand.
    fn fnv1a(text: &str) -> u64 {
        text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    }

    #[test]
    fn texts_have_the_size_and_the_sum_of_the_recorded_ones() {
        let sums = [USAGE_MAIN, USAGE_FAMILIES, VERSION].map(|text| (text.len(), fnv1a(text)));
        assert_eq!(
            sums,
            [
                (1732, 0x24f5_3391_0a7d_4178),
                (161, 0x5eb3_cbaa_b12a_6ce7),
                (369, 0x23c1_3e9b_21be_47ee),
            ]
        );
    }
}

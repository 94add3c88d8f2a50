//! The vocabulary: every field of every record that can be shown, chosen by, sorted by or counted, by name.
//!
//! A name means the same wherever it is used: it is the key in JSON, and what `--show`, `--only`, `--sort` and `--count-by` take. A new
//! field is a row here, its value in the record, and its source in the collector.

use crate::inline::Inline;

/// A field.
#[derive(Debug, PartialEq)]
pub struct Field {
    /// Its name: that of the key in JSON.
    pub name: Inline<20>,
    /// Over its column.
    pub heading: Inline<16>,
    /// How many bytes its column has at least; 0 if it has no width of its own and stands behind all that have.
    pub width: usize,
    /// What its values are.
    pub kind: Kind,
    /// When it is there.
    pub when: When,
    /// The tables that have it.
    pub tables: Tables,
    /// What it says about whether a row of two reports is the same.
    pub part: Part,
    /// What it is.
    pub help: Inline<75>,
}

/// What the values of a field are, and so how they can be chosen and in which order they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Numbers, with fractions or without.
    Number,
    /// Text.
    Text,
    /// The numbers of IP addresses.
    Address,
    /// Hosts and networks by name, or by number where names are not wanted or there is none.
    Host,
    /// Ports likewise.
    Port,
    /// Users likewise.
    User,
    /// Several values, or a value that has fields of its own.
    List,
}

/// When a field is there without being named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Always.
    Always,
    /// With `-o`.
    Timers,
    /// With `-p`.
    Programs,
    /// With `-Z`.
    Context,
    /// In JSON with `--all-netns`.
    AllNamespaces,
    /// In JSON, and where interfaces are shown in the long form.
    LongForm,
    /// Never: it is asked of the kernel apart.
    Named,
    /// Never: it is looked up for the first owner.
    FirstOwner,
    /// Never: it is looked up for the control group.
    ControlGroup,
    /// Never: it is looked up at the other end.
    Peer,
}

/// What a field says about whether a row of one report is a row of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Nothing.
    None,
    /// It is not if this differs. Of names that come with the numbers they stand for, only the latter count.
    Identity,
    /// It is, in another state, if this differs.
    State,
}

/// A set of tables, by the records that are in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tables(u32);

impl Tables {
    /// tcp, udp, udplite, raw and sctp sockets.
    pub const INTERNET: Tables = Tables(1);
    /// Unix sockets.
    pub const UNIX: Tables = Tables(1 << 1);
    /// IPX sockets.
    pub const IPX: Tables = Tables(1 << 2);
    /// AX.25 sockets.
    pub const AX25: Tables = Tables(1 << 3);
    /// X.25 sockets.
    pub const X25: Tables = Tables(1 << 4);
    /// NET/ROM sockets.
    pub const NETROM: Tables = Tables(1 << 5);
    /// ROSE sockets.
    pub const ROSE: Tables = Tables(1 << 6);
    /// Memberships in multicast groups.
    pub const GROUPS: Tables = Tables(1 << 7);
    /// IPv4 routes.
    pub const ROUTES: Tables = Tables(1 << 8);
    /// The IPv4 routing cache.
    pub const ROUTE_CACHE: Tables = Tables(1 << 9);
    /// IPv6 routes, and those of the cache.
    pub const IPV6_ROUTES: Tables = Tables(1 << 10);
    /// IPv6 neighbours.
    pub const NEIGHBOURS: Tables = Tables(1 << 11);
    /// Routes of AX.25.
    pub const AX25_ROUTES: Tables = Tables(1 << 12);
    /// Routes of NET/ROM.
    pub const NETROM_ROUTES: Tables = Tables(1 << 13);
    /// Routes of ROSE.
    pub const ROSE_ROUTES: Tables = Tables(1 << 14);
    /// Routes of IPX.
    pub const IPX_ROUTES: Tables = Tables(1 << 15);
    /// Routes of AppleTalk.
    pub const DDP_ROUTES: Tables = Tables(1 << 16);
    /// Routes of X.25.
    pub const X25_ROUTES: Tables = Tables(1 << 17);
    /// Interfaces.
    pub const INTERFACES: Tables = Tables(1 << 18);
    /// Counts of rows.
    pub const COUNTS: Tables = Tables(1 << 19);

    /// What the report on sockets can have.
    pub const OF_SOCKETS: Tables = Tables(0xff);
    /// What the report on routes can have.
    pub const OF_ROUTES: Tables = Tables(0x3_ff00);
    /// None.
    pub const NONE: Tables = Tables(0);
    /// All.
    pub const ANY: Tables = Tables(u32::MAX);

    const fn and(self, other: Tables) -> Tables {
        Tables(self.0 | other.0)
    }

    /// Whether they have a table in common.
    pub fn meet(self, other: Tables) -> bool {
        self.0 & other.0 != 0
    }
}

impl Field {
    /// Whether its column is aligned to the right.
    pub fn is_right(&self) -> bool {
        self.kind == Kind::Number
    }

    /// Whether its values are names where names are wanted.
    pub fn is_name(&self) -> bool {
        matches!(self.kind, Kind::Host | Kind::Port | Kind::User)
    }
}

/// The fields that some of these tables have and that can be named.
pub fn of(tables: Tables) -> impl Iterator<Item = &'static Field> {
    FIELDS.iter().filter(move |field| field.tables.meet(tables))
}

/// The field that is called `name` and that some of these tables have.
pub fn find(name: &str, tables: Tables) -> Option<&'static Field> {
    of(tables).find(|field| field.name == name)
}

/// The field of these tables whose name is most like `name`, if any is.
pub fn nearest(name: &str, tables: Tables) -> Option<&'static Field> {
    // Headings have capitals.
    let name = &*name.to_ascii_lowercase();
    // A slip of the finger, or a name of which a part was typed. Two letters that changed places are two changes.
    let most = (1 + name.len() / 4)
        .max(2)
        .min(name.len().saturating_sub(1));
    let near = |most| {
        of(tables)
            .map(|field| (distance(name, &field.name), field))
            .min_by_key(|&(distance, _)| distance)
            .filter(|&(distance, _)| distance <= most)
            .map(|(_, field)| field)
    };
    let part = || {
        of(tables)
            .filter(|field| field.name.split('_').any(|part| part == name))
            .min_by_key(|field| field.name.len())
    };
    // "port" is part of a name rather than a misspelt "pod", but "owner" is "owners".
    near(most.min(1)).or_else(part).or_else(|| near(most))
}

/// How many bytes must be added, dropped or changed to make one word of the other.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, byte) in one.bytes().enumerate() {
        let (mut diagonal, mut left) = (index, index + 1);
        for (place, other) in row
            .iter_mut()
            .zip([None].into_iter().chain(other.bytes().map(Some)))
        {
            let above = *place;
            *place = match other {
                None => left,
                Some(other) => (diagonal + usize::from(byte != other))
                    .min(above + 1)
                    .min(left + 1),
            };
            (diagonal, left) = (above, *place);
        }
    }
    row.last().copied().unwrap_or_default()
}

const fn field(
    name: &str,
    heading: &str,
    width: usize,
    kind: Kind,
    tables: Tables,
    help: &str,
) -> Field {
    Field {
        name: Inline::new(name),
        heading: Inline::new(heading),
        width,
        kind,
        when: When::Always,
        tables,
        part: Part::None,
        help: Inline::new(help),
    }
}

impl Field {
    const fn when(self, when: When) -> Field {
        Field { when, ..self }
    }

    const fn part(self, part: Part) -> Field {
        Field { part, ..self }
    }
}

/// Those with states.
const STATES: Tables = QUEUES
    .and(Tables::UNIX)
    .and(Tables::ROSE)
    .and(Tables::NEIGHBOURS);
/// Those with queues.
const QUEUES: Tables = PORTS.and(SEQUENCES);
/// Those with ports.
const PORTS: Tables = Tables::INTERNET.and(Tables::IPX);
/// Those with numbers of frames.
const SEQUENCES: Tables = Tables::AX25.and(Tables::X25).and(Tables::NETROM);
/// Those of call signs and their like.
const STATIONS: Tables = SEQUENCES.and(Tables::ROSE);
/// Those whose sockets can have owners.
const OWNED: Tables = Tables::INTERNET.and(Tables::UNIX);
/// Those of old families' routes but IPX's.
const STATION_ROUTES: Tables = Tables::AX25_ROUTES
    .and(Tables::NETROM_ROUTES)
    .and(Tables::DDP_ROUTES)
    .and(Tables::X25_ROUTES);
/// Routes of IP, cached or not.
const IP_ROUTES: Tables = CACHED_ROUTES.and(Tables::IPV6_ROUTES);
/// Routes of IPv4, cached or not.
const CACHED_ROUTES: Tables = Tables::ROUTES.and(Tables::ROUTE_CACHE);
/// All that are not of sockets alone.
const NETWORKED: Tables = Tables::INTERNET.and(Tables::GROUPS).and(Tables::OF_ROUTES);
/// Those that tell an interface.
const ON_INTERFACES: Tables = STATIONS
    .and(Tables::GROUPS)
    .and(IP_ROUTES)
    .and(Tables::NEIGHBOURS)
    .and(STATION_ROUTES)
    .and(Tables::INTERFACES);
/// Those with the letters of route flags.
const FLAGGED: Tables = IP_ROUTES.and(Tables::DDP_ROUTES);
/// All.
const ALL: Tables = Tables::OF_SOCKETS
    .and(Tables::OF_ROUTES)
    .and(Tables::INTERFACES);

/// All fields, in the order in which `--show all` shows them.
#[rustfmt::skip] // a table: one row a line
pub static FIELDS: &[Field] = &[
    field("count", "Count", 7, Kind::Number, Tables::COUNTS, "how many rows have these values"),
    // Sockets.
    field("proto", "Proto", 5, Kind::Text, PORTS.and(STATIONS).and(Tables::UNIX), "protocol, with 6 for a socket of IPv6").part(Part::Identity),
    field("recv_q", "Recv-Q", 6, Kind::Number, QUEUES, "bytes not read yet; of a listening tcp socket, connections not accepted yet"),
    field("send_q", "Send-Q", 6, Kind::Number, QUEUES, "bytes not acknowledged yet"),
    field("local_address", "Local Host", 15, Kind::Host, PORTS, "host at this end").part(Part::Identity),
    field("local_ip", "Local IP", 15, Kind::Address, Tables::INTERNET, "address at this end").part(Part::Identity),
    field("local_ips", "Local IPs", 0, Kind::List, Tables::INTERNET, "all addresses at this end of an sctp socket"),
    field("local_port", "Local Port", 10, Kind::Port, PORTS, "port at this end"),
    field("local_port_num", "L-Port", 6, Kind::Number, PORTS, "number of the port at this end").part(Part::Identity),
    field("foreign_address", "Foreign Host", 15, Kind::Host, PORTS, "host at the other end").part(Part::Identity),
    field("foreign_ip", "Foreign IP", 15, Kind::Address, Tables::INTERNET, "address at the other end").part(Part::Identity),
    field("foreign_ips", "Foreign IPs", 0, Kind::List, Tables::INTERNET, "all addresses at the other end of an sctp association"),
    field("foreign_port", "Foreign Port", 12, Kind::Port, PORTS, "port at the other end"),
    field("foreign_port_num", "F-Port", 6, Kind::Number, PORTS, "number of the port at the other end").part(Part::Identity),
    field("refcnt", "RefCnt", 6, Kind::Number, Tables::UNIX.and(Tables::GROUPS).and(Tables::NEIGHBOURS), "references"),
    field("flags", "Flags", 7, Kind::Text, Tables::UNIX.and(Tables::NEIGHBOURS), "flags"),
    field("type", "Type", 9, Kind::Text, Tables::UNIX, "type of a unix socket").part(Part::Identity),
    field("state", "State", 11, Kind::Text, STATES, "state").part(Part::State),
    field("state_num", "State#", 6, Kind::Number, STATES, "number of the state"),
    field("user", "User", 10, Kind::User, PORTS, "who made the socket"),
    field("uid", "UID", 5, Kind::Number, PORTS, "number of the user who made the socket"),
    field("inode", "Inode", 10, Kind::Number, OWNED, "number of the socket's inode"),
    field("path", "Path", 0, Kind::Text, Tables::UNIX, "name to which a unix socket is bound, whole").part(Part::Identity),
    field("timer", "Timer", 24, Kind::Text, Tables::INTERNET, "what the socket waits for").when(When::Timers),
    field("timer_kind", "Timer", 9, Kind::Text, Tables::INTERNET, "which timer runs").when(When::Timers),
    field("timer_seconds", "Expires", 8, Kind::Number, Tables::INTERNET, "seconds until the timer expires").when(When::Timers),
    field("timer_retransmits", "Retrans", 7, Kind::Number, Tables::INTERNET, "how often data was sent again").when(When::Timers),
    field("timer_probes", "Probes", 6, Kind::Number, Tables::INTERNET, "unanswered probes").when(When::Timers),
    field("pid", "PID", 7, Kind::Number, OWNED, "number of the first owner").when(When::Programs),
    field("program_name", "Program", 15, Kind::Text, OWNED, "name of the first owner").when(When::Programs),
    field("security_context", "Security Context", 40, Kind::Text, OWNED, "SELinux context of the first owner").when(When::Context),
    field("owners", "Owners", 0, Kind::List, OWNED, "all processes that have the socket open").when(When::Programs),
    field("owners_total", "Owners#", 7, Kind::Number, OWNED, "how many processes have the socket open").when(When::Programs),
    field("owner_unknown", "No Owner", 13, Kind::Text, OWNED, "why no owner is known").when(When::Programs),
    field("drops", "Drops", 5, Kind::Number, Tables::INTERNET, "packets, or connections of a listener, that were dropped for want of room").when(When::Named),
    field("backlog_limit", "Limit", 5, Kind::Number, OWNED, "how many connections may wait to be accepted").when(When::Named),
    field("recv_buffer", "Recv-Buf", 8, Kind::Number, Tables::INTERNET, "size of the buffer for receiving, in bytes").when(When::Named),
    field("send_buffer", "Send-Buf", 8, Kind::Number, Tables::INTERNET, "size of the buffer for sending, in bytes").when(When::Named),
    field("rtt_ms", "RTT", 8, Kind::Number, Tables::INTERNET, "round trip time, smoothed, in milliseconds").when(When::Named),
    field("rtt_var_ms", "RTTvar", 8, Kind::Number, Tables::INTERNET, "how much the round trip time varies, in milliseconds").when(When::Named),
    field("min_rtt_ms", "minRTT", 8, Kind::Number, Tables::INTERNET, "shortest round trip time of late, in milliseconds").when(When::Named),
    field("cwnd", "Cwnd", 5, Kind::Number, Tables::INTERNET, "congestion window, in segments").when(When::Named),
    field("mss", "MSS", 5, Kind::Number, Tables::INTERNET, "largest segment, in bytes").when(When::Named),
    field("retransmits_total", "Retrans", 7, Kind::Number, Tables::INTERNET, "segments sent again since the connection began").when(When::Named),
    field("bytes_sent", "Sent", 10, Kind::Number, Tables::INTERNET, "bytes sent, those sent again counted again").when(When::Named),
    field("bytes_acked", "Acked", 10, Kind::Number, Tables::INTERNET, "bytes that the other end has acknowledged").when(When::Named),
    field("bytes_received", "Received", 10, Kind::Number, Tables::INTERNET, "bytes received").when(When::Named),
    field("bytes_retransmitted", "Resent", 8, Kind::Number, Tables::INTERNET, "bytes sent again").when(When::Named),
    field("delivery_rate", "Rate", 10, Kind::Number, Tables::INTERNET, "bytes a second that the other end has received of late").when(When::Named),
    field("last_sent_ms", "Last Sent", 9, Kind::Number, Tables::INTERNET, "milliseconds since data was sent").when(When::Named),
    field("last_received_ms", "Last Recv", 9, Kind::Number, Tables::INTERNET, "milliseconds since data was received").when(When::Named),
    field("congestion_control", "Congest", 7, Kind::Text, Tables::INTERNET, "algorithm of congestion control").when(When::Named),
    field("bound_interface", "Bound To", 8, Kind::Text, Tables::INTERNET, "interface that the socket is bound to").when(When::Named),
    field("mptcp", "MPTCP", 10, Kind::Text, Tables::INTERNET, "part that the socket plays in a multipath connection").when(When::Named),
    field("command", "Command", 0, Kind::Text, OWNED, "command line of the first owner").when(When::FirstOwner),
    field("exe", "Executable", 20, Kind::Text, OWNED, "program file of the first owner").when(When::FirstOwner),
    field("owner_user", "Owner User", 10, Kind::User, OWNED, "user as whom the first owner runs").when(When::FirstOwner),
    field("owner_uid", "Owner UID", 9, Kind::Number, OWNED, "number of the user as whom the first owner runs").when(When::FirstOwner),
    field("started", "Started", 20, Kind::Text, OWNED, "when the first owner was started").when(When::FirstOwner),
    field("cgroup", "Cgroup", 20, Kind::Text, OWNED, "control group").when(When::ControlGroup),
    field("unit", "Unit", 15, Kind::Text, OWNED, "systemd unit").when(When::ControlGroup),
    field("container", "Container", 12, Kind::Text, OWNED, "container").when(When::ControlGroup),
    field("container_runtime", "Runtime", 10, Kind::Text, OWNED, "what runs the container").when(When::ControlGroup),
    field("container_id", "Container ID", 12, Kind::Text, OWNED, "the runtime's ID of the container").when(When::ControlGroup),
    field("container_name", "Container Name", 14, Kind::Text, OWNED, "the runtime's name of the container").when(When::ControlGroup),
    field("pod", "Pod", 12, Kind::Text, OWNED, "Kubernetes pod").when(When::ControlGroup),
    field("k8s_namespace", "Namespace", 12, Kind::Text, OWNED, "namespace of the Kubernetes pod").when(When::ControlGroup),
    field("k8s_pod", "Pod Name", 12, Kind::Text, OWNED, "name of the Kubernetes pod").when(When::ControlGroup),
    field("k8s_container", "In Pod", 12, Kind::Text, OWNED, "what the Kubernetes pod calls the container").when(When::ControlGroup),
    field("peer", "Peer", 15, Kind::Text, OWNED, "first owner of the other end, if it is on this machine").when(When::Peer),
    field("peer_inode", "Peer Inode", 10, Kind::Number, OWNED, "inode of the other end, if it is on this machine").when(When::Peer),
    // Sockets of the old families.
    field("user_callsign", "User Call", 9, Kind::Text, Tables::NETROM, "call sign of the user").part(Part::Identity),
    field("destination_callsign", "Dest Call", 9, Kind::Text, Tables::ROSE, "call sign at the other end").part(Part::Identity),
    field("source_callsign", "Source Call", 11, Kind::Text, Tables::ROSE, "call sign at this end").part(Part::Identity),
    field("neighbour", "Neigh", 5, Kind::Number, Tables::ROSE, "number of the neighbour"),
    field("lci", "LCI", 3, Kind::Number, Tables::X25.and(Tables::ROSE), "logical channel").part(Part::Identity),
    field("vr", "Vr", 3, Kind::Number, SEQUENCES, "number of the next frame to be received"),
    field("vs", "Vs", 3, Kind::Number, SEQUENCES, "number of the next frame to be sent"),
    // Groups.
    field("group", "Group", 15, Kind::Host, Tables::GROUPS, "multicast group"),
    field("group_ip", "Group IP", 15, Kind::Address, Tables::GROUPS, "address of the multicast group").part(Part::Identity),
    // Routes.
    field("source", "Source", 15, Kind::Host, STATIONS.and(Tables::ROUTE_CACHE), "where packets come from; this end").part(Part::Identity),
    field("source_ip", "Source IP", 15, Kind::Address, Tables::ROUTE_CACHE, "address where packets come from").part(Part::Identity),
    field("destination", "Destination", 15, Kind::Host, STATIONS.and(IP_ROUTES).and(STATION_ROUTES).and(Tables::ROSE_ROUTES).and(Tables::IPX_ROUTES), "network, host or station that it leads to; the other end").part(Part::Identity),
    field("destination_ip", "Dest IP", 15, Kind::Address, IP_ROUTES, "address of the network or host that it leads to").part(Part::Identity),
    field("prefix_length", "Prefix", 6, Kind::Number, Tables::IPV6_ROUTES.and(Tables::NEIGHBOURS), "length of the prefix, in bits").part(Part::Identity),
    field("gateway", "Gateway", 15, Kind::Host, IP_ROUTES.and(Tables::DDP_ROUTES), "next router").part(Part::Identity),
    field("gateway_ip", "Gateway IP", 15, Kind::Address, IP_ROUTES, "address of the next router").part(Part::Identity),
    field("nexthops", "Next Hops", 0, Kind::List, Tables::ROUTES, "all next hops: routers of IPv4 or IPv6 and interfaces").when(When::Named),
    field("genmask", "Genmask", 15, Kind::Address, Tables::ROUTES, "netmask").part(Part::Identity),
    field("route_flags", "Flags", 5, Kind::Text, FLAGGED, "letters of the flags").part(Part::State),
    field("route_flags_pretty", "Flags", 0, Kind::List, FLAGGED, "words of the flags"),
    field("route_flags_num", "Flags#", 8, Kind::Number, FLAGGED, "the kernel's bits of the flags"),
    field("metric", "Metric", 6, Kind::Number, IP_ROUTES, "the lower, the better").part(Part::Identity),
    field("route_refs", "Ref", 4, Kind::Number, IP_ROUTES, "references to the route"),
    field("use", "Use", 6, Kind::Number, IP_ROUTES.and(Tables::AX25_ROUTES), "how often the route was looked up"),
    field("mss", "MSS", 5, Kind::Number, CACHED_ROUTES, "largest packet of tcp connections, in bytes"),
    field("window", "Window", 6, Kind::Number, CACHED_ROUTES, "window of tcp connections, in bytes"),
    field("irtt", "irtt", 5, Kind::Number, CACHED_ROUTES, "first guess at the round trip time, in milliseconds"),
    field("hh", "HH", 3, Kind::Number, Tables::ROUTE_CACHE, "references to the hardware header"),
    field("arp", "Arp", 3, Kind::Number, Tables::ROUTE_CACHE, "whether the hardware header is valid"),
    field("tos", "TOS", 3, Kind::Number, Tables::ROUTE_CACHE, "type of service").part(Part::Identity),
    field("hh_ref", "HHRef", 5, Kind::Number, Tables::ROUTE_CACHE, "references to the hardware header"),
    field("hh_uptod", "HHUptod", 7, Kind::Number, Tables::ROUTE_CACHE, "whether the hardware header is valid"),
    field("spec_dst", "SpecDst", 15, Kind::Host, Tables::ROUTE_CACHE, "host that answers come from"),
    field("spec_dst_ip", "SpecDst IP", 15, Kind::Address, Tables::ROUTE_CACHE, "address that answers come from"),
    field("address", "Neighbour", 25, Kind::Host, Tables::NEIGHBOURS, "neighbour"),
    field("address_ip", "Neighbour IP", 25, Kind::Address, Tables::NEIGHBOURS, "address of the neighbour").part(Part::Identity),
    field("hardware_address", "HW Address", 17, Kind::Text, Tables::NEIGHBOURS, "hardware address"),
    field("stale_seconds", "Stale", 7, Kind::Number, Tables::NEIGHBOURS, "seconds until it becomes stale"),
    field("delete_seconds", "Delete", 7, Kind::Number, Tables::NEIGHBOURS, "seconds until it is removed"),
    field("mnemonic", "Mnemonic", 8, Kind::Text, Tables::NETROM_ROUTES, "name of the node"),
    field("quality", "Quality", 7, Kind::Number, Tables::NETROM_ROUTES, "quality of the way"),
    field("neighbour", "Neighbour", 9, Kind::Text, Tables::NETROM_ROUTES, "neighbour that it leads through"),
    field("neighbours", "Neighbours", 0, Kind::List, Tables::ROSE_ROUTES, "neighbours that it leads through"),
    field("router_network", "Router Net", 10, Kind::Text, Tables::IPX_ROUTES, "network of the router").part(Part::Identity),
    field("router_node", "Router Node", 12, Kind::Text, Tables::IPX_ROUTES, "node of the router").part(Part::Identity),
    field("digits", "Digits", 6, Kind::Number, Tables::X25_ROUTES, "how many digits of the address count").part(Part::Identity),
    // Interfaces.
    field("iface", "Iface", 8, Kind::Text, ON_INTERFACES, "interface").part(Part::Identity),
    field("mtu", "MTU", 5, Kind::Number, Tables::INTERFACES, "largest packet, in bytes"),
    field("rx_ok", "RX-OK", 8, Kind::Number, Tables::INTERFACES, "packets received"),
    field("rx_err", "RX-ERR", 6, Kind::Number, Tables::INTERFACES, "packets received in error"),
    field("rx_drp", "RX-DRP", 6, Kind::Number, Tables::INTERFACES, "packets received and dropped"),
    field("rx_ovr", "RX-OVR", 6, Kind::Number, Tables::INTERFACES, "packets lost because a buffer overran"),
    field("tx_ok", "TX-OK", 8, Kind::Number, Tables::INTERFACES, "packets sent"),
    field("tx_err", "TX-ERR", 6, Kind::Number, Tables::INTERFACES, "packets not sent for an error"),
    field("tx_drp", "TX-DRP", 6, Kind::Number, Tables::INTERFACES, "packets dropped instead of sent"),
    field("tx_ovr", "TX-OVR", 6, Kind::Number, Tables::INTERFACES, "packets not sent because a buffer overran"),
    field("rx_bytes", "RX-Bytes", 12, Kind::Number, Tables::INTERFACES, "bytes received"),
    field("rx_frame", "RX-Frame", 8, Kind::Number, Tables::INTERFACES, "misaligned packets received"),
    field("rx_compressed", "RX-Compr", 8, Kind::Number, Tables::INTERFACES, "compressed packets received"),
    field("rx_multicast", "RX-Mcast", 8, Kind::Number, Tables::INTERFACES, "multicast packets received"),
    field("tx_bytes", "TX-Bytes", 12, Kind::Number, Tables::INTERFACES, "bytes sent"),
    field("tx_collisions", "TX-Coll", 7, Kind::Number, Tables::INTERFACES, "collisions"),
    field("tx_carrier", "TX-Carr", 7, Kind::Number, Tables::INTERFACES, "losses of the carrier"),
    field("tx_compressed", "TX-Compr", 8, Kind::Number, Tables::INTERFACES, "compressed packets sent"),
    field("flg", "Flg", 9, Kind::Text, Tables::INTERFACES, "letters of the flags").part(Part::State),
    field("flg_pretty", "Flags", 0, Kind::List, Tables::INTERFACES, "words of the flags"),
    field("flg_num", "Flg#", 5, Kind::Number, Tables::INTERFACES, "the kernel's bits of the flags"),
    field("hardware", "Hardware", 8, Kind::Text, Tables::INTERFACES, "type of the hardware").when(When::LongForm),
    field("hardware_type", "HW Type", 7, Kind::Number, Tables::INTERFACES, "number of the hardware's type").when(When::LongForm),
    field("hardware_address", "HW Address", 17, Kind::Text, Tables::INTERFACES, "hardware address").when(When::LongForm),
    field("txqueuelen", "TxQueueLen", 10, Kind::Number, Tables::INTERFACES, "packets that wait to be sent at most").when(When::LongForm),
    field("inet", "IPv4", 0, Kind::List, Tables::INTERFACES, "IPv4 address and netmask").when(When::LongForm),
    field("inet6", "IPv6", 0, Kind::List, Tables::INTERFACES, "IPv6 addresses and lengths of prefixes").when(When::LongForm),
    field("inet_all", "IPv4", 0, Kind::List, Tables::INTERFACES, "every IPv4 address and the length of its prefix").when(When::Named),
    field("ipx", "IPX", 0, Kind::List, Tables::INTERFACES, "IPX frames and networks").when(When::LongForm),
    field("appletalk", "AppleTalk", 0, Kind::List, Tables::INTERFACES, "AppleTalk network and node").when(When::LongForm),
    field("econet", "Econet", 0, Kind::List, Tables::INTERFACES, "Econet network and station").when(When::LongForm),
    field("slip", "SLIP", 0, Kind::List, Tables::INTERFACES, "timers of a serial line, in seconds").when(When::LongForm),
    field("device", "Device", 0, Kind::List, Tables::INTERFACES, "shared memory of the device").when(When::LongForm),
    // All.
    field("kind", "Kind", 11, Kind::Text, ALL, "kind of the record"),
    field("transport_protocol", "Transport", 9, Kind::Text, Tables::INTERNET, "protocol without the version of IP"),
    field("network_protocol", "Network", 7, Kind::Text, NETWORKED, "version of IP, or the family"),
    field("netns", "Netns", 16, Kind::Text, ALL, "network namespace, with --all-netns").when(When::AllNamespaces),
    field("netns_inode", "Netns Inode", 11, Kind::Number, ALL, "number of the network namespace's inode").when(When::AllNamespaces),
    field("netns_pid", "Netns PID", 9, Kind::Number, ALL, "first process in the network namespace").when(When::AllNamespaces),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain_and_mean_one_thing_in_a_table() {
        for (index, field) in FIELDS.iter().enumerate() {
            let plain = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_');
            assert!(field.name.bytes().all(plain), "{}", field.name);
            assert!(
                FIELDS
                    .iter()
                    .skip(index + 1)
                    .all(|other| other.name != field.name || !other.tables.meet(field.tables)),
                "{} means two things in a table",
                field.name
            );
            assert!(
                field.width == 0 || field.width >= field.heading.len(),
                "{}",
                field.name
            );
            assert!(
                !field.help.is_empty() && field.tables.meet(Tables::ANY),
                "{}",
                field.name
            );
        }
        // The word of --show for every field.
        assert_eq!(find("all", Tables::ANY), None);
    }

    #[test]
    fn the_nearest_name_is_offered() {
        for (typed, offered) in [
            ("drop", Some("drops")),
            ("DROPS", Some("drops")),
            ("Recv-Q", Some("recv_q")),
            ("Limit", Some("backlog_limit")),
            ("statee", Some("state")),
            ("recvq", Some("recv_q")),
            ("local_prot", Some("local_port")),
            ("program", Some("program_name")),
            ("owner", Some("owners")),
            ("pdi", Some("pid")),
            ("port", Some("local_port")),
            ("rx_byte", None),
            ("xyz", None),
            ("x", None),
            ("", None),
        ] {
            let field = nearest(typed, Tables::OF_SOCKETS);
            assert_eq!(field.map(|field| &*field.name), offered, "{typed}");
        }
        assert!(find("drops", Tables::OF_ROUTES).is_none());
    }

    #[test]
    fn distances_count_changes() {
        for (one, other, expected) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("abc", "abd", 1),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(distance(one, other), expected, "{one} {other}");
        }
    }
}

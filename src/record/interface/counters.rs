//! What an interface counts.

/// What an interface has received and sent since it came up. All are counts of packets but the two of bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the file's headings")]
pub struct Counters {
    pub rx_bytes: u64,
    pub rx_packets: u64,
    pub rx_errors: u64,
    pub rx_dropped: u64,
    pub rx_fifo: u64,
    pub rx_frame: u64,
    pub rx_compressed: u64,
    pub rx_multicast: u64,
    pub tx_bytes: u64,
    pub tx_packets: u64,
    pub tx_errors: u64,
    pub tx_dropped: u64,
    pub tx_fifo: u64,
    pub tx_collisions: u64,
    pub tx_carrier: u64,
    pub tx_compressed: u64,
}

/// The place of one of the counters.
type Place = fn(&mut Counters) -> &mut u64;

/// All counters, by the names of their fields and in the order of these.
pub const COUNTERS: [(&str, Place); 16] = [
    ("rx_ok", |c| &mut c.rx_packets),
    ("rx_err", |c| &mut c.rx_errors),
    ("rx_drp", |c| &mut c.rx_dropped),
    ("rx_ovr", |c| &mut c.rx_fifo),
    ("tx_ok", |c| &mut c.tx_packets),
    ("tx_err", |c| &mut c.tx_errors),
    ("tx_drp", |c| &mut c.tx_dropped),
    ("tx_ovr", |c| &mut c.tx_fifo),
    ("rx_bytes", |c| &mut c.rx_bytes),
    ("rx_frame", |c| &mut c.rx_frame),
    ("rx_compressed", |c| &mut c.rx_compressed),
    ("rx_multicast", |c| &mut c.rx_multicast),
    ("tx_bytes", |c| &mut c.tx_bytes),
    ("tx_collisions", |c| &mut c.tx_collisions),
    ("tx_carrier", |c| &mut c.tx_carrier),
    ("tx_compressed", |c| &mut c.tx_compressed),
];

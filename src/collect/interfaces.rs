//! Interfaces: the counters of `/proc/net/dev`, the aliases and whatever else the kernel says when asked by name, the IPv6
//! addresses of `/proc/net/if_inet6`.
//!
//! Under another proc root than the kernel's own, or in the directory of a process, only the two files count: our own interfaces have
//! nothing to do with them. All interfaces of the file are listed then, whether or not they were up, without aliases; flags, MTU, IPv4 addresses and
//! hardware are unknown, which a warning says once per pass and the text format shows as `-`.

pub mod dev;
pub mod inet;
pub mod inet6;
pub mod kernel;
pub mod name;

use std::collections::BTreeMap;
use std::io;

use super::Context;
use crate::error::{Error, Warning};
use crate::query::InterfaceQuery;
use crate::record::interface::Counters;
use crate::record::interface::{Details, Flags, Interface};
use crate::record::{Record, Table};
use dev::Layout;
use inet::InetAddresses;
use inet6::Inet6Addresses;
use kernel::Kernel;
use name::InterfaceName;

/// Interfaces by name, in natural order, with their counters if they have any.
type Interfaces = BTreeMap<InterfaceName, Option<Counters>>;

/// Lends the interfaces to the sink.
///
/// # Errors
/// No kind of socket can be opened, there is no list of interfaces at all, or one of the list is gone by the time it is looked at;
/// what the sink said.
pub fn collect(context: &mut Context<'_>, query: InterfaceQuery) -> Result<(), Error> {
    let root = &context.query.proc_root;
    let kernel = if root.is_kernel() {
        Some(Kernel::open(root, query.long)?)
    } else {
        None
    };
    context.sink.begin(Table::Interfaces)?;
    if kernel.is_none() && !std::mem::replace(&mut context.said_of_interfaces, true) {
        context.warn(&Warning::InterfacesOfFile(root.directory().to_owned()))?;
    }

    let mut interfaces = Interfaces::new();
    let read = read_counters(context, &mut interfaces)?;
    let complete = match &kernel {
        Some(kernel) => add_configured(context, kernel, &mut interfaces)?,
        None => read.as_ref().map(drop).map_err(copy),
    };
    if let (Err(_), Err(error)) = (read, complete) {
        return Err(Error::NoInterfaces(error));
    }

    let inet6 = if query.long {
        Inet6Addresses::read(root)
    } else {
        Inet6Addresses::default()
    };
    let inet = match &kernel {
        Some(_) if context.query.gather.inet_addresses => InetAddresses::read(),
        _ => None,
    };
    for (name, counters) in &interfaces {
        let name = name.as_bytes();
        let mut interface = Interface {
            name: name.into(),
            flags: None,
            mtu: None,
            counters: *counters,
            time: None,
            index: None,
            details: None,
            inet_addresses: inet.as_ref().map(|inet| inet.of(name, counters.is_none())),
        };
        match &kernel {
            Some(kernel) => {
                let flags = match kernel.flags(name) {
                    Ok(flags) => flags,
                    Err(error) => return vanished(context, name, error),
                };
                if !query.all && !flags.contains(Flags::UP) {
                    continue;
                }
                interface.flags = Some(flags);
                interface.mtu = Some(kernel.mtu(name));
                // One of the same name may be another by the next report.
                if context.query.per_second {
                    interface.index = kernel.index(name);
                }
                interface.details = query.long.then(|| kernel.details(name));
            }
            None => interface.details = query.long.then(Details::default),
        }
        if let Some(details) = &mut interface.details {
            details.inet6 = inet6.of(name).into();
        }
        context
            .sink
            .record(&Record::Interface(Box::new(interface)))?;
    }
    Ok(())
}

/// Adds what `/proc/net/dev` lists. A failure is said at once and given back: it does not matter if there is another list.
fn read_counters(
    context: &mut Context<'_>,
    interfaces: &mut Interfaces,
) -> Result<io::Result<()>, Error> {
    const FILE: &str = "net/dev";
    let root = &context.query.proc_root;
    let mut lines = match root.lines(FILE, dev::PIECE) {
        Ok(lines) => lines,
        Err(source) => {
            context.warn(&Warning::LimitedOutput {
                path: root.path(FILE),
                source: copy(&source),
            })?;
            return Ok(Err(source));
        }
    };
    let mut read = || -> io::Result<()> {
        lines.next_line()?;
        let layout = Layout::of_heading(lines.next_line()?.unwrap_or_default());
        while let Some(line) = lines.next_line()? {
            let (name, text) = dev::split(line);
            let counters = interfaces
                .entry(InterfaceName::new(name))
                .or_default()
                .get_or_insert_default();
            layout.read(text, counters);
        }
        Ok(())
    };
    let result = read();
    if let Err(source) = &result {
        context.warn(&Warning::File {
            path: root.path(FILE),
            source: copy(source),
        })?;
    }
    Ok(result)
}

/// Adds the names that have an IPv4 address, for the aliases among them. A failure is said at once and given back.
fn add_configured(
    context: &mut Context<'_>,
    kernel: &Kernel,
    interfaces: &mut Interfaces,
) -> Result<io::Result<()>, Error> {
    if let Some(error) = kernel.inet_error() {
        // The reference gives whatever reason is left over from other calls, often "Success"; this is the true one.
        context.warn(&Warning::NoInetSocket(copy(error)))?;
    }
    Ok(match kernel.configured_names() {
        Ok(names) => {
            for name in names {
                interfaces.entry(InterfaceName::new(&name)).or_default();
            }
            Ok(())
        }
        Err(error) => {
            context.warn(&Warning::InterfaceList(copy(&error)))?;
            Err(error)
        }
    })
}

/// An interface that was listed cannot be asked about; the listing stops there.
fn vanished(context: &mut Context<'_>, name: &[u8], error: io::Error) -> Result<(), Error> {
    context.warn(&Warning::Interface {
        name: name.to_vec(),
        source: copy(&error),
    })?;
    Err(Error::NoInterfaces(error))
}

fn copy(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::from(error.kind()),
    }
}

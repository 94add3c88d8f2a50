//! Every IPv4 address of the interfaces, from rtnetlink: the questions by name tell one of each name.

use std::collections::HashMap;
use std::rc::Rc;

use crate::collect::interface_names::InterfaceNames;
use crate::collect::rtnetlink::addresses::{self, AddressEntry};
use crate::record::interface::PrefixedAddress;

/// How often the list is asked for if it changes meanwhile.
const TRIES: u32 = 3;

/// The addresses of this network namespace, in the kernel's order.
#[derive(Debug, Default)]
pub struct InetAddresses {
    /// By the names of their interfaces.
    interfaces: HashMap<Rc<[u8]>, Vec<PrefixedAddress>>,
    /// Those whose label is another name, by it.
    aliases: HashMap<Rc<[u8]>, Vec<PrefixedAddress>>,
}

impl InetAddresses {
    /// `None` if the kernel does not tell them all.
    pub fn read() -> Option<Self> {
        (0..TRIES).find_map(|_| Self::try_read())
    }

    fn try_read() -> Option<Self> {
        let mut names = InterfaceNames::default();
        let mut found = InetAddresses::default();
        let complete = addresses::list(|entry| {
            // Without a name the interface is gone, and its addresses with it.
            if let Some(name) = names.name(entry.interface) {
                found.add(name, entry);
            }
        });
        complete.then_some(found)
    }

    fn add(&mut self, interface: &Rc<[u8]>, entry: &AddressEntry<'_>) {
        let address = PrefixedAddress {
            address: entry.address,
            prefix_length: entry.prefix_length,
            broadcast: entry.broadcast,
            destination: Some(entry.peer).filter(|&peer| peer != entry.address),
            label: entry.label.into(),
        };
        if *entry.label != **interface {
            let of_alias = self.aliases.entry(entry.label.into()).or_default();
            of_alias.push(address.clone());
        }
        let of_interface = self.interfaces.entry(interface.clone()).or_default();
        of_interface.push(address);
    }

    /// Those of an interface, whatever their labels; or those that have the name of an alias for a label.
    pub fn of(&self, name: &[u8], is_alias: bool) -> Box<[PrefixedAddress]> {
        let names = if is_alias {
            &self.aliases
        } else {
            &self.interfaces
        };
        names
            .get(name)
            .map_or_else(Box::default, |addresses| addresses.as_slice().into())
    }
}

//! Names of interfaces by the indexes that netlink has in their place.

use std::collections::HashMap;
use std::rc::Rc;

use nix::net::if_::if_indextoname;

/// Names of interfaces of this network namespace by their indexes, each asked for once.
#[derive(Debug, Default)]
pub struct InterfaceNames {
    known: HashMap<u32, Option<Rc<[u8]>>>,
    /// That which was asked for last: most rows of a table have the interface of the row before.
    last: Option<(u32, Rc<[u8]>)>,
}

impl InterfaceNames {
    /// The name; `None` if there is no such interface. The index 0 is that of none.
    pub fn name(&mut self, index: u32) -> Option<&Rc<[u8]>> {
        if index == 0 {
            return None;
        }
        if self.last.as_ref().is_none_or(|last| last.0 != index) {
            let ask = || Some(if_indextoname(index).ok()?.to_bytes().into());
            let name = self.known.entry(index).or_insert_with(ask);
            self.last = Some((index, name.clone()?));
        }
        self.last.as_ref().map(|(_, name)| name)
    }
}

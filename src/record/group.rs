//! Memberships in multicast groups.

use std::borrow::Cow;
use std::net::IpAddr;

use super::inet::Family;
use super::{Fields, Value, Visitor, owned};
use crate::query::Query;

/// A membership.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupMembership<'a> {
    /// The interface's name; empty if the file names none.
    pub interface: Cow<'a, [u8]>,
    /// How many users the membership has.
    pub references: i32,
    /// The group.
    pub group: IpAddr,
}

impl GroupMembership<'_> {
    /// A copy that borrows nothing.
    pub fn to_static(&self) -> GroupMembership<'static> {
        GroupMembership {
            interface: owned(&self.interface),
            ..*self
        }
    }
}

impl Fields for GroupMembership<'_> {
    fn fields(&self, _query: &Query, visit: &mut Visitor<'_>) {
        visit("iface", Value::nonempty(&self.interface));
        visit("refcnt", Value::Signed(self.references.into()));
        visit("group", Value::host(self.group));
        visit("group_ip", Value::Address(self.group));
        visit("kind", Value::Word("group"));
        let family = Family::of(self.group).name();
        visit("network_protocol", Value::Word(family));
    }
}

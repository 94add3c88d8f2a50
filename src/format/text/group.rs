//! The table "IPv6/IPv4 Group Memberships".

use super::{address, column};
use crate::names::NameResolver;
use crate::printable;
use crate::query::Query;
use crate::record::group::GroupMembership;

/// Appends title and column headings.
pub fn heading(row: &mut Vec<u8>) {
    row.extend_from_slice(
        b"IPv6/IPv4 Group Memberships\n\
        Interface       RefCnt Group\n\
        --------------- ------ ---------------------\n",
    );
}

/// Appends the row of a membership.
pub fn row(
    row: &mut Vec<u8>,
    membership: &GroupMembership<'_>,
    query: &Query,
    resolver: &mut NameResolver,
) {
    let start = row.len();
    printable::append(row, &membership.interface);
    column::pad(row, start, 15);
    row.push(b' ');
    column::left_signed(row, membership.references.into(), 6);
    row.push(b' ');
    address::host(row, membership.group, query.numeric_hosts, resolver);
    row.push(b'\n');
}

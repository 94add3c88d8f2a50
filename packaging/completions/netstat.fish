# Completion of netstat for fish.

# Each of the words, after what the list holds already.
function __netstat_list
    set -l before (commandline -ct | string replace -r '^(--[^=]*=|-[a-zA-Z0-9]*A)' '' | string match -r '.*,')
    printf '%s\n' "$before"$argv
end

# States may be typed small.
function __netstat_states
    if commandline -ct | string match -qr '[=,]?[a-z_]+$'
        __netstat_list (string lower -- $argv)
    else
        __netstat_list $argv
    end
end

function __netstat_services
    string replace -rf '^([[:alnum:]]\S*)\s.*' '$1' </etc/services
end

function __netstat_namespaces
    set -l namespaces /run/netns/*
    string replace -r '.*/' '' -- $namespaces
    __fish_complete_pids
end

# >>> from the option table: UPDATE_COMPLETIONS=1 cargo test --test packaging
complete -c netstat -f
complete -c netstat -l ax25 -d 'AX.25 sockets'
complete -c netstat -l x25 -d 'X.25 sockets'
complete -c netstat -l ip -d 'IPv4, as --inet'
complete -c netstat -l ipx -d 'IPX sockets'
complete -c netstat -l appletalk -d 'AppleTalk, as --ddp'
complete -c netstat -l netrom -d 'NET/ROM sockets'
complete -c netstat -s 4 -l inet -d 'IPv4'
complete -c netstat -s 6 -l inet6 -d 'IPv6'
complete -c netstat -l ddp -d 'AppleTalk (with --route)'
complete -c netstat -l rose -d 'ROSE sockets'
complete -c netstat -s V -l version -d 'print the version'
complete -c netstat -s i -l interfaces -d 'interface table'
complete -c netstat -s h -l help -d 'print the usage'
complete -c netstat -s r -l route -d 'routing table'
complete -c netstat -s M -l masquerade -d 'masqueraded connections'
complete -c netstat -s A -l protocol -d 'address families, separated by commas' -x -a '(__netstat_list inet ip tcpip inet6 ip6 unix ipx ax25 x25 netrom rose ddp appletalk)'
complete -c netstat -s t -l tcp -d 'TCP sockets'
complete -c netstat -s S -l sctp -d 'SCTP sockets'
complete -c netstat -s u -l udp -d 'UDP sockets'
complete -c netstat -s U -l udplite -d 'UDP-Lite sockets'
complete -c netstat -s w -l raw -d 'raw sockets'
complete -c netstat -s x -l unix -d 'UNIX domain sockets'
complete -c netstat -s l -l listening -d 'only listening sockets'
complete -c netstat -s a -l all -d 'listening and other sockets'
complete -c netstat -s o -l timers -d 'timers of sockets'
complete -c netstat -s c -l continuous -d 'report again every second'
complete -c netstat -s e -l extend -d 'more columns; twice: still more'
complete -c netstat -s p -l programs -d 'process that owns each socket'
complete -c netstat -s v -l verbose -d 'say which tables are missing'
complete -c netstat -s s -l statistics -d 'counters of each protocol'
complete -c netstat -s W -l wide -d 'do not cut addresses and names'
complete -c netstat -s n -l numeric -d 'numbers instead of names'
complete -c netstat -l numeric-hosts -d 'addresses instead of host names'
complete -c netstat -l numeric-ports -d 'numbers instead of service names'
complete -c netstat -l numeric-users -d 'numbers instead of user names'
complete -c netstat -s N -l symbolic -d 'with --route: as --numeric'
complete -c netstat -s C -l cache -d 'with --route: the routing cache'
complete -c netstat -s F -l fib -d 'with --route: the forwarding table (default)'
complete -c netstat -s g -l groups -d 'multicast group memberships'
complete -c netstat -s Z -l context -d 'SELinux context of the owner'
complete -c netstat -l json -d 'print JSON'
complete -c netstat -l json-lines -d 'print JSON, one object a line'
complete -c netstat -l openmetrics -d 'print OpenMetrics, for Prometheus'
complete -c netstat -l proc-root -d 'read this directory instead of /proc' -x -a '(__fish_complete_directories)'
complete -c netstat -l byte-order -d 'byte order of the machine that the directory is from' -x -a ''
complete -c netstat -l netns -d 'report on this network namespace' -x -a '(__netstat_namespaces)'
complete -c netstat -l all-netns -d 'report on every network namespace'
complete -c netstat -l port -d 'only sockets with one of these ports at either end' -x -a '(__netstat_list (__netstat_services))'
complete -c netstat -l state -d 'only sockets in one of these states' -x -a '(__netstat_states ESTABLISHED SYN_SENT SYN_RECV FIN_WAIT1 FIN_WAIT2 TIME_WAIT CLOSE CLOSE_WAIT LAST_ACK LISTEN CLOSING UNKNOWN FREE LISTENING CONNECTING CONNECTED DISCONNECTING SABM_SENT DISC_SENT RECOVERY ESTAB UNK.)'
complete -c netstat -l pid -d 'only sockets of this process' -x -a '(__fish_complete_pids)'
complete -c netstat -l address -d 'only sockets with an address in ADDR[/PREFIX]' -x -a ''
complete -c netstat -l only -d 'only rows in which a field has one of these values' -x -a 'address= address_ip= appletalk= arp= backlog_limit= bound_interface= bytes_acked= bytes_received= bytes_retransmitted= bytes_sent= cgroup= command= congestion_control= container= container_id= container_name= container_runtime= count= cwnd= delete_seconds= delivery_rate= destination= destination_callsign= destination_ip= device= digits= drops= exe= flags= flg= flg_num= flg_pretty= foreign_address= foreign_ip= foreign_ips= foreign_port= foreign_port_num= gateway= gateway_ip= genmask= group= group_ip= hardware= hardware_address= hardware_type= hh= hh_ref= hh_uptod= iface= inet= inet6= inet_all= inode= ipx= irtt= k8s_container= k8s_namespace= k8s_pod= kind= last_received_ms= last_sent_ms= lci= local_address= local_ip= local_ips= local_port= local_port_num= metric= min_rtt_ms= mnemonic= mptcp= mss= mtu= neighbour= neighbours= netns= netns_inode= netns_pid= network_protocol= nexthops= owner_uid= owner_unknown= owner_user= owners= owners_total= path= peer= peer_inode= pid= pod= prefix_length= program_name= proto= quality= recv_buffer= recv_q= refcnt= retransmits_total= route_flags= route_flags_num= route_flags_pretty= route_refs= router_network= router_node= rtt_ms= rtt_var_ms= rx_bytes= rx_compressed= rx_drp= rx_err= rx_frame= rx_multicast= rx_ok= rx_ovr= security_context= send_buffer= send_q= slip= source= source_callsign= source_ip= spec_dst= spec_dst_ip= stale_seconds= started= state= state_num= timer= timer_kind= timer_probes= timer_retransmits= timer_seconds= tos= transport_protocol= tx_bytes= tx_carrier= tx_collisions= tx_compressed= tx_drp= tx_err= tx_ok= tx_ovr= txqueuelen= type= uid= unit= use= user= user_callsign= vr= vs= window='
complete -c netstat -l show -d 'a column more for each of these fields' -x -a '(__netstat_list address address_ip appletalk arp backlog_limit bound_interface bytes_acked bytes_received bytes_retransmitted bytes_sent cgroup command congestion_control container container_id container_name container_runtime count cwnd delete_seconds delivery_rate destination destination_callsign destination_ip device digits drops exe flags flg flg_num flg_pretty foreign_address foreign_ip foreign_ips foreign_port foreign_port_num gateway gateway_ip genmask group group_ip hardware hardware_address hardware_type hh hh_ref hh_uptod iface inet inet6 inet_all inode ipx irtt k8s_container k8s_namespace k8s_pod kind last_received_ms last_sent_ms lci local_address local_ip local_ips local_port local_port_num metric min_rtt_ms mnemonic mptcp mss mtu neighbour neighbours netns netns_inode netns_pid network_protocol nexthops owner_uid owner_unknown owner_user owners owners_total path peer peer_inode pid pod prefix_length program_name proto quality recv_buffer recv_q refcnt retransmits_total route_flags route_flags_num route_flags_pretty route_refs router_network router_node rtt_ms rtt_var_ms rx_bytes rx_compressed rx_drp rx_err rx_frame rx_multicast rx_ok rx_ovr security_context send_buffer send_q slip source source_callsign source_ip spec_dst spec_dst_ip stale_seconds started state state_num timer timer_kind timer_probes timer_retransmits timer_seconds tos transport_protocol tx_bytes tx_carrier tx_collisions tx_compressed tx_drp tx_err tx_ok tx_ovr txqueuelen type uid unit use user user_callsign vr vs window)'
complete -c netstat -l sort -d 'sort the rows of each table by these fields' -x -a '(__netstat_list address address_ip appletalk arp backlog_limit bound_interface bytes_acked bytes_received bytes_retransmitted bytes_sent cgroup command congestion_control container container_id container_name container_runtime count cwnd delete_seconds delivery_rate destination destination_callsign destination_ip device digits drops exe flags flg flg_num flg_pretty foreign_address foreign_ip foreign_ips foreign_port foreign_port_num gateway gateway_ip genmask group group_ip hardware hardware_address hardware_type hh hh_ref hh_uptod iface inet inet6 inet_all inode ipx irtt k8s_container k8s_namespace k8s_pod kind last_received_ms last_sent_ms lci local_address local_ip local_ips local_port local_port_num metric min_rtt_ms mnemonic mptcp mss mtu neighbour neighbours netns netns_inode netns_pid network_protocol nexthops owner_uid owner_unknown owner_user owners owners_total path peer peer_inode pid pod prefix_length program_name proto quality recv_buffer recv_q refcnt retransmits_total route_flags route_flags_num route_flags_pretty route_refs router_network router_node rtt_ms rtt_var_ms rx_bytes rx_compressed rx_drp rx_err rx_frame rx_multicast rx_ok rx_ovr security_context send_buffer send_q slip source source_callsign source_ip spec_dst spec_dst_ip stale_seconds started state state_num timer timer_kind timer_probes timer_retransmits timer_seconds tos transport_protocol tx_bytes tx_carrier tx_collisions tx_compressed tx_drp tx_err tx_ok tx_ovr txqueuelen type uid unit use user user_callsign vr vs window)'
complete -c netstat -l count-by -d 'count the rows that have the same in these fields' -x -a '(__netstat_list address address_ip appletalk arp backlog_limit bound_interface bytes_acked bytes_received bytes_retransmitted bytes_sent cgroup command congestion_control container container_id container_name container_runtime count cwnd delete_seconds delivery_rate destination destination_callsign destination_ip device digits drops exe flags flg flg_num flg_pretty foreign_address foreign_ip foreign_ips foreign_port foreign_port_num gateway gateway_ip genmask group group_ip hardware hardware_address hardware_type hh hh_ref hh_uptod iface inet inet6 inet_all inode ipx irtt k8s_container k8s_namespace k8s_pod kind last_received_ms last_sent_ms lci local_address local_ip local_ips local_port local_port_num metric min_rtt_ms mnemonic mptcp mss mtu neighbour neighbours netns netns_inode netns_pid network_protocol nexthops owner_uid owner_unknown owner_user owners owners_total path peer peer_inode pid pod prefix_length program_name proto quality recv_buffer recv_q refcnt retransmits_total route_flags route_flags_num route_flags_pretty route_refs router_network router_node rtt_ms rtt_var_ms rx_bytes rx_compressed rx_drp rx_err rx_frame rx_multicast rx_ok rx_ovr security_context send_buffer send_q slip source source_callsign source_ip spec_dst spec_dst_ip stale_seconds started state state_num timer timer_kind timer_probes timer_retransmits timer_seconds tos transport_protocol tx_bytes tx_carrier tx_collisions tx_compressed tx_drp tx_err tx_ok tx_ovr txqueuelen type uid unit use user user_callsign vr vs window)'
complete -c netstat -l interval -d 'pause between reports' -x -a ''
complete -c netstat -l count -d 'number of reports' -x -a ''
complete -c netstat -l problems -d 'only counters that mean trouble, explained'
complete -c netstat -l per-second -d 'counts by the second, since the last report'
complete -c netstat -l changes -d 'report once, then only what changes'
complete -c netstat -l since -d 'what has changed since a report in JSON lines' -x -a '(__fish_complete_path)'
complete -c netstat -l additions -d 'list the options that net-tools does not have'
complete -c netstat -l about -d 'say which program this is'
# <<<

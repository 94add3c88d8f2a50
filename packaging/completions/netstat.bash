# Completion of netstat for bash. It needs nothing of the package bash-completion, and may be loaded with or without it.

# >>> from the option table: UPDATE_COMPLETIONS=1 cargo test --test packaging
_netstat_options='--ax25 --x25 --ip --ipx --appletalk --netrom -4 --inet -6 --inet6 --ddp --rose -V --version -i --interfaces -h --help -r --route -M --masquerade -A --protocol -t --tcp -S --sctp -u --udp -U --udplite -w --raw -x --unix -l --listening -a --all -o --timers -c --continuous -e --extend -p --programs -v --verbose -s --statistics -W --wide -n --numeric --numeric-hosts --numeric-ports --numeric-users -N --symbolic -C --cache -F --fib -g --groups -Z --context --json --json-lines --openmetrics --proc-root --byte-order --netns --all-netns --port --state --pid --address --only --show --sort --count-by --interval --count --problems --per-second --changes --since --additions --about'
declare -gA _netstat_values=(
    [-A]='FAMILY'
    [--protocol]='FAMILY'
    [--proc-root]='DIR'
    [--byte-order]='ORDER'
    [--netns]='NAME|PID'
    [--port]='PORT'
    [--state]='STATE'
    [--pid]='PID'
    [--address]='ADDRESS'
    [--only]='FIELD=VALUE'
    [--show]='FIELD'
    [--sort]='FIELD'
    [--count-by]='FIELD'
    [--interval]='SECONDS'
    [--count]='N'
    [--since]='FILE'
)
declare -gA _netstat_words=(
    [FAMILY]='inet ip tcpip inet6 ip6 unix ipx ax25 x25 netrom rose ddp appletalk'
    [FIELD]='address address_ip appletalk arp backlog_limit bound_interface bytes_acked bytes_received bytes_retransmitted bytes_sent cgroup command congestion_control container container_id container_name container_runtime count cwnd delete_seconds delivery_rate destination destination_callsign destination_ip device digits drops exe flags flg flg_num flg_pretty foreign_address foreign_ip foreign_ips foreign_port foreign_port_num gateway gateway_ip genmask group group_ip hardware hardware_address hardware_type hh hh_ref hh_uptod iface inet inet6 inet_all inode ipx irtt k8s_container k8s_namespace k8s_pod kind last_received_ms last_sent_ms lci local_address local_ip local_ips local_port local_port_num metric min_rtt_ms mnemonic mptcp mss mtu neighbour neighbours netns netns_inode netns_pid network_protocol nexthops owner_uid owner_unknown owner_user owners owners_total path peer peer_inode pid pod prefix_length program_name proto quality recv_buffer recv_q refcnt retransmits_total route_flags route_flags_num route_flags_pretty route_refs router_network router_node rtt_ms rtt_var_ms rx_bytes rx_compressed rx_drp rx_err rx_frame rx_multicast rx_ok rx_ovr security_context send_buffer send_q slip source source_callsign source_ip spec_dst spec_dst_ip stale_seconds started state state_num timer timer_kind timer_probes timer_retransmits timer_seconds tos transport_protocol tx_bytes tx_carrier tx_collisions tx_compressed tx_drp tx_err tx_ok tx_ovr txqueuelen type uid unit use user user_callsign vr vs window'
    [STATE]='ESTABLISHED SYN_SENT SYN_RECV FIN_WAIT1 FIN_WAIT2 TIME_WAIT CLOSE CLOSE_WAIT LAST_ACK LISTEN CLOSING UNKNOWN FREE LISTENING CONNECTING CONNECTED DISCONNECTING SABM_SENT DISC_SENT RECOVERY ESTAB UNK.'
)
# <<<

# _netstat_offer KIND WORD: the values of this kind that WORD begins.
_netstat_offer() {
    local kind=$1 word=$2 path
    # In a list, what stands before the last comma stays.
    local list=${word%"${word##*,}"} last=${word##*,}
    case $kind in
    DIR)
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -A directory -- "$word")
        ;;
    FILE)
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -A file -- "$word")
        ;;
    PID | 'NAME|PID')
        for path in /run/netns/* /proc/[0-9]*; do
            case $path in
            *'*') continue ;;
            /run/*) [[ $kind != PID ]] || continue ;;
            # Where a name will do, processes only if a number was begun.
            *) [[ $kind == PID || -n $word ]] || continue ;;
            esac
            [[ ${path##*/} != "$word"* ]] || COMPREPLY+=("${path##*/}")
        done
        ;;
    PORT) mapfile -t COMPREPLY < <(compgen -A service -P "$list" -- "$last") ;;
    'FIELD=VALUE')
        compopt -o nospace
        mapfile -t COMPREPLY < <(compgen -W "${_netstat_words[FIELD]}" -S = -- "$word")
        ;;
    # Small letters will do.
    STATE) mapfile -t COMPREPLY < <(compgen -W "${_netstat_words[$kind]}" -P "$list" -- "${last^^}") ;;
    *) mapfile -t COMPREPLY < <(compgen -W "${_netstat_words[$kind]-}" -P "$list" -- "$last") ;;
    esac
}

_netstat() {
    local word=${COMP_WORDS[COMP_CWORD]} option= attached= equals= index
    COMPREPLY=()

    # `=` parts words, unless it was taken out of COMP_WORDBREAKS.
    if [[ $word == '=' ]]; then
        option=${COMP_WORDS[COMP_CWORD - 1]} word= equals=1
    elif ((COMP_CWORD >= 2)) && [[ ${COMP_WORDS[COMP_CWORD - 1]} == '=' ]]; then
        option=${COMP_WORDS[COMP_CWORD - 2]} equals=1
    elif [[ $word == --*=* ]]; then
        option=${word%%=*} attached=$option= word=${word#*=}
    elif [[ $word =~ ^(-[a-zA-Z0-9]*A)(.+)$ ]]; then
        option=-A attached=${BASH_REMATCH[1]} word=${BASH_REMATCH[2]}
    elif [[ ${COMP_WORDS[COMP_CWORD - 1]} =~ ^-[a-zA-Z0-9]*A$ ]]; then
        option=-A
    else
        option=${COMP_WORDS[COMP_CWORD - 1]}
    fi

    if [[ -n ${_netstat_values[$option]-} ]]; then
        _netstat_offer "${_netstat_values[$option]}" "$word"
        for index in "${!COMPREPLY[@]}"; do
            COMPREPLY[index]=$attached${COMPREPLY[index]}
        done
    elif [[ -z $equals && ( -z $word || $word == -* ) ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$_netstat_options" -- "$word")
    fi
}

complete -F _netstat netstat

# The package bash-completion binds netstat to its helper for long options, and then never loads netstat's own completion.
[ ! -e /usr/share/bash-completion/completions/netstat ] || complete -r netstat 2>/dev/null

# Sourced after testlib.sh: a real name server (bind9) on 127.0.0.1 that takes dynamic updates with a TSIG key.
#
# named_start: zones test. and example., written to with named_key, and foreign.test. in example. of another key.
# Sets
#   named_address  127.0.0.1:PORT, for pebble_resolver, challenge.server and challenge.resolver
#   named_key      file with the TSIG key
#   named_log      what it did: updates and queries
# named_update LINE...: writes records by hand ("update add x.test. 60 IN TXT hello"); named_texts NAME: the TXT values there.

named_pid=

named_stop()
{
	[ -z "$named_pid" ] || kill "$named_pid" 2>/dev/null
	wait "$named_pid" 2>/dev/null
	named_pid=
}

named_zone()
{
	cat >"$named_dir/$1.zone" <<-EOF
		\$TTL 60
		@ IN SOA ns.$1. root.$1. 1 60 60 60 60
		@ IN NS ns.$1.
		ns IN A 127.0.0.1
	EOF
}

named_start()
{
	local port control
	requires named nsupdate tsig-keygen dig
	named_dir=$tmp/named
	named_key=$tmp/tsig.key
	named_log=$named_dir/named.log
	port=$(port_free) control=$(port_free)
	named_address=127.0.0.1:$port
	mkdir -p -m 755 "$named_dir"
	tsig-keygen -a hmac-sha256 updater >"$named_key" || fail "no TSIG key"
	tsig-keygen -a hmac-sha256 stranger >"$tmp/stranger.key" || fail "no TSIG key"
	named_zone test
	named_zone example
	cat "$named_key" "$tmp/stranger.key" - >"$named_dir/named.conf" <<-EOF
		options { directory "$named_dir"; pid-file none; session-keyfile none; listen-on port $port { 127.0.0.1; };
		  listen-on-v6 { none; }; recursion yes; dnssec-validation no; allow-transfer { none; }; notify no; };
		controls { };
		logging { channel all { file "$named_log"; severity info; }; category default { all; };
		  category update { all; }; category update-security { all; }; category queries { all; }; };
		zone "test" { type primary; file "test.zone"; update-policy { grant updater zonesub TXT; }; };
		zone "example" { type primary; file "example.zone"; update-policy { grant updater zonesub TXT; }; };
	EOF
	# As root it is run like its service does not: everything it needs is in a directory of ours.
	named -f -c "$named_dir/named.conf" >"$named_dir/out" 2>&1 &
	named_pid=$!
	cleanup_fn named_stop
	wait_for 20 named_answers
}

named_answers()
{
	dig +short +tries=1 +time=1 -p "${named_address#*:}" @127.0.0.1 test SOA | grep -q ns.test
}

named_update()
{
	{
		printf 'server 127.0.0.1 %s\n' "${named_address#*:}"
		printf '%s\n' "$@" send
	} | nsupdate -k "$named_key" || fail "no update: $*"
}

named_texts()
{
	dig +short +tries=1 +time=2 -p "${named_address#*:}" @127.0.0.1 "$1" TXT | grep '^"' | sort
}

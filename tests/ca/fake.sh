# Sourced after testlib.sh, pebble.sh and acme.sh: the scripted CA on 127.0.0.1.
#
# fake_start [OPTION...]  with further options of fake_acme.py (--ari); sets fake_directory and fake_options (of an issuer, with
#                     a webroot in $tmp/www)
# rules TEXT          what the CA does differently from now on (fake_acme.py); empty: nothing
# fake_stop           a further start makes one that knows nothing of what was
# fake_statistics     {"connections": 1, "requests": 9, ...} since it was asked last
# asked               the requests of the last run, one line each

fake_stop()
{
	kill "$fake_pid" 2>/dev/null
	wait "$fake_pid" 2>/dev/null
}

fake_start()
{
	local port
	requires python3 openssl curl
	[ -f "$tmp/pebble.pem" ] || pebble_make_certificate
	port=$(port_free)
	fake_directory=https://127.0.0.1:$port/directory
	fake_log=$tmp/fake.log
	: >"$tmp/rules"
	: >"$fake_log"
	mkdir -p -m 755 "$tmp/www"
	python3 "$TOP_SRCDIR/tests/ca/fake_acme.py" --port "$port" --cert "$tmp/pebble.pem" --key "$tmp/pebble.key" \
		--ca "$tmp/pebble-ca.pem" --ca-key "$tmp/pebble-ca.key" --rules "$tmp/rules" --log "$fake_log" "$@" 2>"$tmp/fake.err" &
	fake_pid=$!
	cleanup_fn fake_stop
	wait_for 20 curl -sS --noproxy '*' --cacert "$tmp/pebble-ca.pem" -o /dev/null "$fake_directory"
	fake_options="directory = \"$fake_directory\"; agree_to_terms = true; ca_file = \"$tmp/pebble-ca.pem\";
		challenge: { webroot = \"$tmp/www\"; };"
}

fake_statistics()
{
	curl -sS --noproxy '*' --cacert "$tmp/pebble-ca.pem" "${fake_directory%directory}statistics"
}

rules()
{
	printf '%s' "$1" >"$tmp/rules.new"
	mv "$tmp/rules.new" "$tmp/rules"
	: >"$fake_log"
}

asked()
{
	cat "$fake_log"
}

# In the end of each case: the client kept to the rules, and left nothing in the webroot.
well_behaved()
{
	lacks "no rule of the protocol was broken ($1)" "violation" "$(asked)"
	equal "nothing stays in the webroot ($1)" "" "$(find "$tmp/www" -mindepth 1)"
}

# Sourced after testlib.sh: Debian's caddy as a CA (acme_server). It looks for challenges on ports 80 and 443 only, so the
# test runs in a network and a mount namespace of its own, with nothing but loopback and a hosts file of its own.
# Only root can do that.
#
# caddy_namespace     the first thing to call: runs the test anew inside, and ends outside with its status
# caddy_start NAME... these names lead to 127.0.0.1 and ::1; sets
#   caddy_directory   URL of the directory
#   caddy_ca          PEM file with the root of its server and of what it issues
#   caddy_log         its log
# caddy_host ADDRESS NAME  one more, at any time
# caddy_stop, and a further start, go on with the same CA unless $tmp/caddy/data is removed.

caddy_namespace()
{
	local status=0
	[ "${CADDY_INSIDE:-}" != "$$" ] || return 0
	requires_root
	requires unshare ip caddy curl openssl
	unshare --net --mount true 2>/dev/null || skip "no namespace can be made here"
	# shellcheck disable=SC2016 # for the shell inside
	unshare --net --mount bash -c 'export CADDY_INSIDE=$$; ip link set lo up && exec bash "$0"' "$0" || status=$?
	exit "$status"
}

caddy_stop()
{
	[ -z "$caddy_pid" ] || kill "$caddy_pid" 2>/dev/null
	wait "$caddy_pid" 2>/dev/null
	caddy_pid=
}

caddy_host()
{
	printf '%s %s\n' "$1" "$2" >>"$tmp/caddy/hosts"
}

caddy_pid=

caddy_start()
{
	local folder=$tmp/caddy
	mkdir -p "$folder"
	chmod 755 "$tmp" "$folder"
	printf '%s localhost '"$*"'\n' 127.0.0.1 ::1 >"$folder/hosts"
	chmod 644 "$folder/hosts"
	mountpoint -q /etc/hosts || mount --bind "$folder/hosts" /etc/hosts || fail "no hosts file of our own"
	cat >"$folder/Caddyfile" <<-END
		{
			admin off
			skip_install_trust
			auto_https disable_redirects
			http_port 8080
			https_port 9443
			storage file_system $folder/data
		}
		localhost:9443 {
			tls internal
			acme_server
		}
	END
	caddy_directory=https://localhost:9443/acme/local/directory
	caddy_ca=$folder/root.pem
	caddy_log=$folder/log
	HOME=$folder caddy run --config "$folder/Caddyfile" --adapter caddyfile >"$caddy_log" 2>&1 &
	caddy_pid=$!
	cleanup_fn caddy_stop
	wait_for 30 test -s "$folder/data/pki/authorities/local/root.crt"
	cp "$folder/data/pki/authorities/local/root.crt" "$caddy_ca"
	chmod 644 "$caddy_ca"
	wait_for 30 curl -fsS --noproxy '*' --cacert "$caddy_ca" -o "$folder/directory.json" "$caddy_directory"
}

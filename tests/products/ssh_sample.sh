# The sample plugin and a small TLS server on a host that is reached by a real sshd: first installation, nothing to do,
# renewal, drift, rollback, a loopback endpoint that is the host's own.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/faults/sample.sh"
. "$TOP_SRCDIR/tests/products/ssh.sh"
sample_requires
ssh_requires
sample_start
ssh_start

# far [SETTING...]: the target lies on the host.
far()
{
	sample_configure 'host = "far";' "$@"
	ssh_hosts >>"$config"
}
far
run 0 engine check

# --- plan tells and does nothing
before=$(product_state)
run 0 engine plan
contains "plan shows the file there" "$product/key.pem" "$out"
lacks "and no key" "PRIVATE KEY" "$out"
equal "plan changed nothing" "$before" "$(product_state)"

# --- the first installation
run 0 engine apply
first=$(served)
[ -n "$first" ] || fail "nothing is served"
equal "the key is for its owner alone" 600 "$(stat -c %a "$product/key.pem")"
equal "one connection for all that was to be done" 2 "$(ssh_connections)"
run 0 engine verify

# --- a second run: not a byte, not a reload
before=$(find "$product" -type f -printf '%p %T@ %C@ %i\n' | sort)
reloads=$(wc -l <"$product/reloads")
run 0 engine apply
run 0 engine plan --exit-code
equal "a second apply changes no file, not even its time" "$before" "$(find "$product" -type f -printf '%p %T@ %C@ %i\n' | sort)"
equal "nor does it reload" "$reloads" "$(wc -l <"$product/reloads")"

# --- renewal and rollback
run 0 engine apply --force-renew
second=$(served)
[ "$second" != "$first" ] || fail "the renewed certificate is not served"
ok "the renewed certificate is served"
run 0 engine rollback shop
equal "the first is served again" "$first" "$(served)"
run 0 engine rollback shop 2
equal "and the second" "$second" "$(served)"

# --- drift
echo changed >"$product/note"
chmod 644 "$product/key.pem"
run 4 engine verify
run 0 engine apply
run 0 engine verify

# --- the reload fails: all is as before
mv "$tmp/reload" "$tmp/reload.good"
printf '#!/bin/sh\necho refused >&2\nexit 3\n' >"$tmp/reload"
chmod 755 "$tmp/reload"
before=$(product_state)
run 1 engine apply --force-renew
contains "what the command said is told" "refused" "$err$out"
equal "the files are as before" "$before" "$(product_state)"
equal "and what is served" "$second" "$(served)"
mv "$tmp/reload.good" "$tmp/reload"
run 0 engine apply
equal "no temporary is left" "" "$(find "$product" -name '.certengine*')"
equal "no journal is left" "" "$(find "$tmp/root" -path '*journal/*' ! -name kept)"
finish

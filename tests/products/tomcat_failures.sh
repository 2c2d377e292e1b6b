# A renewal that goes wrong at each step after the files were written: the run fails and says where, every file is
# byte for byte what it was, and the old certificate is served. The next run tries again with the certificate it has.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/products/tomcat.sh"
tomcat_requires
tomcat_create
conf=$tomcat_base/conf

# as_before STEP: after a failed run
as_before()
{
	contains "the message names the target" "shop/web" "$out$err"
	contains "the message names the step" "failed at $1" "$out$err"
	equal "every file is as before" "$before" "$(tree_bytes "$tomcat_base")"
	equal "what is served is as before" "$old" "$(served)"
}

# --- the very first installation fails: plain http as before, and no connector is left behind
tomcat_start
before=$(tree_bytes "$tomcat_base")
old=
touch "$tomcat_base/fail"
tomcat_configure
run 1 engine apply
as_before reload
wait_for 10 tomcat_answers
ok "plain http is served as before"

# --- the next run installs the certificate that was issued then
equal "one certificate was issued" 1 "$(generations)"
run 0 engine apply
equal "and the same is deployed now" 1 "$(generations)"
old=$(served)
[ -n "$old" ] || fail "nothing is served"
before=$(tree_bytes "$tomcat_base")

# --- the reload command fails
touch "$tomcat_base/fail"
run 1 engine apply --force-renew
as_before reload
equal "a second certificate was issued" 2 "$(generations)"

# --- Tomcat is stopped and does not come up
deadline=8
touch "$tomcat_base/die"
tomcat_configure
run 1 engine apply
as_before verify
equal "no further certificate was issued" 2 "$(generations)"

# --- the command is content, but Tomcat goes on serving what it had
deadline=4 restart=/bin/true
tomcat_configure
run 1 engine apply
as_before verify
run 4 engine verify
run 0 engine status
contains "status tells of the failure" verify "$out"

# --- Tomcat refuses the store: by a mistake in the configuration its account could not read the new one, and sslReload
# answers 500
deadline=10 restart=
if [ "$(id -u)" = 0 ]; then
	tomcat_configure "$(tomcat_by_manager)" 'owner = "root"; group = "root"; mode = "0600";'
	run 1 engine apply
	as_before reload
	contains "the message says what Tomcat said" 500 "$out$err"
fi

# --- without all that the certificate of long ago goes in
tomcat_configure "$(tomcat_by_manager)"
run 0 engine apply
equal "still the same certificate" 2 "$(generations)"
[ "$(served)" != "$old" ] || fail "the old certificate is still served"
run 0 engine verify

# --- somebody else listens on the port of a first installation
old=$(served) before=
other=$(port_free)
python3 -m http.server --bind 127.0.0.1 "$other" >/dev/null 2>&1 &
cleanup_fn kill $!
before=$(tree_bytes "$tomcat_base")
taken=$tomcat_https tomcat_https=$other deadline=3
tomcat_configure
tomcat_https=$taken
run 1 engine apply
equal "every file is as before" "$before" "$(tree_bytes "$tomcat_base")"
wait_for 30 fetch
equal "the other connector serves on" "$old" "$(served)"
finish

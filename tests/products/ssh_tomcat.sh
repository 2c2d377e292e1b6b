# A real Tomcat on a host that is reached by a real sshd: its version is read from the jar there, the first certificate,
# nothing to do, renewal, a rollback, drift; and what the manager at a loopback address is.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/products/tomcat.sh"
. "$TOP_SRCDIR/tests/products/ssh.sh"
tomcat_requires
ssh_requires
tomcat_create
tomcat_start
ssh_start

far()
{
	tomcat_configure 'host = "far";' "$@"
	ssh_hosts >>"$config"
}
far
before=$(tree_state "$tomcat_base")
run 0 engine plan
contains "plan shows the connector" "$tomcat_https" "$out"
equal "plan changed no file" "$before" "$(tree_state "$tomcat_base")"

# --- the first installation
run 0 engine apply
first=$(served)
[ -n "$first" ] || fail "nothing is served on port $tomcat_https"
equal "the page comes over https" "the page of the shop" "$(fetch)"
equal "Tomcat was restarted once" 2 "$(tomcat_starts)"
store=$(connector_value certificateKeystoreFile)
equal "the keystore is closed to others" "$(stat -c '640 %u:%g' "$tomcat_base/conf/server.xml")" "$(stat -c '%a %u:%g' "$store")"

# --- nothing to do
before=$(tree_state "$tomcat_base")
run 0 engine apply
run 0 engine verify
equal "a second apply changes no file, not even its time" "$before" "$(tree_state "$tomcat_base")"
equal "nor does it restart" 2 "$(tomcat_starts)"

# --- renewal, drift
run 0 engine apply --force-renew
second=$(served)
[ -n "$second" ] && [ "$second" != "$first" ] || fail "the renewed certificate is not served"
ok "the renewed certificate is served"
openssl rand 500 >"$store"
run 4 engine verify
run 0 engine apply
run 0 engine verify

# --- the restart fails: everything is as before
before=$(tree_bytes "$tomcat_base")
touch "$tomcat_base/fail"
run 1 engine apply --force-renew
contains "what the command said is told" "Job for tomcat failed" "$out$err"
equal "every file is as before" "$before" "$(tree_bytes "$tomcat_base")"
equal "what is served is as before" "$second" "$(served)"

# --- the manager answers at the host itself alone
far "$(tomcat_by_manager)"
run 1 engine apply
contains "a loopback address of another host is not asked from here" "is an address of host '$ssh_url' itself" "$out$err"
equal "what is served is as before" "$second" "$(served)"
finish

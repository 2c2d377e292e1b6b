# The WebSocket server of FME Flow (a stand-in: websocket.sh says for what) on a host that is reached by a real sshd: the first
# certificate, nothing to do, renewal, drift, and a failure of the script that makes definitions known there.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/products/websocket.sh"
. "$TOP_SRCDIR/tests/products/ssh.sh"
websocket_requires
ssh_requires
websocket_create
websocket_start
ssh_start
target 'host = "far";'
ssh_hosts >>"$config"

# --- the script fails there: everything is as before
before=$(tree_bytes)
touch "$fme/fail-subscribers"
run 1 engine apply
contains "the script's own words are told" "no answer from the database" "$out$err"
equal "every file is as before" "$before" "$(tree_bytes)"
wait_for 10 websocket_answers

# --- the first installation, proven by a WebSocket that is asked for there
run 0 engine apply
first=$(served)
equal "a WebSocket is served over TLS" 101 "$(upgrade https)"
contains "the definitions are known" current "$(known publishers)"
before=$(tree_state)
run 0 engine apply
run 0 engine verify
equal "a second apply changes no file, not even its time" "$before" "$(tree_state)"

# --- renewal, drift
run 0 engine apply --force-renew
second=$(served)
[ "${second:-none}" != "$first" ] || fail "the renewed certificate is not served"
before=$(tree_bytes)
sed -i 's/^WEBSOCKET_ENABLE_SSL=true/WEBSOCKET_ENABLE_SSL=false/' "$fme/Server/$publisher_file"
run 4 engine verify
run 0 engine apply
equal "drift is mended" "$before" "$(tree_bytes)"
finish

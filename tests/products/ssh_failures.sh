# Accidents with a host that is reached by SSH: killed at every step, cut off in the middle, not to be reached at all.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/faults/sample.sh"
. "$TOP_SRCDIR/tests/products/ssh.sh"
sample_requires
ssh_requires
sample_start
ssh_start

far()
{
	sample_configure 'host = "far";' "$@"
	ssh_hosts >>"$config"
}
far
temporaries()
{
	find "$product" -name '.certengine*'
}

# --- killed at some of the calls of a first installation and of a renewal; the next run makes all whole
killed_at_some()
{
	local what=$1 total n
	shift
	sample_save
	total=$(count_calls "$changing_calls" "$@")
	for ((n = 1; n <= total; n += 1 + total / ${CE_TEST_KILLS:-14})); do
		sample_restore
		with_fault "only:$changing_calls,kill:$n" "$@"
		equal_quietly "$what, call $n: killed" 137 "$status"
		with_fault "" apply
		[ "$status" = 0 ] || fail "$what, call $n: the next run ended with $status: $(cat "$tmp/.said")"
		sample_judge "$what, call $n"
	done
	ok "$what: killed at some of $total calls, whole after the next run"
}
killed_at_some "first installation" -q apply
killed_at_some "renewal" -q apply --force-renew

# --- the connection is cut while the reload runs: the rollback connects once more
good=$tmp/reload.good
cp "$tmp/reload" "$good"
cat >"$tmp/cutting" <<-CUT
#!/bin/sh
# Once: ends the connection that it came by.
if [ ! -e $tmp/cut ]; then touch $tmp/cut; kill -KILL \$PPID; sleep 1; exit 1; fi
exec $good
CUT
chmod 755 "$tmp/cutting"
cat >"$tmp/reload" <<-RELOAD
#!/bin/sh
exec $tmp/cutting
RELOAD
before=$(product_state) old=$(served)
run 1 engine apply --force-renew
contains "the lost connection is told" "connection" "$out$err"
equal "all files are as before" "$before" "$(product_state)"
equal "and what is served" "$old" "$(served)"
equal "no temporary is left" "" "$(temporaries)"
run 0 engine apply
run 0 engine verify

# --- the server goes away while the reload runs, and does not come back: the journal waits for it
rm -f "$tmp/cut"
cat >"$tmp/reload" <<-RELOAD
#!/bin/sh
[ -e $tmp/cut ] && exec $good
touch $tmp/cut
kill \$(cat $ssh_dir/pid)
kill -KILL \$PPID
RELOAD
before=$(product_state) old=$(served)
run 5 engine apply --force-renew
contains "it is said what will come" "the next run takes it back" "$out$err"
[ "$(product_state)" != "$before" ] || fail "the new files are not there: nothing was tested"
run 5 engine apply
contains "a host that cannot be reached keeps its journal" "waits to be repaired until its host can be reached" "$out$err"
ssh_pid=
ssh_again
run 0 engine apply
equal "no temporary is left" "" "$(temporaries)"
run 0 engine verify
equal "no journal is left" "" "$(ls -A "$(state_directory)/journal")"

# --- such a host keeps nobody else from getting what is due
cp "$good" "$tmp/reload"
mkdir "$tmp/near"
python3 "$TOP_SRCDIR/tests/faults/tls_server.py" "$tmp/near" >>"$tmp/server.log" 2>&1 &
cleanup_fn kill $!
wait_for 20 test -s "$tmp/near/port"
near="near: { plugin = \"sample\"; key_file = \"$tmp/near/key.pem\"; cert_file = \"$tmp/near/chain.pem\";"
near="$near reload = [ \"/bin/sh\", \"-c\", \"kill -HUP $(cat "$tmp/near/pid"); sleep 1\" ]; port = $(cat "$tmp/near/port"); };"
sed -i "s|^      it: {|      $near\n&|" "$config"
ssh_stop
begin=$SECONDS
run 3 engine apply --force-renew
[ $((SECONDS - begin)) -lt 30 ] || fail "it took $((SECONDS - begin)) seconds"
contains "the one that cannot be reached is told" "host '$ssh_url'" "$out$err"
contains "the healthy one is deployed" "2 targets (1 deployed, 1 failed)" "$out$err"
ssh_again
run 0 engine apply
run 0 engine verify


# --- a host that answers nothing at all
python3 -c 'import socket, time
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(5); print(s.getsockname()[1], flush=True); time.sleep(600)' >"$tmp/mute" &
cleanup_fn kill $!
wait_for 10 test -s "$tmp/mute"
sed -i "s|url = .*|url = \"ssh://root@127.0.0.1:$(cat "$tmp/mute")\";|; s|timeout = .*|timeout = 2;|" "$config"
begin=$SECONDS
run 3 engine verify
[ $((SECONDS - begin)) -lt 25 ] || fail "it took $((SECONDS - begin)) seconds"
ok "a host that answers nothing is given up in time"
finish

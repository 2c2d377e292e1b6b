#!/bin/bash
# Another run holds the lock.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
requires "$certengine" python3

configure <<'END'
issuers: { house: { kind = "local"; }; };
certificates: { shop: { issuer = "house"; names = [ "shop.example.com" ]; }; };
END
run 0 ce apply
lock=$root$TOP_BUILDDIR/tests/root/run/certengine/lock
[ -e "$lock" ] || fail "there is no lock at $lock"

# An open file description lock, as the program itself takes it.
python3 - "$lock" "$tmp/held" <<'END' &
import fcntl, struct, sys, time
f = open(sys.argv[1], "r+b")
fcntl.fcntl(f, 37, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0))
open(sys.argv[2], "w").close()
time.sleep(600)
END
holder=$!
cleanup_fn kill "$holder"
wait_for 10 test -e "$tmp/held"

run 6 ce apply --lock-wait 0
contains "the lock is named" "lock" "$err"

# A run that waits ends soon after a signal, not when the other run does.
"$certengine" --root "$root" apply --lock-wait 300 >"$tmp/waiting" 2>&1 &
waiting=$!
# It is the program, no longer the shell's child, and catches signal 15 (a bit of these).
wait_for 10 [ "/proc/$waiting/exe" -ef "$certengine" ]
wait_for 10 grep -q "^SigCgt:.*[4567cdef]...$" "/proc/$waiting/status"
begun=$SECONDS
kill -TERM "$waiting"
got=0
wait "$waiting" || got=$?
equal "the status says which signal" 143 "$got"
[ $((SECONDS - begun)) -lt 30 ] || fail "it waited on for $((SECONDS - begun)) s"
ok "it did not wait for the other run"

run 0 ce plan
run 0 ce status
ok "looking needs no lock"
finish

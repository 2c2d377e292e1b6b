# From nothing to a served certificate; a second run changes nothing; renewals; names, force and exit statuses.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/engine/enginelib.sh"

server web
server mail
server idle
certificates "$(certificate shop "$(target web web) $(target mail mail)")
$(certificate spare "$(target idle idle)")"

# A plan from nothing writes nothing, not even the state directory.
engine 0 plan
contains "the plan says why" "there is no certificate yet" "$out"
contains "the plan shows what would be written" "$tmp/web/cert.pem" "$out"
lacks "the plan shows no key" "PRIVATE KEY" "$out"
engine 4 plan --exit-code
engine 0 status
equal "looking makes nothing" '' "$(made)"
equal "looking installs nothing" '' "$(ls "$tmp"/web/*.pem 2>/dev/null)"
engine 4 verify
equal "verify makes nothing" '' "$(made)"

# Names on the command line: a target, a certificate, neither.
engine 0 apply shop/web
proven "the target that was named" shop web
equal "its neighbour was left alone" 0 "$(calls mail)"
equal "the other certificate was not requested" '' "$(ls -d "$state/certificates/spare" 2>/dev/null)"
engine 0 apply shop
proven "the rest of the certificate" shop mail
equal "what was done is not done again" 1 "$(calls web)"
engine 2 apply nobody
contains "an unknown name is named" "'nobody'" "$err"
engine 2 apply shop/nobody
contains "an unknown target is named" "'shop/nobody'" "$err"
engine 2 apply shop nobody
engine 0 apply
proven "the rest" spare idle
engine 0 verify
no_traces "all is deployed"

# Idempotence (P4): no file is written, nothing is reloaded, nothing issued.
before=$(picture web; picture mail; picture idle)
store=$(find "$state" -type f -printf '%p %i %T@ %C@\n' | sort)
engine 0 apply
engine 0 apply --exit-code
engine 0 plan --exit-code
engine 0 verify
engine 0 -q apply
equal "quiet success says nothing" '' "$out$err"
equal "a second apply touches no installed file" "$before" "$(picture web; picture mail; picture idle)"
equal "a second apply writes nothing into the store" "$store" \
	"$(find "$state" -type f -printf '%p %i %T@ %C@\n' | sort)"
equal "a second apply reloads nothing" "1 1 1" "$(calls web) $(calls mail) $(calls idle)"

# Renewal.
old=$(live shop)
engine 0 plan --force-renew shop
contains "a plan of a renewal says so" "renewal was asked for" "$out"
equal "a plan renews nothing" "$old" "$(live shop)"
engine 4 apply --force-renew --exit-code shop
equal "there is a new generation" 2 "$(generation shop)"
[ "$old" != "$(live shop)" ] || fail "the renewed certificate is the old one"
proven "renewed" shop web
proven "renewed" shop mail
equal "only what was named was renewed" 1 "$(generation spare)"
[ "$(sha256sum <"$state/certificates/shop/generations/1/key.pem")" != \
	"$(sha256sum <"$state/certificates/shop/generations/2/key.pem")" ] || fail "the renewal uses the old key"
engine 0 apply --exit-code

# The configuration changes: what is due follows.
certificates "$(certificate shop "$(target web web) $(target mail mail)" 'key = "rsa-2048";')
$(certificate spare "$(target idle idle)")"
engine 0 apply shop
contains "another kind of key is a reason" "key is not of the configured kind" "$out"
proven "with another kind of key" shop web
contains "the key is of the kind" "rsaEncryption" "$(openssl x509 -in "$tmp/web/cert.pem" -noout -text)"

# Force, split in three.
before=$(bytes web)
engine 0 apply --force-reload shop/web
equal "a forced reload reloads" 4 "$(calls web)"
equal "and touches no file" "$before" "$(bytes web)"
engine 0 apply --force-deploy shop/web
equal "a forced deployment reloads" 5 "$(calls web)"
proven "after a forced deployment" shop web
engine 2 apply --force

# Generations are kept, the oldest go.
for _ in 1 2 3 4; do
	engine 0 apply --force-renew spare
done
equal "five generations are kept" "1 2 3 4 5" "$(ls "$state/certificates/spare/generations" | sort -n | tr '\n' ' ' | sed 's/ $//')"
engine 0 apply --force-renew spare
equal "then the oldest goes" "2 3 4 5 6" "$(ls "$state/certificates/spare/generations" | sort -n | tr '\n' ' ' | sed 's/ $//')"
proven "after many renewals" spare idle

# Verification as it is configured: other endpoints than the plugin's, or none, with a reason.
dir=$tmp/mail
endpoint="127.0.0.1:$(cat "$dir/port")"
files="cert_file = \"$dir/cert.pem\"; key_file = \"$dir/key.pem\"; reload = [ \"$dir/reload\" ];"
certificates "$(certificate post "$(bare mail "$files port = 1; verify: { deadline = 1; endpoints = [ \"$endpoint\" ]; };")")"
engine 0 apply
proven "at a configured endpoint" post mail
engine 0 apply --exit-code
engine 0 verify
contains "verify names it" "port $(cat "$dir/port") as post.example.test: serves it" "$out"
certificates "$(certificate post "$(bare mail "$files port = 1; verify: { off = \"a load balancer hides it\"; };")")"
calls=$(calls mail)
engine 0 apply --force-renew
contains "a deployment without proof says so" "1 unverified" "$out"
equal "it is installed" "$(live post)" "$(fingerprint "$dir/cert.pem")"
engine 0 apply --exit-code
engine 0 verify
equal "without proof nothing is reloaded twice" $((calls + 1)) "$(calls mail)"
certificates "$(certificate post "$(bare mail "$files")")"
engine 0 apply --force-renew
contains "so does one without endpoints" "1 unverified" "$out"
engine 0 apply --exit-code
equal "without endpoints nothing is reloaded twice" $((calls + 2)) "$(calls mail)"
certificates "$(certificate spare "$(target idle idle)")"

# Two runs at once: the second waits, or says that it could not.
echo hang >"$tmp/idle/moods"
"$certengine" -c "$conf" --root "$root" apply --force-reload spare >/dev/null 2>&1 &
first=$!
wait_for 10 test -s "$tmp/idle/calls" -a ! -s "$tmp/idle/moods"
engine 6 apply --lock-wait 0
contains "the lock is told" "another run" "$err"
engine 0 status
engine 6 rollback --lock-wait 0 spare
engine 6 recover --lock-wait 0
kill -9 "$first"
wait "$first" 2>/dev/null
engine 0 apply --lock-wait 0
ok "the lock died with its process"
finish

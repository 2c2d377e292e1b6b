#!/bin/bash
# What a run left for the next one is damaged by a disk or a hand, or was cut off by a kill: one sentence each, no key is lost,
# no account is made behind anybody's back, nothing is left in a webroot.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/ca/pebble.sh"
. "$TOP_SRCDIR/tests/ca/fake.sh"
requires openssl "$certengine"

fake_start
program=$tmp/program
printf '#!/bin/sh\ncat >%q/seen\necho 1; echo order-42; exit 75\n' "$tmp" >"$program"
chmod 0755 "$program"
configure <<END
issuers: { ca: { kind = "acme"; $fake_options }; portal: { kind = "manual"; }; tool: { kind = "command"; command = [ "$program" ]; }; };
certificates: { shop: { issuer = "ca"; names = [ "shop.test" ]; }; man: { issuer = "portal"; names = [ "man.test" ]; };
  cmd: { issuer = "tool"; names = [ "cmd.test" ]; }; };
END
run 7 ce apply
cp -a "$state" "$tmp/good"

restore()
{
	rm -rf "${state:?}"
	cp -a "$tmp/good" "$state"
}

# damage HOW FILE
damage()
{
	case $1 in
	garbage) printf 'no\001such\377thing' >"$2" ;;
	empty) : >"$2" ;;
	gone) rm "$2" ;;
	esac
}

key_of_request()
{
	openssl req -in "$1" -noout -pubkey -verify 2>/dev/null || fail "'$1' is no request"
}

# A request that waits: its key outlives whatever else of it is damaged, since the CA's answer belongs to it.
wanted=$(key_of_request "$state/requests/man.csr.pem")
for part in csr.der state; do
	for how in garbage empty gone; do
		[ "$part $how" != "state gone" ] || continue # as after a kill before anybody was asked
		restore
		damage "$how" "$state/certificates/man/pending/$part"
		damage "$how" "$state/certificates/cmd/pending/$part"
		CE_FAULT=now:60 run 7 ce apply --force-renew man cmd
		for name in man cmd; do
			contains "$part $how: it is told of '$name'" "the request under way for certificate '$name' is damaged and is made again for the same key" "$err"
		done
		equal "$part $how: the request is for the same key" "$wanted" "$(key_of_request "$state/requests/man.csr.pem")"
		run 0 openssl req -in "$tmp/seen" -noout -verify
		run 7 ce apply man
		lacks "$part $how: once" "damaged" "$err"
	done
done
restore
damage garbage "$state/certificates/man/pending/key.pem"
run 7 ce apply man
contains "a key that is lost is told" "the key of the request under way for certificate 'man' is damaged" "$err"
restore
sed -i 's/{.*/{"id/' "$state/certificates/cmd/pending/state"
run 7 ce apply --force-renew cmd
contains "what a program wanted to remember" "the record of the request that waits for certificate 'cmd' is damaged" "$err"

# What came of asking, with members missing: it counts as absent.
for member in issuer class; do
	restore
	sed -i "s/\"$member\": \"[a-z]*\"/\"$member\": null/" "$state/certificates/cmd/issue.json"
	for command in status plan "apply --force-renew"; do
		# shellcheck disable=SC2086 # words on purpose
		"$certengine" --root "$root" $command cmd >"$tmp/.out" 2>&1
		[ $? != 1 ] || fail "'$command' with an attempt without $member: $(cat "$tmp/.out")"
		contains "$command: an attempt without $member is told" "is damaged in its record and counts as absent" "$(cat "$tmp/.out")"
		restore
		sed -i "s/\"$member\": \"[a-z]*\"/\"$member\": null/" "$state/certificates/cmd/issue.json"
	done
done

# Times that no clock shows.
for moment in 9223372036854775807 -9223372036854775808; do
	restore
	sed -i "s/\"fetched_at\":[0-9]*/\"fetched_at\":$moment/" "$state/issuers/ca/directory"
	sed -i "s/\"since\":[0-9]*/\"since\":$moment/" "$state/certificates/man/pending/state"
	"$certengine" --root "$root" apply --force-renew shop man >"$tmp/.out" 2>&1
	lacks "the time $moment is no harm" "runtime error" "$(cat "$tmp/.out")"
done

# The account's key is gone.
restore
rm "$state/issuers/ca/account.key"
rules ''
run 1 ce apply --force-renew shop
contains "a key that is gone is told" "the account key of issuer 'ca' is gone while the record of its account is there" "$out"
lacks "no other account is made" "POST account" "$(asked)"
run 0 ce account new --yes ca
run 0 ce apply --force-renew shop

# A run that is killed while it answers challenges: whatever step it had reached, the next one leaves nothing.
n=0
while :; do
	n=$((n + 1))
	restore
	CE_FAULT=only:openat+renameat2+unlinkat+mkdirat,kill:$n ce apply --force-renew shop >/dev/null 2>&1
	[ $? = 137 ] || break
	[ ! -e "$state/issuers/ca/presented" ] || cp "$state/issuers/ca/presented" "$tmp/presented"
	[ -e "$state/issuers/ca/presented" ] || [ -n "$(find "$tmp/www" -mindepth 1)" ] || continue
	ce apply --force-renew shop >"$tmp/.out" 2>&1 || fail "after a kill at step $n: $(cat "$tmp/.out")"
	equal "killed at step $n: no file stays in the webroot" "" "$(find "$tmp/www" -type f)"
done
[ -e "$tmp/presented" ] || fail "no run was killed while responses were in place"

# One that a signal ends while the first of two hooks runs: what was added is removed, and nothing else is noted or removed.
calls=$tmp/calls
hook=$tmp/hook
printf '#!/bin/sh\necho "$1" >>%q\nsleep 1\n' "$calls" >"$hook"
chmod 0755 "$hook"
configure <<END
issuers: { ca: { kind = "acme"; directory = "$fake_directory"; agree_to_terms = true; ca_file = "$tmp/pebble-ca.pem";
  challenge: { kind = "dns-01"; hook = "$hook"; }; }; };
certificates: { two: { issuer = "ca"; names = [ "two.test", "*.two.test" ]; }; };
END
for signal in INT TERM; do
	restore
	: >"$calls"
	"$certengine" --root "$root" apply two >"$tmp/interrupted" 2>&1 &
	pid=$!
	wait_for 20 test -s "$calls"
	kill -s "$signal" $pid
	status=0
	wait $pid || status=$?
	[ "$status" -gt 128 ] || fail "$signal: the run ended with $status: $(cat "$tmp/interrupted")"
	equal "$signal: what was added is removed" "add remove" "$(xargs <"$calls")"
	[ ! -e "$state/issuers/ca/presented" ] || fail "$signal: something is noted: $(cat "$state/issuers/ca/presented")"
	lacks "$signal: the network process says nothing" "certengine-net" "$(cat "$tmp/interrupted")"
done
configure <<END
issuers: { ca: { kind = "acme"; $fake_options }; };
certificates: { shop: { issuer = "ca"; names = [ "shop.test" ]; }; };
END

# What it noted is damaged: the next run says so, goes on, and keeps it for whoever looks.
for how in garbage empty; do
	restore
	damage "$how" "$state/issuers/ca/presented"
	kept=$(sha256sum <"$state/issuers/ca/presented")
	run 0 ce apply --force-renew shop
	contains "$how: a damaged note is told" "the record 'presented' is damaged" "$err"
	equal "$how: and kept" "$kept" "$(sha256sum <"$state/issuers/ca/presented.damaged")"
	run 0 ce apply --force-renew shop
	lacks "$how: once" "damaged" "$err"
done
finish

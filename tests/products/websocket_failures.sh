# Installing at the WebSocket server of FME Flow (a stand-in: websocket.sh says for what) goes wrong at each step, or is
# killed at one: every file is as before, what was made known to FME Flow is as before, and so is what is served.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/products/websocket.sh"
websocket_requires
websocket_create
mkdir "$tmp/first"
cp -a "$fme" "$tmp/first/"
websocket_start
target

# as_before STEP: after a failed run
as_before()
{
	contains "the message names the target and the step" "failed at $1" "$(grep -h 'shop/events' <<<"$out$err")"
	equal "every file is as before" "$before" "$(tree_bytes)"
	equal "what is served is as before" "$old" "$(served)"
	wait_for 10 websocket_answers "$scheme"
}

# --- the very first installation fails at each part of the reload: plain text as before, and no file is left behind
before=$(tree_bytes) old='' scheme=http
for part in fail-publishers fail-subscribers fail die; do
	touch "$fme/$part"
	deadline=3
	target
	run 1 engine apply
	case $part in
	die) as_before verify ;;
	fail) as_before reload ;;
	*)
		as_before reload
		contains "the script's own words are told" "${part#fail-}_command: '" "$out$err"
		contains "all of them" "no answer from the database" "$out$err"
		;;
	esac
	[ ! -e "$fme/$part" ] || fail "$part was not met"
	for kind in publishers subscribers; do
		contains "$kind are known with ws: again, after $part" current "$(known "$kind")"
	done
done

# --- TLS is served, but no WebSocket; or it goes on in plain text too
touch "$fme/deaf"
run 1 engine apply
contains "2 the message says what is wrong" "instead of 101" "$out$err"
equal "every file is as before" "$before" "$(tree_bytes)"
rm "$fme/deaf"
touch "$fme/both"
run 1 engine apply
contains "3 the message says what is wrong" "still works in plain text" "$out$err"
as_before verify
rm "$fme/both"
equal "one certificate was issued" 1 "$(generations)"

# --- without all that it goes in; then the renewals that fail
deadline=20
target
run 0 engine apply
equal "the certificate of then is deployed" 1 "$(generations)"
old=$(served) before=$(tree_bytes) scheme=https
[ -n "$old" ] || fail "nothing is served"
marks="$(known publishers) $(known subscribers)"
touch "$fme/fail"
run 1 engine apply --force-renew
as_before reload
deadline=3
target
touch "$fme/die"
run 1 engine apply
as_before verify
restart=/bin/true
target
run 1 engine apply
contains "9 a Core that was not restarted is noticed" "failed at verify" "$out$err"
equal "every file is as before" "$before" "$(tree_bytes)"
equal "definitions that did not change were not made known again" "$marks" "$(known publishers) $(known subscribers)"
restart=''

# --- 6: by a mistake in the configuration the Core's account cannot read the keystore
if [ "$(id -u)" = 0 ]; then
	target 'owner = "root"; group = "root"; mode = "0600";'
	run 1 engine apply
	as_before verify
fi
deadline=20
target
run 0 engine apply
equal "no further certificate was issued" 2 "$(generations)"

# --- killed around each switch of the first installation, during the reload and before the proof: the next run repairs
calls=openat+write+fsync+renameat2+unlinkat+fork
# anew: an installation and an engine as on the first day
anew()
{
	"$fme_ctl" stop
	rm -rf "$fme" "$tmp/root"
	cp -a "$tmp/first/fmeflow" "$fme"
	websocket_start
}
anew
CE_FAULT="only:$calls,trace:$tmp/trace" "$certengine" -c "$config" --root "$tmp/root" -q apply 2>/dev/null ||
	fail "the installation that is traced failed"
mapfile -t switches < <(grep -nE 'renameat2 (shop-websocket.p12|fmeWebSocketConfig.txt|websocket.properties|[a-z]*Properties.xml)$' \
	"$tmp/trace" | cut -d: -f1)
[ ${#switches[@]} -ge 6 ] || fail "there are ${#switches[@]} switches in the trace, not 6"
last=${switches[-1]}
total=$(wc -l <"$tmp/trace")
forks=$(grep -n fork "$tmp/trace" | cut -d: -f1 | awk -v last="$last" '$1 > last' | head -n 3)
for point in "${switches[@]}" $((last + 1)) $forks $((total - 3)); do
	anew
	CE_FAULT="only:$calls,kill:$point" "$certengine" -c "$config" --root "$tmp/root" -q apply >/dev/null 2>&1 &&
		fail "call $point: the run was not killed"
	run 0 engine apply
	run 0 engine verify
	equal "call $point of $total: the store is what is served" "$(served)" \
		"$(openssl pkcs12 -in "$fme/Server/shop-websocket.p12" -nokeys -clcerts -passin \
			"pass:$(directives "$server_file" | sed -n 's/.*PASSWORD=//p')" 2>/dev/null | fingerprint /dev/stdin)"
	equal "all three files say the same" "1 3" "$(for file in "$server_file" "$publisher_file" "$subscriber_file"; do
		directives "$file" | sha256sum
	done | sort | uniq | wc -l) $(directives "$subscriber_file" | wc -l)"
	contains "and the definitions that are there are known" "current" "$(known publishers)"
	contains "of both" "current" "$(known subscribers)"
	equal "a WebSocket is served over TLS" 101 "$(upgrade https)"
	equal "no temporary file is left" "" "$(find "$fme" -name '.*' -type f)"
done
finish

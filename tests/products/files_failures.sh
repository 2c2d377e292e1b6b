# Files for a real nginx, when a step goes wrong or the engine is killed, and what is refused before anything is done.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/products/nginx.sh"
nginx_requires
nginx_create
nginx_start
tls=$nginx_base/tls
files="key = \"$tls/shop.key\"; fullchain = \"$tls/shop.crt\"; endpoints = [ \"127.0.0.1:$nginx_https\" ];"
check="check_command = [ \"$nginx_ctl\", \"test\" ];"
reload="reload_command = [ \"$nginx_ctl\", \"reload\" ];"

# as_before STEP: after a failed run
as_before()
{
	contains "the message names the target and the step" "failed at $1" "$(grep -h 'shop/web' <<<"$out$err")"
	equal "every file is as before" "$before" "$(tree_bytes)"
	equal "what is served is as before" "$old" "$(served)"
}

# --- the very first installation fails: no file is left behind
nginx_tls tls.conf "ssl_certificate $tls/shop.crt;" "ssl_certificate_key $tls/shop.key;"
before=$(tree_bytes) old=
touch "$nginx_base/fail"
target files "$files $check $reload"
run 1 engine apply
as_before reload
nginx_answers || fail "the plain server does not answer"
run 0 engine apply
equal "the certificate of then is deployed" 1 "$(generations)"
old=$(served)
[ -n "$old" ] || fail "nothing is served"
before=$(tree_bytes)

# --- the check fails: nginx is not told to load anything
reloads=$(nginx_reloads)
echo 'nonsense;' >"$nginx_base/sites/broken.conf"
broken=$(tree_bytes)
run 1 engine apply --force-renew
contains "the message says what nginx said" nonsense "$out$err"
equal "every file is as before" "$broken" "$(tree_bytes)"
equal "no reload was asked for" "$reloads" "$(nginx_reloads)"
rm "$nginx_base/sites/broken.conf"
equal "what is served is as before" "$old" "$(served)"

# --- the reload fails, or does nothing
touch "$nginx_base/fail"
run 1 engine apply
as_before reload
deadline=2
target files "$files reload_command = [ \"/bin/true\" ];"
run 1 engine apply
as_before verify
deadline=10
target files "$files $check $reload"
run 0 engine apply
equal "no further certificate was issued" 2 "$(generations)"

# --- killed around each switch, before the reload and before the proof
calls=openat+write+fsync+renameat2+unlinkat+fork
CE_FAULT="only:$calls,trace:$tmp/trace" "$certengine" -c "$config" --root "$tmp/root" -q apply --force-renew ||
	fail "the renewal that is traced failed"
switch=$(grep -n "renameat2 shop" "$tmp/trace" | head -n 1 | cut -d: -f1)
total=$(wc -l <"$tmp/trace")
[ -n "$switch" ] || fail "the switch of the key is not in the trace"
for point in $((switch - 1)) "$switch" $((switch + 1)) $((switch + 3)) $(((switch + total) / 2)) $((total - 3)); do
	[ "$point" -le "$total" ] || continue
	CE_FAULT="only:$calls,kill:$point" "$certengine" -c "$config" --root "$tmp/root" -q apply --force-renew \
		>/dev/null 2>&1 && fail "call $point: the run was not killed"
	[ -n "$(served)" ] || fail "call $point: nothing is served after the kill"
	run 0 engine apply
	run 0 engine verify
	equal "call $point of $total: what is installed is served" "$(fingerprint "$tls/shop.crt")" "$(served)"
	equal "and its key fits" "$(openssl pkey -in "$tls/shop.key" -pubout)" \
		"$(openssl x509 -in "$tls/shop.crt" -noout -pubkey)"
	equal "no temporary file is left" "" "$(find "$tls" -name '.*' -type f)"
done

# --- refused before anything is done; refused STATUS SETTINGS WORDS
refused()
{
	target files "$2"
	before=$(tree_state)
	run "$1" engine apply
	contains "it says why" "$3" "$out$err"
	equal "no file changed" "$before" "$(tree_state)"
}
refused 1 "unit = \"x.service\";" "no file is named"
refused 1 "key = \"$tls/a\"; leaf = \"$tls/a\";" "the same file"
refused 1 "$files mode = \"0644\";" "opens the private key"
refused 1 "$files mode = \"rw\";" "is no mode"
refused 1 "$files public_mode = \"9\";" "public_mode"
refused 1 "$files password = \"geheim99\";" "names a keystore"
refused 1 "pkcs12 = \"$tls/a.p12\";" "either 'password' or 'password_file'"
refused 1 "pkcs12 = \"$tls/a.p12\"; password = \"short\";" "6 printable"
refused 1 "jks = \"$tls/a.jks\"; password = \"geheim99\"; alias = \"Shop\";" "lower case"
refused 1 "$files reload_command = [ \"nginx\", \"-s\", \"reload\" ];" "absolute path"
refused 1 "$files unit = \"-x\";" "no name of a systemd unit"
refused 1 "key = \"$tls/a\"; endpoints = [ \"nowhere\" ];" "must be"
refused 1 "key = \"$tls/nowhere/a\";" "$tls/nowhere"
printf 'x\n' >"$tls/short.password"
refused 1 "pkcs12 = \"$tls/a.p12\"; password_file = \"$tls/short.password\";" "$tls/short.password"
finish

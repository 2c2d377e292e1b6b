# A renewal on a real nginx that goes wrong at each step, or is killed at one: every file is as before, and the old
# certificate is served; the next run repairs.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/products/nginx.sh"
nginx_requires
nginx_create
nginx_start
tls=$nginx_base/tls
files="config = \"$nginx_base/nginx.conf\"; program = \"$nginx_program\"; prefix = \"$nginx_base\";"
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
target nginx "$files $reload"
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
target nginx "$files reload_command = [ \"/bin/true\" ];"
run 1 engine apply
as_before verify
deadline=10
target nginx "$files $reload"
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

finish

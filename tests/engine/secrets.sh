# Secrets stay where they belong: not in any output, not in arguments of programs, not readable by others.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/engine/enginelib.sh"

canary=canary-Zx7Qw9-password
server web
deadline=1
with()
{
	certificates "$(certificate shop "$(target web web "password = \"$canary\"; file = \"$tmp/web/settings\"; keystore = \"$tmp/web/store.p12\"; content = \"$1\"; $2")")"
}

# Everything that runs and whose arguments or environment hold the canary, as long as the file is there.
watch()
{
	while [ -e "$tmp/watching" ]; do
		for process in /proc/[0-9]*; do
			grep -qsF "$canary" "$process/cmdline" "$process/environ" && echo "$process $(tr '\0' ' ' <"$process/cmdline")"
		done
	done 2>/dev/null
}

# everything COMMAND...: runs it loudly, quietly and as JSON; all that was said is kept.
everything()
{
	local wanted=$1
	shift
	engine "$wanted" "$@"
	printf '%s\n%s\n' "$out" "$err" >>"$tmp/said"
	engine "$wanted" -vvv "$@" $again
	printf '%s\n%s\n' "$out" "$err" >>"$tmp/said"
	engine "$wanted" --json -vvv "$@" $again
	printf '%s\n%s\n' "$out" "$err" >>"$tmp/said"
}

: >"$tmp/watching"
watch >"$tmp/seen" &
watcher=$!
with first ''
again=
everything 0 plan
again=--force-renew
everything 0 apply
again=
everything 0 status
with second ''
everything 0 plan
everything 4 verify
again=--force-deploy
everything 0 apply
again=
for callback in install reload verify; do
	with "fails in $callback" "fail_in = \"$callback\";"
	[ "$callback" = reload ] && wanted=5 || wanted=1
	everything "$wanted" apply
	with "crashes in $callback" "crash_in = \"$callback\";"
	everything "$wanted" apply
done
with third ''
engine 0 apply
engine 0 apply --force-renew
engine 0 -vvv rollback shop 1
printf "%s\n%s\n" "$out" "$err" >>"$tmp/said"
rm "$tmp/watching"
wait "$watcher"

said=$(<"$tmp/said")
[ ${#said} -gt 5000 ] || fail "too little was said to be judged"
lacks "the password is never said" "$canary" "$said"
contains "where it stood is shown masked" "password=********" "$said"
lacks "no key is ever said" "PRIVATE KEY" "$said"
for key in "$state"/certificates/shop/generations/*/key.pem "$state"/issuers/*/ca.key; do
	lacks "no line of a key is ever said" "$(sed -n 2p "$key")" "$said"
done
equal "no program has it in its arguments or environment" '' "$(sort -u "$tmp/seen")"
equal "the password is where it was wanted" "password=$canary" "$(tail -n 1 "$tmp/web/settings")"
openssl pkcs12 -in "$tmp/web/store.p12" -passin "pass:$canary" -noout 2>/dev/null || fail "the password does not open the keystore"

# Modes: the state is the owner's alone, keys in the product too.
equal "directories of the state are 0700" '' "$(find "$state" -type d ! -perm 700)"
equal "files of the state are 0600" '' "$(find "$state" -type f ! -perm 600)"
equal "the state has only files and directories" '' "$(find "$state" ! -type f ! -type d)"
equal "the lock's directory is 0700" 700 "$(stat -c %a "$root$TOP_BUILDDIR/tests/root/run/certengine")"
equal "a new key file is 0600" 600 "$(stat -c %a "$tmp/web/key.pem")"
equal "a new keystore is 0600" 600 "$(stat -c %a "$tmp/web/store.p12")"

# The password is not in the state, but for the journals of transactions, which need it to put files back.
equal "the password is not in the store" '' "$(grep -rlF "$canary" "$state" | grep -v "^$state/journal/")"

# A state directory that others can read is refused.
chmod 755 "$state"
engine 1 apply
contains "an open state directory is refused" "$state" "$err"
chmod 700 "$state"
engine 0 apply
finish

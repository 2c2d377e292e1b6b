#!/bin/bash
# A plugin that breaks the contract fails its call, whatever it returns; the words say what it did.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/plugins/pluginlib.sh"

# breaks NAME ACTION TEXT
breaks()
{
	plugin "$1"
	serve 1 "$1" "$2"
	contains "$1 in $2" "$3" "$out"
}

breaks forbidden-run stage "plugin 'forbidden-run' broke the contract in endpoints: it used run, which is not for this callback"
breaks forbidden-write reload "broke the contract in reload: it used write, which is not for this callback"
breaks early-certificate stage "broke the contract in create: it used certificate, which is not for this callback"
breaks log-flood stage "broke the contract in install: it logged more than 1000 lines"
breaks endless-staging stage "broke the contract in install: it staged more than 256 changes"
breaks large-staging stage "broke the contract in install: it staged more than 64 MiB"
breaks endless-reading stage "broke the contract in install: it used more than 20000 services"
breaks unknown-option stage "broke the contract in install: it asked for the option 'prot', which its table does not have"
breaks unsized-struct stage "broke the contract in install: it passed a struct ce_file_mode without its size"
breaks bad-paths stage "stage: invalid: install: path '/var/tmp/../../etc/shadow' goes up with '..'"
breaks odd-results stage "plugin 'odd-results' failed in install without a reason (product)"
breaks odd-results reload "broke the contract in reload: it returned 4242, which is no code"
breaks odd-results verify "verify: product: verify: bell \\x07 escape \\x1b[31m line\\x0abreak 0000"
equal "a failure is one line" 1 "$(printf '%s\n' "$out" | wc -l)"
breaks exits stage "plugin 'exits' ended its process (exit status 3) in install"
breaks exits reload "plugin 'exits' closed its connection or was killed in reload"
breaks forged stage "plugin 'forged' broke the contract in install: message with a length of 4294967295 bytes"
breaks forged reload "broke the contract in reload: it sent a message of the unknown kind 999"
breaks forged verify "broke the contract in verify: it sent a malformed message for stat"

printf 'A=1\nB=2\n' >"$tmp/app.conf"
plugin foreign-text
for how in change drop add set stage; do
	serve 1 foreign-text stage root="$tmp" how=$how
	contains "what is not its own: $how" "broke the contract in install: it" "$out"
done
[ -z "$(find /var/tmp -maxdepth 1 -name 'certengine-never*')" ] && ok "nothing was written" || fail "something was written"
finish

# Sourced after testlib.sh: the acme issuer without the rest of the program.

acme_run=$TOP_BUILDDIR/tests/ca/acme-run
acme_store=$tmp/store

# acme_config ISSUER-OPTIONS NAMES...: a configuration with the certificate "c1" for the first list of names
# ("a.test b.test"), "c2" for the second, ...
acme_config()
{
	local options=$1 list name n=0 names
	shift
	{
		printf 'issuers: { ca: { kind = "acme"; %s }; };\ncertificates: {\n' "$options"
		for list; do
			n=$((n + 1)) names=
			for name in $list; do
				names="$names${names:+, }\"$name\""
			done
			printf '  c%d: { issuer = "ca"; names = [ %s ]; };\n' "$n" "$names"
		done
		printf '};\n'
	} >"$tmp/acme.conf"
}

# acme: runs it; $out is what came of each certificate, $err what was logged. Requests that are under way
# are forgotten before, accounts are not; acme_again goes on with both. "acme again" replaces what was issued before.
acme()
{
	rm -rf "$acme_store/certificates"
	acme_again "$@"
}

acme_again()
{
	run 0 "$acme_run" "$tmp/acme.conf" "$acme_store" "$@"
	printf '%s\n' "$out"
}

# requests: how many requests the last run made.
requests()
{
	printf '%s\n' "$err" | sed -n 's/^log: acme: \([0-9]*\) requests.*/\1/p'
}

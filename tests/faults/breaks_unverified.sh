#!/bin/bash
# Where nothing can be looked at: verification is off, or the plugin names no endpoint. A second apply reloads nothing
# all the same, the target is never called ok, and a run that was killed before the reload is repaired by a reload.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
requires "$certengine"

product=$tmp/product
mkdir "$product"
printf '#!/bin/sh\ncat %s/note %s/cert >%s/loaded; echo >>%s/reloads\n' "$product" "$product" "$tmp" "$tmp" >"$tmp/reload"
chmod 755 "$tmp/reload"

# configuration CONTENT SETTING
configuration()
{
	configure <<-END
	issuers: { house: { kind = "local"; }; };
	certificates: { shop: { issuer = "house"; names = [ "shop.example.test" ]; targets: {
	  it: { plugin = "sample"; file = "$product/note"; content = "$1"; cert_file = "$product/cert";
	        reload = [ "$tmp/reload" ]; $2 };
	}; }; };
	END
}

reloads()
{
	wc -l <"$tmp/reloads"
}

# judge WHAT SETTING
judge()
{
	rm -rf "$root/work" "$state" "$product"/* "$tmp/reloads"
	configuration old "$2"
	run 0 ce apply
	run 0 ce apply
	equal "$1: a second apply reloads nothing" 1 "$(reloads)"
	contains "$1: it is told as unverified" "(1 unverified)" "$out"
	run 0 ce plan --exit-code
	run 0 ce verify
	contains "$1: verify does not call it ok either" "(1 unverified)" "$out"
	run 0 ce apply --force-reload
	equal "$1: a reload that is asked for happens" 2 "$(reloads)"

	cp -a "$state" "$tmp/state"
	configuration new "$2"
	local n killed=0 got
	for ((n = 1; ; n++)); do
		rm -rf "$state"
		cp -a "$tmp/state" "$state"
		printf 'old\n' >"$product/note"
		"$tmp/reload"
		got=0
		{ CE_FAULT="only:renameat2+fork+unlinkat,kill:$n" ce -q apply >/dev/null 2>&1; got=$?; } 2>/dev/null
		[ "$got" = 137 ] || break
		killed=$((killed + 1))
		ce -q recover >"$tmp/.said" 2>&1 || fail "$1: recover after a kill at $n: $(cat "$tmp/.said")"
		cat "$product/note" "$product/cert" | cmp -s - "$tmp/loaded" ||
			fail "$1: killed at $n, recovered, and the product had not loaded what is installed"
	done
	equal "$1: the last run was not killed" 0 "$got"
	[ "$killed" -gt 5 ] || fail "$1: killed only $killed times"
	ok "$1: killed at each of $killed calls, loaded after recovery"
}

judge "verification is off" 'verify: { off = "nobody listens"; };'
run 0 ce status
contains "status does not call it ok" "unverified" "$out"
judge "no endpoint" ""

# A reload that failed is tried again, though nothing is left to write.
printf '#!/bin/sh\nexit 1\n' >"$tmp/reload"
run 1 ce apply --force-reload
run 1 ce apply
contains "a failed reload is not forgotten" "failed at reload" "$out"
finish

# Sourced behind enginelib.sh by tests that try every point at which something could go wrong.

# The calls whose success or failure makes a difference that can be seen.
changing=only:mkdirat+unlinkat+renameat2+fork

# quick ARGUMENT...: the program without judgement; $status, $out, $err.
quick()
{
	status=0
	{ "$certengine" -c "$conf" --root "$root" "$@" >"$tmp/.out" 2>"$tmp/.err" </dev/null || status=$?; } 2>/dev/null
	out=$(<"$tmp/.out")
	err=$(<"$tmp/.err")
}

# judged WHAT CONDITION...: like ok, but silent, for the many points.
judged()
{
	local what=$1
	shift
	"$@" || fail "point $point: $what (exit status $status)
stdout: $out
stderr: $err"
	ce_judged=$((ce_judged + 1))
}

# has GENERATION: certificate and key of that generation of shop are installed.
has()
{
	local from=$state/certificates/shop/generations/$1
	cat "$from/leaf.pem" "$from/chain.pem" 2>/dev/null | cmp -s - "$tmp/web/cert.pem" &&
		cmp -s "$from/key.pem" "$tmp/web/key.pem"
}

# one_of GENERATION...: one of these is installed, whole, and served.
one_of()
{
	local generation
	for generation; do
		has "$generation" && break
	done
	has "$generation" && [ "$(served web)" = "$(fingerprint "$tmp/web/cert.pem")" ]
}

# settled GENERATION...: likewise, and nothing lies about.
settled()
{
	one_of "$@" && [ -z "$(find "$state/journal" -mindepth 1 -not -path "*/kept*")" ] && [ -z "$(find "$tmp/web" -name '.certengine-*')" ]
}

# steady: until the number of generations, and with it of calls, does not change any more.
steady()
{
	local generation
	for generation in 1 2 3 4 5 6; do
		engine 0 apply --force-renew
	done
}

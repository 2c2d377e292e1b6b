# Sourced by the tests of the whole engine, behind testlib.sh.
#
# Gives $conf (the configuration) and the functions below.

requires python3 openssl

conf=$etc/certengine.conf

# engine WANTED ARGUMENT...: the program with this test's configuration; $out and $err as of run.
engine()
{
	local wanted=$1
	shift
	run "$wanted" "$certengine" -c "$conf" --root "$root" "$@"
	lacks "no sanitizer complains" Sanitizer "$err"
}

# made: what the program made beside its configuration.
made()
{
	find "${etc%/*/*}" -mindepth 1 -maxdepth 1 ! -name etc
}

# certificates TEXT: the configuration with two embedded CAs, and these certificates.
certificates()
{
	configure <<-CONF
	issuers: {
	  house: { kind = "local"; };
	  other: { kind = "local"; };
	};
	certificates: {
	$1
	};
	CONF
}

# certificate NAME TARGETS [SETTINGS]: the text of one certificate.
certificate()
{
	echo "$1: { issuer = \"${issuer:-house}\"; names = [ \"$1.example.test\" ]; ${3:-} targets: { $2 }; };"
}

# server NAME: a product: $tmp/NAME with a TLS server and a script `reload`. Each line of the file `moods` in there is
# for one reload and taken away by it: fail (says so, does nothing), keep (does nothing), die (ends the server), other
# (serves another certificate). Without a line it loads what is installed. Each reload adds a line to `calls`.
server()
{
	local dir=$tmp/$1
	mkdir -p "$dir"
	: >"$dir/calls"
	: >"$dir/moods"
	cat >"$dir/reload" <<-RELOAD
	#!/bin/sh
	cd $dir || exit 1
	echo call >>calls
	mood=\$(head -n 1 moods)
	sed -i 1d moods
	rm -f which
	case \$mood in
	fail) echo 'the product refused' >&2; exit 7 ;;
	keep) exit 0 ;;
	die) kill -9 \$(cat pid); exit 0 ;;
	other) echo other- >which ;;
	hang) exec sleep 60 ;;
	esac
	before=\$(wc -l <loads)
	kill -HUP \$(cat pid) || exit 1
	while test \$(wc -l <loads) = \$before; do sleep 0.02; done
	RELOAD
	chmod 755 "$dir/reload"
	server_start "$1"
}

quietly()
{
	"$@" 2>/dev/null
}

server_start()
{
	local dir=$tmp/$1 port=
	[ ! -e "$dir/port" ] || port=$(cat "$dir/port")
	rm -f "$dir/pid"
	python3 "$TOP_SRCDIR/tests/engine/tls_server.py" "$dir" $port >"$dir/server.log" 2>&1 &
	cleanup_fn quietly kill -9 $!
	disown
	wait_for 20 test -s "$dir/pid" -a -s "$dir/port"
}

# target NAME SERVER [OPTIONS]: the text of a target that installs into the server's directory.
target()
{
	local dir=$tmp/$2
	echo "$1: { plugin = \"sample\"; cert_file = \"$dir/cert.pem\"; key_file = \"$dir/key.pem\";" \
		"reload = [ \"$dir/reload\" ]; port = $(cat "$dir/port"); verify: { deadline = ${deadline:-2}; }; ${3:-} };"
}

# bare NAME [OPTIONS]: a target that is served nowhere.
bare()
{
	echo "$1: { plugin = \"sample\"; ${2:-} };"
}

# fingerprint FILE: of the first certificate in it; nothing when there is none.
fingerprint()
{
	openssl x509 -in "$1" -noout -fingerprint -sha256 2>/dev/null | sed 's/.*=//'
}

# served SERVER: the fingerprint of what it serves; nothing when it serves nothing.
served()
{
	openssl s_client -connect "127.0.0.1:$(cat "$tmp/$1/port")" </dev/null 2>/dev/null |
		openssl x509 -noout -fingerprint -sha256 2>/dev/null | sed 's/.*=//'
}

# live NAME: the fingerprint of the live certificate in the store.
live()
{
	fingerprint "$state/certificates/$1/generations/$(generation "$1")/leaf.pem"
}

generation()
{
	tr -d '\n' <"$state/certificates/$1/live"
}

# calls SERVER: how often it was reloaded.
calls()
{
	wc -l <"$tmp/$1/calls" | tr -d ' '
}

# picture SERVER: what is installed, with inodes, times, owners and modes.
picture()
{
	(cd "$tmp/$1" && stat -c '%n %i %Y %Z %U %G %a' ./*.pem 2>/dev/null && sha256sum ./*.pem)
}

# bytes SERVER: what is installed, with owners and modes.
bytes()
{
	(cd "$tmp/$1" && stat -c '%n %U %G %a' ./*.pem 2>/dev/null && sha256sum ./*.pem)
}

# proven WHAT NAME SERVER: installed, live and served are the same.
proven()
{
	equal "$1: installed is what is live" "$(live "$2")" "$(fingerprint "$tmp/$3/cert.pem")"
	equal "$1: served is what is live" "$(live "$2")" "$(served "$3")"
}

# no_traces WHAT: no unfinished transaction, no temporaries beside products.
no_traces()
{
	equal "$1: no transaction is left" '' "$(find "$state/journal" -mindepth 1 -not -path "*/kept*" 2>/dev/null)"
	equal "$1: no temporary is left" '' "$(find "$tmp" -path "$root" -prune -o -name '.certengine-*' -print)"
}

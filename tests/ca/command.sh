#!/bin/bash
# A CA that a program speaks to: request on its standard input, chain on its standard output, the rest by its exit status.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
requires openssl

cat >"$tmp/extensions" <<'END'
basicConstraints=critical,CA:TRUE
keyUsage=critical,keyCertSign,cRLSign
subjectKeyIdentifier=hash
END
{
	openssl ecparam -name prime256v1 -genkey -noout -out "$tmp/ca.key"
	openssl req -new -key "$tmp/ca.key" -subj /CN=command -out "$tmp/ca.req"
	openssl x509 -req -in "$tmp/ca.req" -signkey "$tmp/ca.key" -days 100 -extfile "$tmp/extensions" -out "$tmp/ca.pem"
} 2>/dev/null

mkdir "$tmp/bin"
program=$tmp/bin/issue
# program BODY: becomes the program, which keeps what it was given.
program()
{
	printf '#!/bin/bash\ncat >%q/csr\nenv >%q/env\necho "$@" >%q/arguments\n%s\n' "$tmp" "$tmp" "$tmp" "$1" >"$program"
	chmod 0755 "$program"
}
signs="printf 'subjectAltName=DNS:shop.example.com,DNS:www.shop.example.com' >$tmp/san
openssl x509 -req -in $tmp/csr -CA $tmp/ca.pem -CAkey $tmp/ca.key -CAcreateserial -days 30 -extfile $tmp/san 2>/dev/null"

# apply WANTED [OPTION...]: another try, however long the last failure would put it off.
apply()
{
	local wanted=$1
	shift
	run "$wanted" ce apply --force-renew "$@" shop
}

declare_ca()
{
	configure <<END
issuers: { tool: { kind = "command"; command = [ "$program", "--ca", "two words" ]; $1 }; };
certificates: { shop: { issuer = "tool"; profile = "web"; names = [ "shop.example.com", "www.shop.example.com" ]; }; };
END
}
declare_ca ""

# What the CA does not do.
program 'echo "no such person" >&2; echo "and more" >&2; exit 77'
apply 1
contains "a refusal tells the program's first line" "the CA refused: no such person" "$out"
lacks "and only that" "and more" "$out"
program 'exit 69'
apply 1
contains "a CA that is not there" "could not be reached" "$out"
program 'echo "out of paper" >&2; exit 3'
apply 1
contains "any other status is a failure" "the program failed: out of paper" "$out"
contains "with the status" "ended with 3" "$out"
program 'kill -9 $$'
apply 1
program 'echo nonsense'
apply 1
contains "what is printed must be certificates" "no certificate" "$out"
program "cat $tmp/ca.pem"
apply 1
contains "and one of them the one that was asked for" "no certificate belongs to the key" "$out"
program 'yes | head -c 1000000'
apply 1
contains "a flood is cut off" "printed more than a chain has" "$out"
program 'exit 75'
apply 1
contains "a wait needs its seconds" "not a number of seconds" "$out"
program 'echo -5; exit 75'
apply 1
declare_ca "timeout = 1;"
program 'sleep 60'
apply 1
contains "one that hangs is killed" "did not end within 1000 ms" "$out"
declare_ca ""
program "$signs"
chmod 0777 "$program"
apply 1
contains "a program that others can write is not run" "can be written by others" "$out"
rm "$program"
apply 1
contains "nor one that is not there" "there is no program" "$out"
equal "nothing was issued" '' "$(ls "$state/certificates/shop/generations" 2>/dev/null)"

# It asks to wait, and gets back what it wants to remember.
program 'echo 3600; echo order-42; exit 75'
apply 7
contains "the environment tells the certificate" "CERTENGINE_CERTIFICATE=shop" "$(cat "$tmp/env")"
contains "and the names" "CERTENGINE_NAMES=shop.example.com www.shop.example.com" "$(cat "$tmp/env")"
contains "and the profile" "CERTENGINE_PROFILE=web" "$(cat "$tmp/env")"
contains "and the issuer" "CERTENGINE_ISSUER=tool" "$(cat "$tmp/env")"
contains "and no request yet" "CERTENGINE_REQUEST_ID=" "$(cat "$tmp/env")"
equal "arguments are passed as they are" "--ca two words" "$(cat "$tmp/arguments")"
run 0 openssl req -in "$tmp/csr" -noout -verify
first=$(openssl req -in "$tmp/csr" -noout -pubkey)
rm "$tmp/env"
apply 7
[ ! -e "$tmp/env" ] || fail "the program was called before the time that it asked for"
program "$signs"
CE_FAULT=now:3700 apply 0
contains "it gets back what it said" "CERTENGINE_REQUEST_ID=order-42" "$(cat "$tmp/env")"
equal "and the same request" "$first" "$(openssl req -in "$tmp/csr" -noout -pubkey)"
run 0 openssl verify -CAfile "$tmp/ca.pem" "$state/certificates/shop/generations/1/leaf.pem"
run 0 ce apply --exit-code
lacks "no key was handed out" "PRIVATE" "$(cat "$tmp/env" "$tmp/csr" "$tmp/arguments")"

# Chains in any form; the CA's own certificates may come from the configuration.
declare_ca "chain_files = [ \"$tmp/ca.pem\" ];"
program "$signs -outform DER"
apply 0
program "$signs >$tmp/leaf; openssl crl2pkcs7 -nocrl -certfile $tmp/leaf -certfile $tmp/ca.pem"
apply 0

# Many certificates: programs run side by side, and a signal ends them.
{
	echo "issuers: { tool: { kind = \"command\"; command = [ \"$program\" ]; }; }; certificates: {"
	for i in $(seq 12); do
		echo "c$i: { issuer = \"tool\"; names = [ \"c$i.example.com\" ]; };"
	done
	echo "};"
} | configure
mkdir "$tmp/began"
printf '#!/bin/bash\ntouch %q/began/"$CERTENGINE_CERTIFICATE"\nsleep 1\nexit 69\n' "$tmp" >"$program"
begin=$SECONDS
run 1 ce apply
equal "each was tried" 12 "$(ls "$tmp/began" | wc -l)"
[ $((SECONDS - begin)) -lt 9 ] || fail "twelve programs of a second took $((SECONDS - begin)) seconds"
printf '#!/bin/bash\necho $$ >%q/pid."$CERTENGINE_CERTIFICATE"\nexec sleep 60\n' "$tmp" >"$program"
"$certengine" --root "$root" apply --force-renew >"$tmp/interrupted" 2>&1 &
pid=$!
wait_for 20 test -s "$tmp/pid.c8"
kill -TERM $pid
status=0
wait $pid || status=$?
equal "the signal is told" 143 "$status"
for file in "$tmp"/pid.*; do
	! kill -0 "$(cat "$file")" 2>/dev/null || fail "a program runs on"
done
equal "none was begun after it" 8 "$(ls "$tmp"/pid.* | wc -l)"

# Mistakes in the configuration.
configure <<END
issuers: { one: { kind = "command"; command = [ "relative" ]; }; two: { kind = "command"; command = []; }; three: { kind = "command"; }; };
END
run 2 ce check
equal "each is found" 3 "$(grep -c certengine.conf: <<<"$err")"
finish

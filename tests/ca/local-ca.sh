#!/bin/bash
# The private CA, as OpenSSL sees it: what its certificates are good for, which names it may sign for, and that its lists and
# itself are renewed by whoever applies, without a word and without a write when nothing is due.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
requires openssl

configure <<END
issuers: {
  house: { kind = "local"; days = 10; ca_days = 90; crl_days = 6; permit = [ "example.com", "192.0.2.0/24" ]; };
  own: { kind = "selfsigned"; };
};
certificates: {
  web: { issuer = "house"; names = [ "example.com", "*.example.com", "192.0.2.7" ]; };
  agent: { issuer = "house"; profile = "client"; names = [ "agent.example.com" ]; };
  peer: { issuer = "house"; profile = "both"; names = [ "peer.example.com" ]; };
  pin: { issuer = "own"; profile = "client"; names = [ "pin.test" ]; };
};
END
leaf()
{
	echo "$state/certificates/$1/generations/$(tr -dc 0-9 <"$state/certificates/$1/live")/leaf.pem"
}
# good WANTED PURPOSE NAME
good()
{
	run "$1" openssl verify -x509_strict -purpose "$2" -CAfile "$ca" "$(leaf "$3")"
}
# at DAYS COMMAND...: the clock is so many days ahead.
at()
{
	CE_FAULT=now:$(($1 * 86400)) "${@:2}"
}

run 0 ce apply
ca=$state/issuers/house/ca.pem
good 0 sslserver web
good 2 sslclient web
good 2 sslserver agent
good 0 sslclient agent
good 0 sslserver peer
good 0 sslclient peer
contains "a selfsigned one has its profile as well" "TLS Web Client" "$(openssl x509 -in "$(leaf pin)" -noout -text)"
run 0 openssl verify -CAfile "$ca" -verify_ip 192.0.2.7 "$(leaf web)"
contains "the names it may sign for stand in its certificate" "Name Constraints: critical" "$(openssl x509 -in "$ca" -noout -text)"

# Whoever has the key can sign, but nobody believes it.
printf 'subjectAltName=DNS:elsewhere.test' >"$tmp/san"
openssl ecparam -name prime256v1 -genkey -noout -out "$tmp/key"
openssl req -new -key "$tmp/key" -subj / -out "$tmp/req" 2>/dev/null
openssl x509 -req -in "$tmp/req" -CA "$ca" -CAkey "${ca%.pem}.key" -CAcreateserial -CAserial "$tmp/serial" -days 5 -extfile "$tmp/san" \
	-out "$tmp/forged.pem" 2>/dev/null
run 2 openssl verify -CAfile "$ca" "$tmp/forged.pem"
contains "OpenSSL finds it" "permitted subtree violation" "$out$err"

# The list is renewed in time, and nothing is written before that.
crl=$state/issuers/house/ca.crl
picture()
{
	find "$state" -type f -printf '%p %i %T@ %C@\n' | sort
}
before=$(picture)
run 0 ce apply
equal "nothing is due, nothing is written" "$before" "$(picture)"
first=$(openssl crl -in "$crl" -noout -crlnumber -nextupdate)
at 3 run 0 ce apply
equal "the list is still good" "$first" "$(openssl crl -in "$crl" -noout -crlnumber -nextupdate)"
at 5 run 0 ce apply web
[ "$first" != "$(openssl crl -in "$crl" -noout -crlnumber -nextupdate)" ] || fail "the list was not renewed"
run 0 openssl crl -in "$crl" -CAfile "$ca" -noout
contains "its number grows" "0x02" "$(openssl crl -in "$crl" -noout -crlnumber)"

# So is the CA: for a time both are trusted and the old one signs, then the new one, and at last the old one goes.
serial=$(openssl x509 -in "$ca" -noout -serial)
at 59 run 0 ce apply
[ ! -e "$state/issuers/house/ca-2.pem" ] || fail "the successor is there too early"
at 62 run 0 ce apply
lacks "the successor is told once" "has got its successor" "$(at 62 ce apply 2>&1)"
at 62 run 0 ce export --issuer house
equal "both are trusted" 2 "$(grep -c BEGIN <<<"$out")"
printf '%s\n' "$out" >"$tmp/both.pem"
run 0 openssl verify -partial_chain -no_check_time -CAfile "$ca" "$(leaf web)"
at 85 run 0 ce apply
run 2 openssl verify -no_check_time -CAfile "$ca" "$(leaf web)"
run 0 openssl verify -no_check_time -CAfile "$tmp/both.pem" "$(leaf web)"
for generation in ca ca-2; do
	run 0 openssl crl -in "$state/issuers/house/$generation.crl" -CAfile "$state/issuers/house/$generation.pem" -noout
done
at 92 run 0 ce export --issuer house
equal "one that has expired is not handed out" 1 "$(grep -c BEGIN <<<"$out")"
equal "it is still there" "$serial" "$(openssl x509 -in "$ca" -noout -serial)"

# A certificate that is revoked stands on the list at once, and the next apply replaces it.
configure conf.d/more.conf <<END
issuers: { other: { kind = "local"; }; };
certificates: { gone: { issuer = "other"; names = [ "gone.test" ]; }; kept: { issuer = "other"; names = [ "kept.test" ]; }; };
END
run 0 ce apply gone kept
cp "$(leaf gone)" "$tmp/gone.pem"
run 0 ce revoke --reason superseded gone
run 0 ce export --issuer --part crl other
printf '%s\n' "$out" >"$tmp/trust.pem"
contains "the list says why" "Superseded" "$(openssl crl -in "$tmp/trust.pem" -noout -text)"
cat "$state/issuers/other/ca.pem" >>"$tmp/trust.pem"
run 2 openssl verify -crl_check -CAfile "$tmp/trust.pem" "$tmp/gone.pem"
contains "OpenSSL finds it on the list" "certificate revoked" "$out$err"
run 0 openssl verify -crl_check -CAfile "$tmp/trust.pem" "$(leaf kept)"
run 0 ce revoke --generation 1 gone
run 0 ce apply gone
run 0 openssl verify -crl_check -CAfile "$tmp/trust.pem" "$(leaf gone)"
rm "$etc/conf.d/more.conf"

# Mistakes are found before anything is done.
configure <<END
issuers: { house: { kind = "local"; days = 100; ca_days = 300; permit = [ "*.example.com" ]; }; };
certificates: { web: { issuer = "house"; profile = "serverless"; names = [ "example.com" ]; }; };
END
run 2 ce check
contains "a CA that would end too soon" "ca_days" "$err"
contains "a domain with a star" "permit" "$err"
contains "a profile that is none" "profile 'serverless'" "$err"
contains "and those that there are" "server, client, both" "$err"

configure <<END
issuers: { house: { kind = "local"; }; };
certificates: { odd: { issuer = "house"; names = [ "elsewhere.test" ]; }; };
END
at 92 run 1 ce apply
contains "a name outside of what is permitted" "'elsewhere.test' is none of the names that the CA was made for" "$out$err"
finish

#!/bin/bash
# Certificates without targets: what plan, apply and status say, as text, lines and JSON.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
requires "$certengine" python3

configure <<'END'
issuers: { house: { kind = "local"; }; };
certificates: {
  shop: { issuer = "house"; names = [ "shop.example.com" ]; };
  mail: { issuer = "house"; names = [ "mail.example.com" ]; };
};
END

# json PYTHON: evaluates with the document as d.
json()
{
	python3 -c 'import json, sys; d = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$tmp/.out" "$1"
}

run 0 ce status
contains "status has a head" "CERTIFICATE  ISSUER" "$out"
contains "what was never issued is said to be so" "not issued" "$out"
run 0 ce plan
contains "plan says why" "there is no certificate yet" "$out"
contains "plan ends with a summary" "2 certificates (2 due), 0 targets" "$out"
[ ! -e "$state" ] || fail "plan wrote to $state"
run 4 ce plan --exit-code
run 0 ce apply --dry-run
[ ! -e "$state" ] || fail "a dry run wrote to $state"

run 0 ce apply shop
[[ $out =~ ^20[0-9-]+T[0-9:]+Z\ certificate=shop\ step= ]] || fail "no line per event: $out"
ok "every event is a line"
lacks "only what was named is touched" "mail" "$out"
run 0 ce plan --exit-code shop
run 4 ce plan --exit-code
run 0 ce -q apply
equal "quiet is silent on success" "" "$out$err"
run 0 ce apply
contains "a second apply does nothing" "2 certificates (2 ok), 0 targets" "$out"
lacks "a second apply orders nothing" "step=issue" "$out"

run 0 ce status --json
equal "the schema's version" 1 "$(json 'd["schema_version"]')"
equal "the names" "['mail', 'shop']" "$(json 'sorted(c["name"] for c in d["certificates"])')"
equal "the generation" 1 "$(json 'd["certificates"][0]["generation"]')"
run 0 ce apply --force-renew --json mail
equal "apply ends with a document" "issued" "$(json 'd["certificates"][0]["state"]')"
equal "and nothing else" 2 "$(json 'd["certificates"][0]["generation"]')"

run 2 ce status nobody
contains "an unknown name is refused" "nobody" "$err"
run 2 ce apply --json nobody
equal "and is in the document" 2 "$(json 'd["exit"]')"
run 2 ce rollback nobody
run 1 ce rollback shop
contains "no earlier generation" "shop" "$err"
run 0 ce rollback mail
run 0 ce status --json mail
equal "rollback made the earlier one live" 1 "$(json 'd["certificates"][0]["generation"]')"
run 0 ce recover
contains "there was nothing to repair" "nothing to recover" "$out"
finish

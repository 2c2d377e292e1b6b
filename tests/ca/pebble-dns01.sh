# dns-01 by dynamic updates (RFC 2136) to a real name server, which pebble asks too: names, wildcards beside their base
# name, CNAMEs, several zones in one order, what others wrote, keys that are refused, and what a kill leaves.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/ca/pebble.sh"
. "$TOP_SRCDIR/tests/ca/named.sh"

named_start
pebble_resolver=$named_address
pebble_start PEBBLE_AUTHZREUSE=0
issuer="kind = \"acme\"; directory = \"$pebble_directory\"; agree_to_terms = true; ca_file = \"$pebble_ca\";"
update="kind = \"dns-01\"; server = \"$named_address\"; tsig_key_file = \"$named_key\"; resolver = \"$named_address\";"

# conf CHALLENGE NAMES: one issuer, one certificate "shop".
conf()
{
	configure <<-END
		issuers: { ca: { $issuer challenge = $1; }; };
		certificates: { shop: { issuer = "ca"; names = [ $2 ]; }; };
	END
}
forget()
{
	rm -rf "$state/certificates"
}

# What others wrote at the name stays (Z15).
named_update 'update add _acme-challenge.www.test. 60 IN TXT "of-somebody-else"'
conf "{ $update }" '"www.test"'
run 0 ce apply
equal "the record is removed, and what others wrote is not (Z15)" '"of-somebody-else"' "$(named_texts _acme-challenge.www.test)"
contains "it was written with the key (Z15)" "/key updater: updating zone 'test/IN': deleting an RR at _acme-challenge.www.test TXT" \
	"$(cat "$named_log")"

# Both values stand at one name together; both are taken away (Z2).
forget
conf "{ $update }" '"wild.test", "*.wild.test", "other.test", "far.example"'
before=$(grep -c 'adding an RR at' "$named_log")
run 0 ce apply
equal "four records were added" 4 "$(($(grep -c 'adding an RR at' "$named_log") - before))"
equal "two of them at one name (Z2)" 2 "$(grep -c "adding an RR at '_acme-challenge.wild.test'" "$named_log")"
equal "nothing stays at the name" "" "$(named_texts _acme-challenge.wild.test)$(named_texts _acme-challenge.far.example)"
# All are there before the CA asks for the first (Z5): the last addition comes before the first question of the CA for a TXT.
added=$(grep -n 'adding an RR at' "$named_log" | tail -1 | cut -d: -f1)
asked=$(grep -n 'query: _acme-challenge.[a-z.]* IN TXT' "$named_log" | grep -e wild -e other -e far | head -1 | cut -d: -f1)
[ "$added" -lt "$asked" ] || fail "the CA asked before all records were there"
ok "all records stand before the first challenge is posted (Z5)"

# A CNAME leads elsewhere: followed, into another zone (Z15).
named_stop
rm -f "$named_dir"/*.jnl
echo '_acme-challenge.moved IN CNAME moved-test.acme.example.' >>"$named_dir/test.zone"
named -f -c "$named_dir/named.conf" >"$named_dir/out" 2>&1 &
named_pid=$!
wait_for 20 named_answers
forget
conf "{ $update }" '"moved.test"'
run 0 ce apply
contains "a CNAME is followed into another zone (Z15)" "adding an RR at 'moved-test.acme.example' TXT" "$(cat "$named_log")"
equal "and the record there is removed" "" "$(named_texts moved-test.acme.example)"

# The name that is written can be said, for those who cannot see the CNAME; so can the zone.
forget
conf "{ $update alias = \"moved-test.acme.example\"; zone = \"example\"; }" '"moved.test"'
run 0 ce apply
ok "an alias and a zone can be given"
forget
conf "{ $update zone = \"example\"; }" '"www.test"'
run 1 ce apply
contains "a record outside of the zone is refused" "'_acme-challenge.www.test' does not lie in challenge.zone 'example'" "$out"

# The records are looked for before the CA is told (Z6); what cannot be seen stops nothing.
forget
conf "{ $update self_check = true; }" '"seen.test"'
run 0 ce apply
contains "the record was looked for (Z6)" "query: _acme-challenge.seen.test IN TXT" "$(cat "$named_log")"

# A key that is not known, a server that is not there: the step, the issuer, the name, and what nsupdate says.
forget
conf "{ kind = \"dns-01\"; server = \"$named_address\"; tsig_key_file = \"$tmp/stranger.key\"; resolver = \"$named_address\"; }" '"www.test"'
run 1 ce apply
contains "a key without rights is told" "issuer 'ca': 'nsupdate' could not add the dns-01 response for 'www.test' (status 2): update failed: REFUSED" "$out"
rm -rf "$state"
conf "{ kind = \"dns-01\"; server = \"127.0.0.1:$(port_free)\"; zone = \"test\"; timeout = 3; }" '"www.test"'
run 1 ce apply
contains "a server that does not answer is told" "'nsupdate'" "$out"
contains "with the name" "'www.test'" "$out"
rm -rf "$state"
conf "{ kind = \"dns-01\"; server = \"$named_address\"; tsig_key_file = \"$named_key\"; resolver = \"127.0.0.1:$(port_free)\"; }" '"www.test"'
run 1 ce apply
contains "a resolver that does not answer is told" "where to write '_acme-challenge.www.test' cannot be found out: no name server answers" "$out"

# Killed while the record stands: the next run removes it, by what the store says (Z13).
rm -rf "$state"
conf "{ $update wait = 60; }" '"killed.test"'
"$certengine" --root "$root" apply >/dev/null 2>&1 &
victim=$!
standing()
{
	[ -n "$(named_texts _acme-challenge.killed.test)" ]
}
wait_for 20 standing
kill -KILL "$victim"
wait "$victim" 2>/dev/null
standing || fail "the record is gone already"
ok "a kill leaves the record"
conf "{ $update }" '"elsewhere.test"'
run 0 ce apply
equal "the next run removes it (Z13)" "" "$(named_texts _acme-challenge.killed.test)"
[ ! -e "$state/issuers/ca/presented" ] || fail "the store still says that something stands"
ok "the store knows of nothing that stands"

# A signal: removed before the end (Z13).
rm -rf "$state/certificates"
conf "{ $update wait = 60; }" '"killed.test"'
"$certengine" --root "$root" apply >/dev/null 2>&1 &
victim=$!
wait_for 20 standing
kill -TERM "$victim"
wait "$victim" 2>/dev/null
equal "a signal leaves nothing (Z13)" "" "$(named_texts _acme-challenge.killed.test)"
finish

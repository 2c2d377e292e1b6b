#!/bin/bash
# The examples that are installed: the configuration is good, cron and systemd understand their files.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
requires "$certengine"

# judge WHAT: the configuration that stands in place is good.
judge()
{
	find "$etc" -type f -exec chmod 0600 {} +
	run 0 ce check
	ok "$1"
}

configure <"$TOP_SRCDIR/conf/certengine.conf"
judge "the example as it is"
# Its groups that are commented out, from "# name: {" to "# };".
sed '/^  # [a-z-]*: {$/,/^  # };$/s/^  # \?/  /' "$TOP_SRCDIR/conf/certengine.conf" | configure
[ "$(grep -c '^  [a-z-]*: {$' "$etc/certengine.conf")" = 7 ] || fail "not all groups were uncommented"
judge "the example with everything in it"

# Those of the products are for conf.d and use an issuer of certengine.conf.
for example in "$TOP_SRCDIR"/conf/*.conf; do
	[ "${example##*/}" != certengine.conf ] || continue
	configure <<'END'
issuers: { house: { kind = "local"; }; letsencrypt: { kind = "local"; }; };
END
	configure "conf.d/${example##*/}" <"$example"
	judge "the example ${example##*/}"
	rm "$etc/conf.d/${example##*/}"
done

# In a crontab an unescaped per cent sign ends the command.
job=$(grep -v '^#' "$TOP_SRCDIR/scripts/certengine.cron" | grep certengine)
lacks "no per cent sign in the job" "%" "$job"
read -r minute hour day month weekday user command <<<"$job"
equal "minute, hour, days, user" "0 5,17 * * * root" "$minute $hour $day $month $weekday $user"
sh -n -c "$command" || fail "sh does not understand the job"
ok "sh understands the job"

requires systemd-analyze
mkdir "$tmp/units"
cp "$TOP_SRCDIR/scripts/certengine.timer" "$tmp/units"
sed 's|@sbindir@/certengine|/bin/true|; /^Documentation=/d' "$TOP_SRCDIR/scripts/certengine.service.in" \
	>"$tmp/units/certengine.service"
sed -i '/^Documentation=/d' "$tmp/units/certengine.timer"
run 0 systemd-analyze verify "$tmp/units/certengine.timer" "$tmp/units/certengine.service"
lacks "systemd knows every line" "certengine" "$err"
run 0 systemd-analyze security --offline=true --threshold=32 "$tmp/units/certengine.service"
contains "the figure in the unit is the measured one" "$(sed -n 's/.*an exposure of \([0-9.]*\) .*/level for certengine.service: \1/p' \
	"$tmp/units/certengine.service")" "$out"
finish

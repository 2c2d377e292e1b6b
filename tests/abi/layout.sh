#!/bin/bash
# Sizes, offsets and values of everything in the public header are those of ABI 1 as it was published.
# A change here is either a mistake or a member added at the end: then layout-abi1.txt grows.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99

header=$TOP_SRCDIR/core/include/certengine/plugin.h

# A program that prints the layout, made from the header's own text, so that no member can be forgotten.
list()
{
	tr '\n' ' ' <"$header" | sed 's|/\*[^*]*\*\+\([^/*][^*]*\*\+\)*/||g' |
		grep -oE '(struct|enum) [a-z_]+ \{[^}]*\}' |
		awk '
		function last_name(text) {
			sub(/[ \t]+$/, "", text)
			match(text, /[A-Za-z_0-9]+$/)
			return substr(text, RSTART)
		}
		{
			kind = $1; name = $2
			body = $0
			sub(/^[^{]*\{/, "", body); sub(/\}$/, "", body)
			if (kind == "enum") {
				n = split(body, items, ",")
				for (i = 1; i <= n; i++) {
					sub(/=.*/, "", items[i]); gsub(/[ \t]/, "", items[i])
					if (items[i] != "")
						printf "\tprintf(\"%s = %%d\\n\", (int)%s);\n", items[i], items[i]
				}
				next
			}
			printf "\tprintf(\"struct %s: %%zu\\n\", sizeof(struct %s));\n", name, name
			n = split(body, items, ";")
			for (i = 1; i <= n; i++) {
				item = items[i]
				if (match(item, /\(\*[a-z_]+\)/)) {
					count = 1; members[1] = substr(item, RSTART + 2, RLENGTH - 3)
				} else {
					count = split(item, members, ",")
				}
				for (j = 1; j <= count; j++) {
					member = last_name(members[j])
					if (member ~ /^[a-z]/)
						printf "\tprintf(\"  %s %%zu\\n\", offsetof(struct %s, %s));\n", member, name, member
				}
			}
		}'
}

{
	printf '#include <stdio.h>\n#include <certengine/plugin.h>\nint main(void)\n{\n'
	printf '\tif (sizeof(void *) != 8 || sizeof(long) != 8)\n\t\treturn 77;\n'
	printf '\tprintf("CERTENGINE_ABI = %%d\\n", CERTENGINE_ABI);\n'
	list
	printf '\treturn 0;\n}\n'
} >"$tmp/layout.c"
run 0 $CC -std=c11 -I"$TOP_SRCDIR/core/include" -o "$tmp/layout" "$tmp/layout.c"
status=0
"$tmp/layout" >"$tmp/layout.txt" || status=$?
[ "$status" != 77 ] || skip "the list is for machines with 64-bit pointers and long"
run 0 diff -u "$TOP_SRCDIR/tests/abi/layout-abi1.txt" "$tmp/layout.txt"

# The list is not empty by accident.
contains "the plugin itself is in it" "struct certengine_plugin:" "$(cat "$tmp/layout.txt")"
contains "so are its last callback" "  verify " "$(cat "$tmp/layout.txt")"
contains "and the codes" "CE_ERR_WAIT = -17" "$(cat "$tmp/layout.txt")"
finish

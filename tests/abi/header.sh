#!/bin/bash
# The public header stands alone, in every dialect a plugin may be written in.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99

include=$TOP_SRCDIR/core/include
printf '#include <certengine/plugin.h>\n%s\n' 'int check(const struct certengine_plugin *plugin);' >"$tmp/one.c"
cp "$tmp/one.c" "$tmp/one.cc"
for dialect in c99 c11 c17; do
	run 0 $CC -std=$dialect -pedantic -Wall -Wextra -Wstrict-prototypes -Wundef -Werror -fsyntax-only -I"$include" "$tmp/one.c"
done
for dialect in c++11 c++17; do
	run 0 $CXX -std=$dialect -pedantic -Wall -Wextra -Wundef -Werror -fsyntax-only -I"$include" "$tmp/one.cc"
done

# Twice is once, and a C++ plugin refers to the same symbols.
printf '#include <certengine/plugin.h>\n#include <certengine/plugin.h>\n' >"$tmp/two.c"
run 0 $CC -std=c99 -pedantic -Wall -Wextra -Werror -fsyntax-only -I"$include" "$tmp/two.c"

# It includes nothing but the standard library.
equal "what the header includes" '#include <stddef.h>' "$(grep '^#include' "$include/certengine/plugin.h")"
finish

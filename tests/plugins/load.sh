#!/bin/bash
# What is loaded must be a plugin of this ABI, described soundly; the reason of a refusal is the real one.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/plugins/pluginlib.sh"

for name in wrong-abi short-struct larger-struct no-symbol undefined-symbol no-callback bad-options endless-options \
	wrong-stride constructor constructor-crash; do
	plugin "$name"
done
plugin wrong-name

refused wrong-abi "plugin 'wrong-abi' cannot be loaded: it is made for ABI 2, this engine has ABI 1"
refused short-struct "bytes, ABI 1 needs"
refused wrong-name "it calls itself 'other-name', so its file must be 'other-name.so'"
refused no-symbol "it has no symbol 'certengine_plugin', so it is no plugin"
# libltdl alone binds lazily and calls every failure "file not found".
refused undefined-symbol "undefined symbol: nobody_has_this_function"
refused no-callback "it has no callback 'reload'"
refused bad-options "its option table is wrong: default of option 'port': option 'port' must lie between 1 and 65535, not 80000"
refused endless-options "its option table has more than 64 rows"
refused wrong-stride "its options have 0 bytes each"

echo "this is no shared object, and long enough to be looked at" >"$plugins/no-elf.so"
chmod 0644 "$plugins/no-elf.so"
refused no-elf "cannot be loaded: "
lacks "the reason is not libltdl's" "file not found" "$out"
: >"$plugins/empty.so"
chmod 0644 "$plugins/empty.so"
refused empty "file too short"

# A later header only added members: they are not seen, and the rows of the table are found by their own size.
serve 0 larger-struct stage
contains "options behind larger rows" "one=first two=2" "$out"

# A constructor runs before the process is confined, the callbacks after it.
serve 0 constructor stage
if grep -q __asan_init "$TOP_BUILDDIR/certengine-plugin-host"; then
	ok "with sanitizers the output of plugins stays open for their reports"
else
	lacks "what a plugin prints reaches nobody" "printed by" "$out$err"
fi
refused constructor-crash "crashed (signal 11) in loading"

# The reason stays the same for every target, and nothing is started again.
switches=(-n 3)
plugin wrong-abi
serve 1 wrong-abi stage
contains "said once" "info: plugin: plugin 'wrong-abi' cannot be loaded" "$out"
finish

# Sourced by the tests of plugins, behind testlib.sh.
#
# Gives: $plugins (a private directory for plugins) and a few functions.

run_plugin=$TOP_BUILDDIR/tests/plugins/run-plugin
plugins=$tmp/plugins
mkdir -m 0700 "$plugins"

# plugin NAME [FILE]: installs the test module NAME (with - for _) as a plugin, under another file name if one is given.
plugin()
{
	install -m 0644 "$TOP_BUILDDIR/tests/plugins/.libs/${1//-/_}.so" "$plugins/${2:-$1}.so"
}

# serve WANTED ARGUMENT...: run-plugin with the private directory; switches come first, in an array $switches.
switches=()
serve()
{
	local wanted=$1
	shift
	run "$wanted" "$run_plugin" "${switches[@]}" "$plugins" "$@"
	lacks "no sanitizer complains" Sanitizer "$out$err"
}

# refused NAME PART: the plugin is not loaded, and the reason has this part.
refused()
{
	serve 1 "$1" info
	contains "why $1 is refused" "$2" "$out"
}

# A plugin that cannot be loaded fails its own targets; every other one is deployed. A name that no plugin has is a
# mistake in the configuration.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/engine/enginelib.sh"

server web
spoiled='spoiled: { plugin = "spoiled"; };'
certificates "$(certificate shop "$(target web web) $spoiled")"
engine 3 apply
contains "the error names the target, the step and the reason" "shop/spoiled: failed at load: plugin 'spoiled'" "$out$err"
proven "beside it" shop web
engine 3 apply
contains "it is told again by the next run" "plugin 'spoiled'" "$out$err"
engine 0 status
contains "and by status" "spoiled failed" "$out"
engine 2 check
contains "check finds it" "target 'spoiled': plugin 'spoiled'" "$err"

certificates "$(certificate shop "$(target web web) lost: { plugin = \"sampel\"; };")"
engine 2 apply
contains "a name that no plugin has is a mistake" "did you mean 'sample'?" "$err"
proven "nothing was attempted" shop web
finish

/* What is asked of the engine is put right or refused before anything is done with it. */
#include <string.h>

#include "plugin/pool.h"
#include "plugin/wire.h"
#include "suites.h"

static const char *
normal(const char *path)
{
	static char out[CE_PLUGIN_TEXT_MAX];
	return ce_path_normal(path, out, NULL) == CE_OK ? out : "refused";
}

static void
paths_are_put_right(void)
{
	CU_ASSERT_STRING_EQUAL(normal("/"), "/");
	CU_ASSERT_STRING_EQUAL(normal("///"), "/");
	CU_ASSERT_STRING_EQUAL(normal("/a/b"), "/a/b");
	CU_ASSERT_STRING_EQUAL(normal("//a///b//"), "/a/b");
	CU_ASSERT_STRING_EQUAL(normal("/./a/./b/."), "/a/b");
	CU_ASSERT_STRING_EQUAL(normal("/.hidden/..file/a..b"), "/.hidden/..file/a..b");
}

static void
paths_that_lead_elsewhere_are_refused(void)
{
	char longest[CE_PLUGIN_TEXT_MAX + 1];
	memset(longest, '/', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	CU_ASSERT_STRING_EQUAL(normal(longest), "refused");
	CU_ASSERT_STRING_EQUAL(normal(longest + 1), "/");
	CU_ASSERT_STRING_EQUAL(normal(NULL), "refused");
	CU_ASSERT_STRING_EQUAL(normal(""), "refused");
	CU_ASSERT_STRING_EQUAL(normal("a/b"), "refused");
	CU_ASSERT_STRING_EQUAL(normal("/a/../b"), "refused");
	CU_ASSERT_STRING_EQUAL(normal("/.."), "refused");
	CU_ASSERT_STRING_EQUAL(normal("/a/.."), "refused");
	CU_ASSERT_STRING_EQUAL(normal("/a\n+forged"), "refused");
}

/* One message that asks for a mask, to a serving whose table of masks is there. */
static int
serve_text(int kind, const char *text, bool *ret_breach)
{
	struct ce_plugins plugins = { .backend = NULL };
	struct ce_plugin_process process = { .plugins = &plugins };
	CE_CLEANUP(ce_changes_release) struct ce_changes changes = CE_CHANGES_INIT;
	CE_CLEANUP(ce_message_release) struct ce_message asked = CE_MESSAGE_INIT(kind);
	CE_CLEANUP(ce_message_release) struct ce_message reply = CE_MESSAGE_INIT(0);
	struct ce_serving serving = { .process = &process, .phase = ce_phase_of(CE_WIRE_VERIFY), .changes = &changes };
	if (text)
		ce_message_put_str(&asked, text);
	int code = ce_serve(&serving, &asked, &reply, NULL);
	*ret_breach = serving.breach;
	return code == CE_OK ? reply.kind : code;
}

static void
a_service_that_fails_is_a_reply_and_a_breach_is_none(void)
{
	bool breach = true;
	CU_ASSERT_EQUAL(serve_text(CE_WIRE_MASK, "password", &breach), CE_WIRE_DONE);
	CU_ASSERT_FALSE(breach);
	CU_ASSERT_EQUAL(serve_text(CE_WIRE_STAT, "relative", &breach), CE_WIRE_FAILED);
	CU_ASSERT_FALSE(breach);
	CU_ASSERT_EQUAL(serve_text(CE_WIRE_MASK, NULL, &breach), CE_ERR_PLUGIN);
	CU_ASSERT_TRUE(breach);
	CU_ASSERT_EQUAL(serve_text(CE_WIRE_REMOVE, "/file", &breach), CE_ERR_PLUGIN);
	CU_ASSERT_TRUE(breach);
	CU_ASSERT_EQUAL(serve_text(CE_WIRE_XML_STAGE, "/file", &breach), CE_ERR_PLUGIN);
	CU_ASSERT_TRUE(breach);
	CU_ASSERT_EQUAL(serve_text(CE_WIRE_RESULT, "/file", &breach), CE_ERR_PLUGIN);
	CU_ASSERT_TRUE(breach);
}

static void
what_a_plugin_says_is_masked_and_printable(void)
{
	CE_CLEANUP(ce_changes_release) struct ce_changes changes = CE_CHANGES_INIT;
	struct ce_serving serving = { .changes = &changes };
	char shown[64];
	CU_ASSERT_EQUAL(ce_serving_mask(&serving, "geheim", NULL), CE_OK);
	ce_serving_shown(&serving, "a geheim\n\033[1m", shown, sizeof(shown));
	CU_ASSERT_STRING_EQUAL(shown, "a ********\\x0a\\x1b[1m");
}

const struct ce_test services_tests[] = {
	{ "paths are put right", paths_are_put_right },
	{ "paths that lead elsewhere are refused", paths_that_lead_elsewhere_are_refused },
	{ "a service that fails is a reply, a breach is none", a_service_that_fails_is_a_reply_and_a_breach_is_none },
	{ "what a plugin says is masked and printable", what_a_plugin_says_is_masked_and_printable },
	{ NULL, NULL },
};

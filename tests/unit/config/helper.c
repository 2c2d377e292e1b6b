#include "helper.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "suites.h"

const char *
helper_file(const char *name, const char *content)
{
	static char paths[2][256];
	static int turn;
	turn = !turn;
	snprintf(paths[turn], sizeof(paths[turn]), "%s/%s", ce_test_directory(), name);
	FILE *file = fopen(paths[turn], "w");
	if (!file || fputs(content, file) < 0 || fclose(file) != 0 || chmod(paths[turn], 0600) != 0)
		abort();
	return paths[turn];
}

void
helper_read(struct helper *helper, const char *content)
{
	memset(helper, 0, sizeof(*helper));
	helper->code = ce_config_read(helper_file("test.conf", content), false, &helper->config, &helper->problems,
		&helper->error);
}

void
helper_read_certificate(struct helper *helper, const char *body)
{
	char content[8192];
	snprintf(content, sizeof(content),
		"issuers: { house: { kind = \"local\"; }; };\ncertificates: { shop: {\n%s\n}; };\n", body);
	helper_read(helper, content);
}

void
helper_read_target(struct helper *helper, const char *body)
{
	char content[4096];
	snprintf(content, sizeof(content), "issuer = \"house\"; names = [ \"a.example\" ]; targets: { web: {\n%s\n}; };",
		body);
	helper_read_certificate(helper, content);
}

void
helper_release(struct helper *helper)
{
	ce_config_release(&helper->config);
	ce_problems_release(&helper->problems);
}

static void
show(const struct helper *helper)
{
	fprintf(stderr, "\n  code %d, %zu findings (%s):\n", helper->code, helper->problems.count, helper->error.text);
	for (size_t i = 0; i < helper->problems.count; i++)
		fprintf(stderr, "  %d: %s\n", helper->problems.items[i].line, helper->problems.items[i].text);
}

bool
helper_found(const struct helper *helper, const char *const *wanted)
{
	size_t count = 0;
	bool good = true;
	for (; wanted[count]; count++) {
		char line[1200];
		if (count >= helper->problems.count) {
			good = false;
			continue;
		}
		snprintf(line, sizeof(line), "%d: %s", helper->problems.items[count].line,
			helper->problems.items[count].text);
		good = good && strcmp(line, wanted[count]) == 0;
	}
	good = good && count == helper->problems.count && helper->code == (count > 0 ? CE_ERR_CONFIG : CE_OK);
	if (!good)
		show(helper);
	return good;
}

bool
helper_said(const struct helper *helper, int line, const char *part)
{
	for (size_t i = 0; i < helper->problems.count; i++)
		if (helper->problems.items[i].line == line && strstr(helper->problems.items[i].text, part))
			return true;
	show(helper);
	return false;
}

#include <stdio.h>
#include <string.h>

#include "helper.h"
#include "suites.h"

static const struct {
	const char *url, *canonical, *user, *address;
	int port;
} good[] = {
	{ "ssh://root@db", "ssh://root@db", "root", "db", 22 },
	{ "ssh://root@DB.Example.com:22", "ssh://root@db.example.com", "root", "db.example.com", 22 },
	{ "ssh://deploy_1@localhost:2222", "ssh://deploy_1@localhost:2222", "deploy_1", "localhost", 2222 },
	{ "ssh://root@192.0.2.7", "ssh://root@192.0.2.7", "root", "192.0.2.7", 22 },
	{ "ssh://root@[2001:DB8::1]", "ssh://root@[2001:db8::1]", "root", "2001:db8::1", 22 },
	{ "ssh://root@[::1]:65535", "ssh://root@[::1]:65535", "root", "::1", 65535 },
	{ "ssh://CORP\\svc$@win", "ssh://CORP\\svc$@win", "CORP\\svc$", "win", 22 },
};

static void
urls_are_taken_apart(void)
{
	for (size_t i = 0; i < CE_COUNT(good); i++) {
		struct ce_error err = { 0 };
		struct ce_host_config host = { 0 };
		CU_ASSERT_EQUAL_FATAL(ce_host_config_parse(good[i].url, &host, &err), CE_OK);
		CU_ASSERT_STRING_EQUAL(host.url, good[i].canonical);
		CU_ASSERT_STRING_EQUAL(host.user, good[i].user);
		CU_ASSERT_STRING_EQUAL(host.address, good[i].address);
		CU_ASSERT_EQUAL(host.port, good[i].port);
		ce_host_config_release(&host);
	}
}

static const struct {
	const char *url, *part;
} bad[] = {
	{ "db", "ssh://user@name" }, { "https://db", "ssh://user@name" }, { "ssh://db", "names no user" },
	{ "ssh://@db", "name of a user" }, { "ssh://root:secret@db", "no password belongs into a URL" },
	{ "ssh://-oProxyCommand=x@db", "name of a user" }, { "ssh://a b@db", "name of a user" }, { "ssh://root@", "" },
	{ "ssh://root@-x", "no host" }, { "ssh://root@*.example.com", "no host" }, { "ssh://root@db:0", "no port" },
	{ "ssh://root@db:65536", "no port" }, { "ssh://root@db:", "no port" }, { "ssh://root@db:2x", "no port" },
	{ "ssh://root@db:000022", "no port" }, { "ssh://root@db/path", "goes on behind" }, { "ssh://root@db?x", "goes on behind" },
	{ "ssh://root@a@b", "goes on behind" }, { "ssh://root@[::1", "closing bracket" }, { "ssh://root@[::1]x", "follows" },
};

static void
bad_urls_are_refused_and_no_password_is_told(void)
{
	for (size_t i = 0; i < CE_COUNT(bad); i++) {
		struct ce_error err = { 0 };
		struct ce_host_config host = { 0 };
		CU_ASSERT_EQUAL(ce_host_config_parse(bad[i].url, &host, &err), CE_ERR_INVALID);
		CU_ASSERT_PTR_NOT_NULL(strstr(err.text, bad[i].part));
		CU_ASSERT_PTR_NULL(strstr(err.text, "secret"));
		CU_ASSERT_PTR_NULL(host.url);
	}
}

static void
read_with(struct helper *helper, const char *hosts, const char *said)
{
	char text[2048];
	snprintf(text, sizeof(text), "hosts: {\n%s\n};\nissuers: { house: { kind = \"local\"; }; };\ncertificates: { shop: { issuer = "
		"\"house\"; names = [ \"a.example\" ]; targets: { web: {\nplugin = \"x\"; host = \"%s\"; }; }; }; };\n", hosts, said);
	helper_read(helper, text);
}

static void
a_target_names_a_host_or_its_url(void)
{
	static const char hosts[] = "db: { url = \"ssh://root@DB.example:2222\"; identity = \"/etc/key\";"
		" known_hosts = [ \"/a\", \"/b\" ]; agent = \"/run/agent\"; timeout = 3; };";
	static const char *const said[] = { "db", "ssh://root@db.example:2222" };
	for (size_t i = 0; i < CE_COUNT(said); i++) {
		struct helper helper;
		read_with(&helper, hosts, said[i]);
		CU_ASSERT_EQUAL_FATAL(helper.code, CE_OK);
		CU_ASSERT_EQUAL_FATAL(helper.config.host_count, 1);
		CU_ASSERT_STRING_EQUAL(helper.config.certificates[0].targets[0].host, "ssh://root@db.example:2222");
		const struct ce_host_config *host = ce_config_host(&helper.config, "ssh://root@db.example:2222");
		CU_ASSERT_PTR_NOT_NULL_FATAL(host);
		CU_ASSERT_STRING_EQUAL(host->name, "db");
		CU_ASSERT_STRING_EQUAL(host->identities.items[0], "/etc/key");
		CU_ASSERT_EQUAL(host->known_hosts.count, 2);
		CU_ASSERT_STRING_EQUAL(host->agent, "/run/agent");
		CU_ASSERT_EQUAL(host->timeout_s, 3);
		helper_release(&helper);
	}
}

static void
a_url_alone_is_a_host_too(void)
{
	struct helper helper;
	read_with(&helper, "", "ssh://root@other");
	CU_ASSERT_EQUAL_FATAL(helper.code, CE_OK);
	CU_ASSERT_EQUAL_FATAL(helper.config.host_count, 1);
	CU_ASSERT_PTR_NULL(helper.config.hosts[0].name);
	CU_ASSERT_EQUAL(helper.config.hosts[0].timeout_s, 15);
	CU_ASSERT_EQUAL(helper.config.hosts[0].identities.count, 0);
	helper_release(&helper);
}

/* The hosts begin on line 2, the target's line is 6. */
static const struct {
	const char *hosts, *said;
	int line;
	const char *part;
} rows[] = {
	{ "db: { };", "local", 2, "host 'db' needs a 'url'" },
	{ "db: { url = 1; };", "local", 2, "'url' of host 'db' must be a text" },
	{ "db: { url = \"ssh://db\"; };", "local", 2, "host 'db': 'ssh://db' names no user" },
	{ "db: { url = \"ssh://r@db\"; identty = \"/k\"; };", "db", 2, "did you mean 'identity'?" },
	{ "db: { url = \"ssh://r@db\"; identity = \"k\"; };", "db", 2, "'identity' must be an absolute path" },
	{ "db: { url = \"ssh://r@db\"; known_hosts = \"k\"; };", "db", 2, "'known_hosts' must be an absolute path" },
	{ "db: { url = \"ssh://r@db\"; agent = \"k\"; };", "db", 2, "'agent' must be an absolute path" },
	{ "db: { url = \"ssh://r@db\"; timeout = 0; };", "db", 2, "between 1 and 120 seconds, not 0" },
	{ "local: { url = \"ssh://r@db\"; };", "local", 2, "'local' cannot be the name of a host" },
	{ "db: { url = \"ssh://r@db\"; };\ntwo: { url = \"ssh://r@DB:22\"; };", "db", 3, "and so is host 'db'" },
	{ "db: 3;", "local", 2, "'db' must be a group" },
	{ "db: { url = \"ssh://r@db\"; };", "dbb", 6, "there is no host 'dbb', did you mean 'db'?" },
	{ "", "nowhere", 6, "declare it in the group 'hosts'" },
	{ "", "ssh://root:secret@db", 6, "no password belongs into a URL" },
	{ "", "telnet://db", 6, "no host of the form" },
};

static void
finds_mistakes(void)
{
	for (size_t i = 0; i < CE_COUNT(rows); i++) {
		struct helper helper;
		read_with(&helper, rows[i].hosts, rows[i].said);
		CU_ASSERT_EQUAL(helper.code, CE_ERR_CONFIG);
		CU_ASSERT(helper_said(&helper, rows[i].line, rows[i].part));
		helper_release(&helper);
	}
}

const struct ce_test hosts_tests[] = {
	{ "URLs are taken apart", urls_are_taken_apart },
	{ "bad URLs are refused, and no password is told", bad_urls_are_refused_and_no_password_is_told },
	{ "a target names a host or its URL", a_target_names_a_host_or_its_url },
	{ "a URL alone is a host too", a_url_alone_is_a_host_too },
	{ "finds mistakes", finds_mistakes },
	{ NULL, NULL },
};

/* Records by dynamic update (RFC 2136), done by nsupdate(1): one run for all records of a zone. */
#include <string.h>

#include "base/file.h"
#include "base/trusted.h"
#include "issuer/acme_present.h"

static const char *const programs[] = { "/usr/bin/nsupdate", "/usr/local/bin/nsupdate", "/usr/sbin/nsupdate" };

/* Names come from the DNS as well: nothing may end a line of the script. */
static int
check_name(const char *name, struct ce_error *err)
{
	static const char alphabet[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	if (*name == '\0' || strspn(name, alphabet) != strlen(name))
		return ce_fail(err, CE_ERR_REFUSED, "the name '%.200s' is not written to the DNS: it holds more than letters, digits, '.', '_' "
			"and '-'", name);
	return CE_OK;
}

static int
add_server(const char *server, struct ce_buf *script, struct ce_error *err)
{
	const char *colon = strrchr(server, ':'), *bracket = strchr(server, ']');
	bool v6 = server[0] == '[' && bracket;
	if (v6)
		return ce_buf_addf(script, err, "server %.*s%s%s\n", (int)(bracket - server - 1), server + 1, bracket[1] ? " " : "",
			bracket[1] ? bracket + 2 : "");
	if (!colon || strchr(server, ':') != colon)
		return ce_buf_addf(script, err, "server %s\n", server);
	return ce_buf_addf(script, err, "server %.*s %s\n", (int)(colon - server), server, colon + 1);
}

static int
add_script(const struct ce_way *way, struct ce_response *const *responses, size_t count, bool removing, struct ce_buf *script,
	struct ce_error *err)
{
	const char *zone = responses[0]->zone;
	int rc = add_server(way->server, script, err);
	if (!rc && zone)
		rc = check_name(zone, err);
	if (!rc && zone)
		rc = ce_buf_addf(script, err, "zone %s\n", zone);
	for (size_t i = 0; i < count && !rc; i++) {
		const char *name = responses[i]->target;
		rc = check_name(name, err);
		if (!rc && removing)
			rc = ce_buf_addf(script, err, "update delete %s. IN TXT \"%s\"\n", name, responses[i]->value);
		else if (!rc)
			rc = ce_buf_addf(script, err, "update add %s. %lld IN TXT \"%s\"\n", name, way->ttl, responses[i]->value);
	}
	return rc ? rc : ce_buf_adds(script, "send\n", err);
}

static int
add_program(struct ce_strlist *argv, struct ce_error *err)
{
	for (size_t i = 0; i < CE_COUNT(programs); i++) {
		struct ce_error ignored = { 0 };
		if (ce_program_check(programs[i], &ignored) == CE_OK)
			return ce_strlist_add(argv, programs[i], err);
	}
	return ce_fail(err, CE_ERR_CONFIG, "there is no nsupdate, which challenge.server needs: install the package bind9-dnsutils");
}

int
ce_update_command(const struct ce_way *way, struct ce_response *const *responses, size_t count, bool removing,
	struct ce_command *ret_command, struct ce_error *err)
{
	int rc = add_program(&ret_command->argv, err);
	if (!rc && way->tsig_key_file)
		rc = ce_strlist_add(&ret_command->argv, "-k", err);
	if (!rc && way->tsig_key_file)
		rc = ce_strlist_add(&ret_command->argv, way->tsig_key_file, err);
	return rc ? rc : add_script(way, responses, count, removing, &ret_command->input, err);
}

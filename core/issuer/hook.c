/* Programs that put responses in place, called as they are called elsewhere, so that those in use run as they are:
 * certbot(1) --manual-auth-hook, lego's exec provider, dehydrated's hook, uacme(1) -h, and acme.sh's dnsapi. No shell. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/dirs.h"
#include "base/file.h"
#include "base/trusted.h"
#include "issuer/acme_present.h"

#define ENVIRONMENT_MAX 65536

/* Arguments: what begins with '%' is replaced.
 * %d identifier, %t token, %k key authorization, %r record with final dot, %v value of the record, %a what proves (a record's
 * value, or a file's content), %y kind of challenge */
static const struct dialect {
	const char *name;
	const char *add[8], *remove[8], *remove_after_failure[8];
} dialects[] = {
	{ "certengine", { "add" }, { "remove" }, { "remove" } },
	{ "certbot", { NULL }, { NULL }, { NULL } },
	{ "lego", { "present", "%r", "%v" }, { "cleanup", "%r", "%v" }, { "cleanup", "%r", "%v" } },
	{ "lego-raw", { "present", "--", "%d", "%t", "%k" }, { "cleanup", "--", "%d", "%t", "%k" },
		{ "cleanup", "--", "%d", "%t", "%k" } },
	{ "dehydrated", { "deploy_challenge", "%d", "%t", "%a" }, { "clean_challenge", "%d", "%t", "%a" },
		{ "clean_challenge", "%d", "%t", "%a" } },
	{ "uacme", { "begin", "%y", "%d", "%t", "%a" }, { "done", "%y", "%d", "%t", "%a" }, { "failed", "%y", "%d", "%t", "%a" } },
};

static const struct dialect dnsapi = { "dnsapi", { "add", "%r", "%v" }, { "rm", "%r", "%v" }, { "rm", "%r", "%v" } };

void
ce_command_release(struct ce_command *command)
{
	ce_strlist_release(&command->argv);
	ce_strlist_release(&command->env);
	ce_buf_release(&command->input);
}

static const struct dialect *
dialect_of(const struct ce_way *way)
{
	if (way->method == CE_WAY_DNSAPI)
		return &dnsapi;
	for (size_t i = 0; i < CE_COUNT(dialects); i++)
		if (way->dialect && !strcmp(dialects[i].name, way->dialect))
			return &dialects[i];
	return &dialects[0];
}

static const char *
where(const struct ce_response *response)
{
	return response->target ? response->target : response->record;
}

static const char *
proof(const struct ce_response *response)
{
	return response->value ? response->value : response->key_authorization;
}

static int
add_word(struct ce_strlist *argv, const char *word, const struct ce_response *response, struct ce_error *err)
{
	switch (word[0] == '%' ? word[1] : '\0') {
	case 'd': return ce_strlist_add(argv, response->identifier, err);
	case 't': return ce_strlist_add(argv, response->token, err);
	case 'k': return ce_strlist_add(argv, response->key_authorization, err);
	case 'r': return ce_strlist_addf(argv, err, "%s.", where(response));
	case 'v': return ce_strlist_add(argv, response->value, err);
	case 'a': return ce_strlist_add(argv, proof(response), err);
	case 'y': return ce_strlist_add(argv, ce_way_name(response->way), err);
	default: return ce_strlist_add(argv, word, err);
	}
}

/* --- the environment --- */

static int
add_own(struct ce_strlist *env, const struct ce_response *response, bool removing, struct ce_error *err)
{
	const char *certificate = response->order->certificate;
	const struct { const char *name, *value; } variables[] = {
		{ "ACTION", removing ? "remove" : "add" }, { "ISSUER", response->order->issuer },
		{ "CERTIFICATE", certificate ? certificate : "" }, { "CHALLENGE", ce_way_name(response->way) },
		{ "IDENTIFIER", response->identifier }, { "WILDCARD", response->wildcard ? "1" : "0" },
		{ "TOKEN", response->token }, { "KEY_AUTHORIZATION", response->key_authorization },
		{ "RECORD_NAME", where(response) }, { "RECORD_VALUE", response->value },
	};
	int rc = CE_OK;
	for (size_t i = 0; i < CE_COUNT(variables) && !rc; i++)
		if (variables[i].value)
			rc = ce_strlist_addf(env, err, "CERTENGINE_%s=%s", variables[i].name, variables[i].value);
	if (!rc && response->value)
		rc = ce_strlist_addf(env, err, "CERTENGINE_RECORD_TTL=%lld", response->way->ttl);
	if (!rc && !response->value)
		rc = ce_strlist_addf(env, err, "CERTENGINE_PATH=/.well-known/acme-challenge/%s", response->token);
	return rc;
}

/* As certbot's user guide says; a token is told with http-01 only. */
static int
add_certbot(struct ce_strlist *env, const struct ce_response *response, bool removing, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf all = CE_BUF_INIT;
	const struct ce_response *other;
	int rc = CE_OK, remaining = 0;
	bool passed = false;
	TAILQ_FOREACH(other, &response->order->responses, link) {
		remaining += passed;
		passed = passed || other == response;
		if (!rc)
			rc = ce_buf_addf(&all, err, "%s%s", all.size ? "," : "", other->identifier);
	}
	if (!rc)
		rc = ce_strlist_addf(env, err, "CERTBOT_DOMAIN=%s", response->identifier);
	if (!rc)
		rc = ce_strlist_addf(env, err, "CERTBOT_VALIDATION=%s", proof(response));
	if (!rc && !response->value)
		rc = ce_strlist_addf(env, err, "CERTBOT_TOKEN=%s", response->token);
	if (!rc)
		rc = ce_strlist_addf(env, err, "CERTBOT_ALL_DOMAINS=%s", ce_buf_text(&all));
	if (!rc)
		rc = ce_strlist_addf(env, err, "CERTBOT_REMAINING_CHALLENGES=%d", remaining);
	if (!rc && removing)
		rc = ce_strlist_addf(env, err, "CERTBOT_AUTH_OUTPUT=%s", response->output ? response->output : "");
	return rc;
}

static int
add_line(struct ce_strlist *env, const char *path, const char *line, size_t number, struct ce_error *err)
{
	line += strspn(line, " \t");
	if (!strncmp(line, "export ", 7))
		line += 7;
	if (*line == '\0' || *line == '#')
		return CE_OK;
	size_t name = strspn(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
	if (name == 0 || line[name] != '=')
		return ce_fail(err, CE_ERR_CONFIG, "environment_file '%s', line %zu: not of the form NAME=value", path, number);
	const char *value = line + name + 1;
	size_t size = strlen(value);
	bool quoted = size >= 2 && (*value == '"' || *value == '\'') && value[size - 1] == *value;
	return ce_strlist_addf(env, err, "%.*s=%.*s", (int)name, line, (int)(quoted ? size - 2 : size), value + quoted);
}

/* Secrets of a DNS provider, most often: nobody else may read them. */
static int
add_file(struct ce_strlist *env, const char *path, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf text = CE_BUF_SECRET;
	struct ce_file_info info;
	int rc = ce_file_read(path, ENVIRONMENT_MAX, &text, &info, err);
	if (rc)
		return ce_error_wrap(err, "environment_file");
	if ((info.mode & 077) != 0 || (info.uid != 0 && info.uid != geteuid()))
		return ce_fail(err, CE_ERR_REFUSED, "environment_file '%s' can be read by others: chmod 0600 it, and give it to root", path);
	size_t number = 1;
	for (char *line = (char *)text.data, *end; line && *line && !rc; line = end, number++) {
		end = strchr(line, '\n');
		if (end)
			*end++ = '\0';
		rc = add_line(env, path, line, number, err);
	}
	return rc;
}

/* --- the whole --- */

static int
add_program(const struct ce_way *way, bool removing, bool certbot, struct ce_strlist *argv, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf wrapper = CE_BUF_INIT;
	if (way->method != CE_WAY_DNSAPI) {
		const char *program = removing && certbot ? way->cleanup_hook : way->hook;
		int rc = ce_program_check(program, err);
		return rc ? rc : ce_strlist_add(argv, program, err);
	}
	int rc = ce_buf_addf(&wrapper, err, "%s/acme.sh", way->acme_sh);
	if (!rc)
		rc = ce_program_check(ce_buf_text(&wrapper), err);
	if (!rc)
		rc = ce_strlist_addf(argv, err, "%s/certengine-dnsapi", ce_dirs_built.helpers);
	if (!rc)
		rc = ce_strlist_add(argv, way->acme_sh, err);
	return rc ? rc : ce_strlist_add(argv, way->dnsapi, err);
}

int
ce_hook_command(const struct ce_response *response, bool removing, struct ce_command *ret_command, struct ce_error *err)
{
	const struct ce_way *way = response->way;
	const struct dialect *dialect = dialect_of(way);
	bool certbot = !strcmp(dialect->name, "certbot");
	if (removing && certbot && !way->cleanup_hook)
		return CE_UNCHANGED;
	int rc = add_program(way, removing, certbot, &ret_command->argv, err);
	const char *const *words = !removing ? dialect->add : response->order->proved ? dialect->remove : dialect->remove_after_failure;
	for (; *words && !rc; words++)
		rc = add_word(&ret_command->argv, *words, response, err);
	if (!rc && way->environment_file)
		rc = add_file(&ret_command->env, way->environment_file, err);
	if (!rc && certbot)
		rc = add_certbot(&ret_command->env, response, removing, err);
	else if (!rc && dialect == &dialects[0])
		rc = add_own(&ret_command->env, response, removing, err);
	return rc;
}

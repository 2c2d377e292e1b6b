/* The group "hosts", and what a target says of its host. */
#include <string.h>

#include "base/text.h"
#include "config/reader.h"
#include "crypto/names.h"

#define PORT_DEFAULT 22
#define TIMEOUT_DEFAULT 15
#define TIMEOUT_MAX 120
#define USER_MAX 64

#define AT(member) offsetof(struct ce_host_config, member)

static const struct ce_key host_keys[] = {
	{ "url", CE_KEY_STRING, AT(url), NULL },
	{ "identity", CE_KEY_CHOICE, AT(identities), NULL },
	{ "agent", CE_KEY_STRING, AT(agent), NULL },
	{ "known_hosts", CE_KEY_CHOICE, AT(known_hosts), NULL },
	{ "timeout", CE_KEY_INT, AT(timeout_s), NULL },
	{ NULL, 0, 0, NULL },
};

void
ce_host_config_release(struct ce_host_config *host)
{
	free(host->name);
	free(host->url);
	free(host->user);
	free(host->address);
	free(host->agent);
	free(host->file);
	ce_strlist_release(&host->identities);
	ce_strlist_release(&host->known_hosts);
	memset(host, 0, sizeof(*host));
}

const struct ce_host_config *
ce_config_host(const struct ce_config *config, const char *url)
{
	for (size_t i = 0; i < config->host_count; i++)
		if (strcmp(config->hosts[i].url, url) == 0)
			return &config->hosts[i];
	return NULL;
}

/* --- a URL --- */

CE_MUSTCHECK static int
check_user(const char *user, size_t size, struct ce_error *err)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-\\$";
	if (size > 0 && size <= USER_MAX && user[0] != '-' && strspn(user, allowed) >= size)
		return CE_OK;
	return ce_fail(err, CE_ERR_INVALID, "'%.*s' cannot be the name of a user on another host", (int)size, user);
}

/* The part behind '@', without port: a name, an IPv4 address, or an IPv6 address without its brackets. */
CE_MUSTCHECK static int
canonical_address(const char *text, size_t size, char **ret_address, struct ce_error *err)
{
	CE_CLEANUP(ce_freep) char *part = strndup(text, size);
	if (!part)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	if (part[0] == '*' || part[0] == '-')
		return ce_fail(err, CE_ERR_INVALID, "'%s' is no host that can be reached", part);
	enum ce_name_kind kind;
	return ce_name_canonical(part, ret_address, &kind, err);
}

CE_MUSTCHECK static int
parse_port(const char *text, int *ret_port, struct ce_error *err)
{
	size_t size = strlen(text);
	int port = 0;
	for (size_t i = 0; i < size && i < 6; i++)
		port = port * 10 + (text[i] - '0');
	if (size == 0 || size > 5 || strspn(text, "0123456789") != size || port < 1 || port > 65535)
		return ce_fail(err, CE_ERR_INVALID, "'%s' is no port", text);
	*ret_port = port;
	return CE_OK;
}

CE_MUSTCHECK static int
write_url(struct ce_host_config *host, struct ce_error *err)
{
	bool v6 = strchr(host->address, ':') != NULL;
	CE_CLEANUP(ce_buf_release) struct ce_buf url = CE_BUF_INIT;
	int code = ce_buf_addf(&url, err, "ssh://%s@%s%s%s", host->user, v6 ? "[" : "", host->address, v6 ? "]" : "");
	if (code == CE_OK && host->port != PORT_DEFAULT)
		code = ce_buf_addf(&url, err, ":%d", host->port);
	if (code < 0)
		return code;
	host->url = ce_buf_steal_text(&url);
	return host->url ? CE_OK : ce_fail(err, CE_ERR_MEMORY, "out of memory");
}

CE_MUSTCHECK static int
parse_place(const char *place, struct ce_host_config *host, struct ce_error *err)
{
	bool v6 = place[0] == '[';
	const char *start = place + v6, *end = start + strcspn(start, v6 ? "]" : ":");
	if (v6 && *end != ']')
		return ce_fail(err, CE_ERR_INVALID, "the address '%s' has no closing bracket", place);
	const char *rest = end + v6;
	if (*rest != '\0' && *rest != ':')
		return ce_fail(err, CE_ERR_INVALID, "'%s' follows the address", rest);
	host->port = PORT_DEFAULT;
	int code = *rest == ':' ? parse_port(rest + 1, &host->port, err) : CE_OK;
	return code == CE_OK ? canonical_address(start, (size_t)(end - start), &host->address, err) : code;
}

int
ce_host_config_parse(const char *url, struct ce_host_config *ret_host, struct ce_error *err)
{
	static const char scheme[] = "ssh://";
	if (strncmp(url, scheme, sizeof(scheme) - 1) != 0)
		return ce_fail(err, CE_ERR_INVALID, "'%s' is no host of the form ssh://user@name or ssh://user@name:port", url);
	const char *user = url + sizeof(scheme) - 1, *at = strchr(user, '@');
	if (!at)
		return ce_fail(err, CE_ERR_INVALID, "'%s' names no user: ssh://user@name", url);
	if (memchr(user, ':', (size_t)(at - user)))
		return ce_fail(err, CE_ERR_INVALID, "no password belongs into a URL: log in with a key");
	if (strpbrk(at + 1, "/?#@"))
		return ce_fail(err, CE_ERR_INVALID, "'%s' goes on behind the host: ssh://user@name:port is all there is", url);
	CE_CLEANUP(ce_host_config_release) struct ce_host_config host = { .name = NULL };
	int code = check_user(user, (size_t)(at - user), err);
	if (code == CE_OK)
		code = parse_place(at + 1, &host, err);
	if (code < 0)
		return code == CE_ERR_MEMORY ? code : ce_fail(err, CE_ERR_INVALID, "%s", err ? err->text : "");
	host.user = strndup(user, (size_t)(at - user));
	if (!host.user)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	code = write_url(&host, err);
	if (code < 0)
		return code;
	ret_host->url = CE_STEAL(host.url);
	ret_host->user = CE_STEAL(host.user);
	ret_host->address = CE_STEAL(host.address);
	ret_host->port = host.port;
	return CE_OK;
}

/* --- the group --- */

CE_MUSTCHECK static int
append(struct ce_config *config, struct ce_host_config *host, struct ce_error *err)
{
	struct ce_host_config *items = realloc(config->hosts, (config->host_count + 1) * sizeof(*items));
	if (!items)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	config->hosts = items;
	items[config->host_count++] = *host;
	memset(host, 0, sizeof(*host));
	return CE_OK;
}

static const struct ce_host_config *
find_named(const struct ce_config *config, const char *name)
{
	for (size_t i = 0; i < config->host_count; i++)
		if (config->hosts[i].name && strcmp(config->hosts[i].name, name) == 0)
			return &config->hosts[i];
	return NULL;
}

CE_MUSTCHECK static int
check_name(struct ce_reader *reader, const config_setting_t *group, bool *ret_good, struct ce_error *err)
{
	const char *name = config_setting_name(group);
	const struct ce_host_config *before = find_named(reader->config, name);
	*ret_good = false;
	if (before)
		return ce_reader_complain(reader, group, err, "host '%s' is declared in %s:%d already", name, before->file,
			before->line);
	if (!ce_name_is_label(name) || strcmp(name, "local") == 0)
		return ce_reader_complain(reader, group, err,
			"'%s' cannot be the name of a host: at most 64 letters, digits, '-' and '_', and not 'local'", name);
	return ce_reader_is_group(reader, group, ret_good, err);
}

CE_MUSTCHECK static int
check_paths(struct ce_reader *reader, const config_setting_t *place, const char *key, const struct ce_strlist *paths,
	struct ce_error *err)
{
	for (size_t i = 0; i < paths->count; i++) {
		int code = paths->items[i][0] == '/' ? CE_OK : ce_reader_complain(reader, place, err,
			"'%s' must be an absolute path, not '%s'", key, paths->items[i]);
		if (code < 0)
			return code;
	}
	return CE_OK;
}

CE_MUSTCHECK static int
check_values(struct ce_reader *reader, const config_setting_t *group, const struct ce_host_config *host,
	struct ce_error *err)
{
	int code = check_paths(reader, ce_reader_place(group, "identity"), "identity", &host->identities, err);
	if (code >= 0)
		code = check_paths(reader, ce_reader_place(group, "known_hosts"), "known_hosts", &host->known_hosts, err);
	if (code >= 0 && host->agent && host->agent[0] != '/')
		code = ce_reader_complain(reader, ce_reader_place(group, "agent"), err, "'agent' must be an absolute path, not '%s'",
			host->agent);
	if (code >= 0 && (host->timeout_s < 1 || host->timeout_s > TIMEOUT_MAX))
		code = ce_reader_complain(reader, ce_reader_place(group, "timeout"), err,
			"'timeout' must lie between 1 and %d seconds, not %d", TIMEOUT_MAX, host->timeout_s);
	return code;
}

/* Replaces what was written by its canonical form; *ret_good: it is a host that is not there yet. */
CE_MUSTCHECK static int
check_url(struct ce_reader *reader, const config_setting_t *group, struct ce_host_config *host, bool *ret_good,
	struct ce_error *err)
{
	const config_setting_t *place = ce_reader_place(group, "url");
	*ret_good = false;
	if (!host->url)
		return config_setting_get_member(group, "url") ? CE_OK : ce_reader_complain(reader, place, err,
			"host '%s' needs a 'url', such as \"ssh://root@db.example.com\"", host->name);
	struct ce_error why = { .code = CE_OK };
	CE_CLEANUP(ce_freep) char *said = CE_STEAL(host->url);
	int code = ce_host_config_parse(said, host, &why);
	if (code == CE_ERR_INVALID)
		return ce_reader_complain(reader, place, err, "host '%s': %s", host->name, why.text);
	if (code < 0)
		return ce_fail(err, code, "%s", why.text);
	const struct ce_host_config *before = ce_config_host(reader->config, host->url);
	if (before)
		return ce_reader_complain(reader, place, err, "host '%s' is at '%s', and so is host '%s' (%s:%d)", host->name,
			host->url, before->name, before->file, before->line);
	*ret_good = true;
	return CE_OK;
}

CE_MUSTCHECK static int
read_host(struct ce_reader *reader, const config_setting_t *group, struct ce_error *err)
{
	bool good;
	int code = check_name(reader, group, &good, err);
	if (code < 0 || !good)
		return code;
	CE_CLEANUP(ce_host_config_release) struct ce_host_config host = { .timeout_s = TIMEOUT_DEFAULT,
		.line = (int)config_setting_source_line(group) };
	host.name = strdup(config_setting_name(group));
	host.file = strdup(reader->file);
	CE_CLEANUP(ce_buf_release) struct ce_buf what = CE_BUF_INIT;
	if (!host.name || !host.file)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	code = ce_buf_addf(&what, err, "host '%s'", host.name);
	if (code >= 0)
		code = ce_reader_group(reader, group, ce_buf_text(&what), host_keys, &host, NULL, err);
	if (code >= 0)
		code = check_values(reader, group, &host, err);
	if (code >= 0)
		code = check_url(reader, group, &host, &good, err);
	return code < 0 || !good ? code : append(reader->config, &host, err);
}

int
ce_reader_hosts(struct ce_reader *reader, const config_setting_t *hosts, struct ce_error *err)
{
	for (int i = 0; i < config_setting_length(hosts); i++) {
		int code = read_host(reader, config_setting_get_elem(hosts, (unsigned)i), err);
		if (code < 0)
			return code;
	}
	return CE_OK;
}

/* --- of a target --- */

CE_MUSTCHECK static int
complain_unknown(struct ce_reader *reader, const config_setting_t *place, const char *said, struct ce_error *err)
{
	CE_CLEANUP(ce_freep) const char **names = calloc(reader->config->host_count + 1, sizeof(*names));
	size_t count = 0;
	if (!names)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < reader->config->host_count; i++)
		if (reader->config->hosts[i].name)
			names[count++] = reader->config->hosts[i].name;
	const char *near = ce_text_nearest(said, names);
	if (near)
		return ce_reader_complain(reader, place, err, "there is no host '%s', did you mean '%s'?", said, near);
	return ce_reader_complain(reader, place, err,
		"there is no host '%s': declare it in the group 'hosts', or write ssh://user@name", said);
}

int
ce_reader_host(struct ce_reader *reader, const config_setting_t *place, const char *said, char **ret_url,
	struct ce_error *err)
{
	const struct ce_host_config *named = find_named(reader->config, said);
	CE_CLEANUP(ce_host_config_release) struct ce_host_config host = { .timeout_s = TIMEOUT_DEFAULT };
	struct ce_error why = { .code = CE_OK };
	if (!named && !strstr(said, "://"))
		return complain_unknown(reader, place, said, err);
	int code = named ? CE_OK : ce_host_config_parse(said, &host, &why);
	if (code == CE_ERR_INVALID)
		return ce_reader_complain(reader, place, err, "%s", why.text);
	if (code < 0)
		return ce_fail(err, code, "%s", why.text);
	CE_CLEANUP(ce_freep) char *url = strdup(named ? named->url : host.url);
	if (!url)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	if (!ce_config_host(reader->config, url)) {
		code = append(reader->config, &host, err);
		if (code < 0)
			return code;
	}
	*ret_url = CE_STEAL(url);
	return CE_OK;
}

/* Host keys are pinned: what is not recorded is not trusted, neither at first nor ever. */
#include <stdlib.h>
#include <string.h>

#include "host/ssh_session.h"

/* What the recorded keys of one host say. */
struct known {
	char *name;              /* as such files name it: "host", or "[host]:port" */
	bool any;                /* a key of this host is recorded */
	bool same;               /* it is the one looked for */
	bool revoked;            /* that one is marked as revoked */
	struct ce_buf kinds;     /* of those that are recorded, for the negotiation */
};

static void
known_release(struct known *known)
{
	free(known->name);
	ce_buf_release(&known->kinds);
}

static int
name_host(const struct ce_ssh_login *login, char **ret_name, struct ce_error *err)
{
	char *name = NULL;
	if (login->port == 22)
		name = strdup(login->address);
	else if (asprintf(&name, "[%s]:%d", login->address, login->port) < 0)
		name = NULL;
	*ret_name = name;
	return name ? CE_OK : ce_fail(err, CE_ERR_MEMORY, "out of memory");
}

static int
add_kind(struct known *known, const ssh_key key, struct ce_error *err)
{
	const char *kind = ssh_key_type(key) == SSH_KEYTYPE_RSA ? "rsa-sha2-512,rsa-sha2-256" : ssh_key_type_to_char(ssh_key_type(key));
	if (!kind || strstr(ce_buf_text(&known->kinds), kind))
		return CE_OK;
	return ce_buf_addf(&known->kinds, err, "%s%s", known->kinds.size ? "," : "", kind);
}

/* One line; offered: the key looked for, NULL: none yet. */
static int
take_line(struct known *known, const char *line, const ssh_key offered, struct ce_error *err)
{
	static const char revoked[] = "@revoked ";
	bool is_revoked = strncmp(line, revoked, sizeof(revoked) - 1) == 0;
	if (is_revoked)
		line += sizeof(revoked) - 1;
	struct ssh_knownhosts_entry *entry = NULL;
	if (ssh_known_hosts_parse_line(known->name, line, &entry) != SSH_OK)
		return CE_OK; /* another host's, a comment, or nothing that can be read */
	int code = CE_OK;
	bool same = offered && entry->publickey && ssh_key_cmp(entry->publickey, offered, SSH_KEY_CMP_PUBLIC) == 0;
	if (is_revoked) {
		known->revoked = known->revoked || same;
	} else if (entry->publickey) {
		known->any = true;
		known->same = known->same || same;
		code = add_kind(known, entry->publickey, err);
	}
	SSH_KNOWNHOSTS_ENTRY_FREE(entry);
	return code;
}

static int
look_up(const struct ce_ssh_login *login, const ssh_key offered, struct known *known, struct ce_error *err)
{
	int code = name_host(login, &known->name, err);
	const char *at = (const char *)login->known.data, *end = at + login->known.size;
	while (code == CE_OK && at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t size = (size_t)((stop ? stop : end) - at);
		CE_CLEANUP(ce_freep) char *line = strndup(at, size);
		if (!line)
			return ce_fail(err, CE_ERR_MEMORY, "out of memory");
		line[strcspn(line, "\r")] = '\0';
		code = take_line(known, line + strspn(line, " \t"), offered, err);
		at += size + 1;
	}
	return code;
}

int
ce_ssh_known_prefer(struct ce_ssh_session *session, const struct ce_ssh_login *login, struct ce_error *err)
{
	CE_CLEANUP(known_release) struct known known = { .kinds = CE_BUF_INIT };
	int code = look_up(login, NULL, &known, err);
	if (code < 0 || !known.any)
		return code;
	if (ssh_options_set(session->ssh, SSH_OPTIONS_HOSTKEYS, ce_buf_text(&known.kinds)) != SSH_OK)
		return ce_fail(err, CE_ERR_REFUSED, "the host keys recorded for '%s' are of no kind that can be used (%s)", known.name,
			ce_buf_text(&known.kinds));
	return CE_OK;
}

/* "ssh-ed25519 SHA256:...". */
static int
describe(const ssh_key key, char *out, size_t room, struct ce_error *err)
{
	unsigned char *hash = NULL;
	size_t size = 0;
	if (ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash, &size) != SSH_OK)
		return ce_fail(err, CE_ERR_MEMORY, "the host key cannot be read");
	char *print = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, size);
	const char *kind = ssh_key_type_to_char(ssh_key_type(key));
	(void)snprintf(out, room, "%s %s", kind ? kind : "?", print ? print : "?");
	ssh_string_free_char(print);
	ssh_clean_pubkey_hash(&hash);
	return CE_OK;
}

static int
judge(const struct known *known, const char *shown, const struct ce_ssh_login *login, struct ce_error *err)
{
	if (known->revoked)
		return ce_fail(err, CE_ERR_REFUSED, "the host key %s of '%s' is marked as revoked in '%s'; nothing was sent to it", shown,
			known->name, login->known_file);
	if (known->same)
		return CE_OK;
	if (known->any)
		return ce_fail(err, CE_ERR_REFUSED, "the host key has changed: '%s' shows %s, and another one is recorded; nothing was sent "
			"to it. If the host was set up anew, replace its line in '%s' (`ssh-keygen -R '%s' -f FILE`, then as for a new host)",
			known->name, shown, login->known_file, known->name);
	return ce_fail(err, CE_ERR_REFUSED, "the host key of '%s' is not known: it shows %s. Compare that with `ssh-keygen -lf "
		"/etc/ssh/ssh_host_ed25519_key.pub` on the host itself, then record it: ssh-keyscan -p %d %s >>%s", known->name, shown,
		login->port, login->address, login->known_file);
}

int
ce_ssh_known_check(struct ce_ssh_session *session, const struct ce_ssh_login *login, struct ce_error *err)
{
	CE_CLEANUP(known_release) struct known known = { .kinds = CE_BUF_INIT };
	ssh_key offered = NULL;
	char shown[128];
	if (ssh_get_server_publickey(session->ssh, &offered) != SSH_OK)
		return ce_ssh_fail(session, err, "read the host key");
	int code = describe(offered, shown, sizeof(shown), err);
	if (code == CE_OK)
		code = look_up(login, offered, &known, err);
	ssh_key_free(offered);
	return code < 0 ? code : judge(&known, shown, login, err);
}

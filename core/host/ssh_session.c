/* Connecting and logging in. Nothing is read from the account's own configuration of SSH. */
#include "host/ssh_session.h"

#include <stdlib.h>
#include <string.h>

bool
ce_ssh_is_alive(const struct ce_ssh_session *session)
{
	return session->ssh && ssh_is_connected(session->ssh) && !(ssh_get_status(session->ssh) & (SSH_CLOSED | SSH_CLOSED_ERROR));
}

int
ce_ssh_fail(const struct ce_ssh_session *session, struct ce_error *err, const char *what)
{
	const char *why = session->ssh ? ssh_get_error(session->ssh) : "";
	return ce_fail(err, CE_ERR_NETWORK, "%s: %s", what, why && *why ? why : "the connection was closed");
}

void
ce_ssh_disconnect(struct ce_ssh_session *session)
{
	if (session->sftp)
		sftp_free(session->sftp); /* and with it its channel */
	else if (session->files)
		ssh_channel_free(session->files);
	if (session->event && session->ssh)
		(void)ssh_event_remove_session(session->event, session->ssh);
	if (session->event)
		ssh_event_free(session->event);
	if (session->ssh) {
		ssh_disconnect(session->ssh);
		ssh_free(session->ssh);
	}
	for (size_t i = 0; i < session->trusted_count; i++)
		free(session->trusted[i]);
	memset(session, 0, sizeof(*session));
}

static bool
set_options(ssh_session ssh, const struct ce_ssh_login *login)
{
	unsigned port = (unsigned)login->port;
	long seconds = login->timeout_s;
	bool no = false;
	static const char none[] = "/nonexistent";
	return ssh_options_set(ssh, SSH_OPTIONS_PROCESS_CONFIG, &no) == SSH_OK
	       && ssh_options_set(ssh, SSH_OPTIONS_SSH_DIR, none) == SSH_OK
	       && ssh_options_set(ssh, SSH_OPTIONS_KNOWNHOSTS, "/nonexistent/known_hosts") == SSH_OK
	       && ssh_options_set(ssh, SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/nonexistent/known_hosts") == SSH_OK
	       && ssh_options_set(ssh, SSH_OPTIONS_HOST, login->address) == SSH_OK
	       && ssh_options_set(ssh, SSH_OPTIONS_PORT, &port) == SSH_OK
	       && ssh_options_set(ssh, SSH_OPTIONS_USER, login->user) == SSH_OK
	       && ssh_options_set(ssh, SSH_OPTIONS_TIMEOUT, &seconds) == SSH_OK;
}

/* A key from PEM or OpenSSH's own form. */
static int
import_key(const char *name, struct ce_bytes bytes, ssh_key *ret_key, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf text = CE_BUF_SECRET;
	int code = ce_buf_add(&text, bytes.data, bytes.size, err);
	if (code < 0)
		return code;
	if (ssh_pki_import_privkey_base64(ce_buf_text(&text), NULL, NULL, NULL, ret_key) == SSH_OK)
		return CE_OK;
	return ce_fail(err, CE_ERR_CONFIG, "identity '%s' is no private key without a passphrase; one with a passphrase is used "
		"through an agent", name);
}

/* CE_UNCHANGED: the server wants another one. */
static int
judge_login(const struct ce_ssh_session *session, int answered, struct ce_error *err)
{
	switch (answered) {
	case SSH_AUTH_SUCCESS:
		return CE_OK;
	case SSH_AUTH_DENIED:
		return CE_UNCHANGED;
	case SSH_AUTH_PARTIAL:
		return ce_fail(err, CE_ERR_REFUSED, "the server wants more than a key to log in");
	default:
		return ce_ssh_fail(session, err, "log in");
	}
}

static int
log_in(const struct ce_ssh_session *session, const struct ce_ssh_login *login, struct ce_error *err)
{
	int code = CE_UNCHANGED;
	for (size_t i = 0; code == CE_UNCHANGED && i < login->key_count; i++) {
		ssh_key key = NULL;
		code = import_key(login->names[i] ? login->names[i] : "", login->keys[i], &key, err);
		if (code == CE_OK)
			code = judge_login(session, ssh_userauth_publickey(session->ssh, NULL, key), err);
		ssh_key_free(key);
	}
	if (code == CE_UNCHANGED && login->agent) {
		if (ssh_set_agent_socket(session->ssh, CE_SSH_AGENT) != SSH_OK)
			return ce_ssh_fail(session, err, "use the agent");
		code = judge_login(session, ssh_userauth_agent(session->ssh, NULL), err);
	}
	if (code != CE_UNCHANGED)
		return code;
	return ce_fail(err, CE_ERR_REFUSED, "user '%s' may not log in with %s%s%s: put its public key into the authorized_keys of "
		"that user", login->user, login->key_count ? "identity " : "the agent's keys",
		login->key_count ? login->names[0] : "", login->key_count > 1 || (login->key_count && login->agent)
		? " or the other ones" : "");
}

static int
establish(struct ce_ssh_session *session, const struct ce_ssh_login *login, struct ce_error *err)
{
	int code = ce_ssh_known_prefer(session, login, err);
	if (code < 0)
		return code;
	if (ssh_connect(session->ssh) != SSH_OK)
		return ce_ssh_fail(session, err, "connect");
	code = ce_ssh_known_check(session, login, err);
	if (code == CE_OK)
		code = log_in(session, login, err);
	if (code < 0)
		return code;
	session->event = ssh_event_new();
	if (!session->event || ssh_event_add_session(session->event, session->ssh) != SSH_OK)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	return CE_OK;
}

int
ce_ssh_connect(struct ce_ssh_session *session, const struct ce_ssh_login *login, struct ce_error *err)
{
	ce_ssh_disconnect(session);
	session->ssh = ssh_new();
	if (!session->ssh || !set_options(session->ssh, login)) {
		ce_ssh_disconnect(session);
		return ce_fail(err, CE_ERR_CONFIG, "'%s' cannot be connected to as '%s'", login->address, login->user);
	}
	int code = establish(session, login, err);
	if (code < 0)
		ce_ssh_disconnect(session);
	return code;
}

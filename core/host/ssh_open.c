/* What certengine-ssh needs and cannot read itself: the keys, the hosts that are known, a way to the agent. */
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/dirs.h"
#include "base/sys.h"
#include "host/ssh_own.h"

#define IDENTITY_MAX (64u << 10)
#define KNOWN_MAX (4u << 20)

static int
connect_agent(const char *path, int *ret_fd, struct ce_error *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(address.sun_path))
		return ce_fail(err, CE_ERR_CONFIG, "the path of the agent '%s' is too long for a socket", path);
	memcpy(address.sun_path, path, strlen(path) + 1);
	CE_CLEANUP(ce_closep) int fd = ce_sys->socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || ce_sys->connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0)
		return ce_fail_errno(err, errno, "connect to the agent '%s'", path);
	*ret_fd = fd;
	fd = -1;
	return CE_OK;
}

int
ce_ssh_start(struct ce_ssh_host *host, struct ce_error *err)
{
	CE_CLEANUP(ce_strlist_release) struct ce_strlist argv = CE_STRLIST_INIT;
	CE_CLEANUP(ce_closep) int agent = -1;
	int code = host->agent ? connect_agent(host->agent, &agent, err) : CE_OK;
	if (code == CE_OK)
		code = ce_strlist_addf(&argv, err, "%s/certengine-ssh", ce_dirs_built.helpers);
	if (code == CE_OK)
		code = ce_helper_start((const char *const *)argv.items, &agent, host->agent ? 1 : 0, &host->helper, err);
	return code < 0 ? ce_error_wrap(err, "host '%s': start its process", host->url) : CE_OK;
}

/* A key that others can read is no secret any more, and one that they can write is theirs. */
static int
read_identity(const char *path, struct ce_buf *ret_key, struct ce_error *err)
{
	struct ce_file_info info = { 0 };
	int code = ce_file_read(path, IDENTITY_MAX, ret_key, &info, err);
	if (code < 0)
		return ce_error_wrap(err, "identity");
	if ((info.uid != 0 && info.uid != geteuid()) || (info.mode & 077) != 0)
		return ce_fail(err, CE_ERR_REFUSED, "identity '%s' is open to others (mode %04o, owner %lu); make it 0600 and yours",
			path, (unsigned)info.mode, (unsigned long)info.uid);
	return CE_OK;
}

/* Those of the account that are there, as ssh(1) looks for them. */
static int
default_identities(const char *home, struct ce_strlist *ret_paths, struct ce_error *err)
{
	static const char *const names[] = { "id_ed25519", "id_ecdsa", "id_rsa" };
	for (size_t i = 0; i < CE_COUNT(names); i++) {
		CE_CLEANUP(ce_freep) char *path = NULL;
		struct ce_file_info info = { 0 };
		if (asprintf(&path, "%s/.ssh/%s", home, names[i]) < 0) {
			path = NULL;
			return ce_fail(err, CE_ERR_MEMORY, "out of memory");
		}
		if (ce_file_stat(path, &info, NULL) == CE_OK && info.exists && ce_strlist_add(ret_paths, path, err) < 0)
			return err ? err->code : CE_ERR_MEMORY;
	}
	return CE_OK;
}

static const char *
home_of_account(void)
{
	const struct passwd *account = getpwuid(geteuid());
	return account && account->pw_dir && account->pw_dir[0] == '/' ? account->pw_dir : "/root";
}

static int
put_identities(const struct ce_ssh_host *host, struct ce_message *request, struct ce_error *err)
{
	CE_CLEANUP(ce_strlist_release) struct ce_strlist found = CE_STRLIST_INIT;
	const struct ce_strlist *paths = &host->identities;
	if (paths->count == 0 && !host->agent) {
		int code = default_identities(home_of_account(), &found, err);
		if (code < 0)
			return code;
		paths = &found;
	}
	if (paths->count == 0 && !host->agent)
		return ce_fail(err, CE_ERR_CONFIG, "there is no key to log in with: set 'identity' or 'agent' in the group 'hosts'");
	size_t count = paths->count < CE_SSH_KEYS_MAX ? paths->count : CE_SSH_KEYS_MAX;
	ce_message_put_int(request, (int64_t)count);
	for (size_t i = 0; i < count; i++) {
		CE_CLEANUP(ce_buf_release) struct ce_buf key = CE_BUF_SECRET;
		int code = read_identity(paths->items[i], &key, err);
		if (code < 0)
			return code;
		ce_message_put_str(request, paths->items[i]);
		ce_message_put_bytes(request, ce_buf_bytes(&key));
	}
	return CE_OK;
}

/* One that is not there knows nobody, unless it was configured. */
static int
add_known(const char *path, bool configured, struct ce_buf *known, struct ce_error *err)
{
	struct ce_file_info info = { 0 };
	CE_CLEANUP(ce_buf_release) struct ce_buf text = CE_BUF_INIT;
	int code = ce_file_read(path, KNOWN_MAX, &text, &info, err);
	if (code == CE_ERR_NOT_FOUND && !configured) {
		ce_error_forget(err);
		return CE_OK;
	}
	if (code < 0)
		return ce_error_wrap(err, "known hosts");
	if ((info.mode & 022) != 0 || (info.uid != 0 && info.uid != geteuid()))
		return ce_fail(err, CE_ERR_REFUSED, "'%s' can be written by others (mode %04o, owner %lu): they would say which hosts "
			"are trusted", path, (unsigned)info.mode, (unsigned long)info.uid);
	code = ce_buf_add(known, text.data, text.size, err);
	return code == CE_OK ? ce_buf_adds(known, "\n", err) : code;
}

static int
collect_known(const struct ce_ssh_host *host, struct ce_buf *known, struct ce_error *err)
{
	for (size_t i = 0; i < host->known_hosts.count; i++) {
		int code = add_known(host->known_hosts.items[i], true, known, err);
		if (code < 0)
			return code;
	}
	if (host->known_hosts.count > 0)
		return CE_OK;
	CE_CLEANUP(ce_freep) char *own = NULL;
	if (asprintf(&own, "%s/.ssh/known_hosts", home_of_account()) < 0) {
		own = NULL;
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	}
	int code = add_known("/etc/ssh/ssh_known_hosts", false, known, err);
	return code == CE_OK ? add_known(own, false, known, err) : code;
}

int
ce_ssh_opening(const struct ce_ssh_host *host, struct ce_message *request, struct ce_buf *ret_known,
	struct ce_error *err)
{
	ce_message_put_str(request, host->address);
	ce_message_put_int(request, host->port);
	ce_message_put_str(request, host->user);
	ce_message_put_int(request, host->timeout_s);
	ce_message_put_int(request, host->agent != NULL);
	ce_message_put_str(request, host->known_hosts.count > 0 ? host->known_hosts.items[0] : "/etc/ssh/ssh_known_hosts");
	int code = put_identities(host, request, err);
	return code == CE_OK ? collect_known(host, ret_known, err) : code;
}

/* Challenge files for http-01 in a web server's directory. It belongs to others, so the file rules
 * hold (base/file.h). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"
#include "crypto/digest.h"
#include "issuer/acme_own.h"

static const char *const levels[] = { ".well-known", "acme-challenge" };

#define CONTENT_MAX 1024

static int
path_of(struct ce_buf *path, const char *webroot, size_t depth, const char *token, struct ce_error *err)
{
	int rc = ce_buf_adds(path, webroot, err);
	for (size_t i = 0; i < depth && !rc; i++)
		rc = ce_buf_addf(path, err, "/%s", levels[i]);
	return rc || !token ? rc : ce_buf_addf(path, err, "/%s", token);
}

/* Makes the level-th directory if it is missing. Web servers must be able to enter it, whatever umask says. */
static int
make_level(const char *webroot, size_t level, int *made, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf parent_path = CE_BUF_INIT, path = CE_BUF_INIT;
	int rc = path_of(&parent_path, webroot, level, NULL, err);
	if (!rc)
		rc = path_of(&path, webroot, level + 1, NULL, err);
	CE_CLEANUP(ce_closep) int parent = -1;
	if (!rc)
		rc = ce_dir_open(ce_buf_text(&parent_path), &parent, err);
	if (rc)
		return rc;
	if (ce_sys->mkdirat(parent, levels[level], 0755))
		return errno == EEXIST ? CE_OK : ce_fail_errno(err, errno, "create '%s'", ce_buf_text(&path));
	++*made;
	CE_CLEANUP(ce_closep) int fd = ce_sys->openat(parent, levels[level], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
	if (fd < 0 || ce_sys->fchmod(fd, 0755))
		return ce_fail_errno(err, errno, "open '%s' for the web server", ce_buf_text(&path));
	return CE_OK;
}

/* The temporary's name is known, so that one of a run that was killed can be found. Tokens are too long for a prefix. */
static int
name_temporary(const char *token, char ret_name[CE_SHA256_HEX + 16], struct ce_error *err)
{
	char hex[CE_SHA256_HEX];
	int rc = ce_sha256_hex((struct ce_bytes){ (const unsigned char *)token, strlen(token) }, hex, err);
	if (!rc)
		snprintf(ret_name, CE_SHA256_HEX + 16, ".certengine-%s", hex);
	return rc;
}

static int
remove_temporary(const char *webroot, const char *token, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf path = CE_BUF_INIT;
	char name[CE_SHA256_HEX + 16];
	int rc = name_temporary(token, name, err);
	if (!rc)
		rc = path_of(&path, webroot, CE_COUNT(levels), name, err);
	return rc ? rc : ce_file_withdraw(ce_buf_text(&path), err);
}

/* A file that is there already may be what a run that was killed left; anything else is not ours. */
static int
check_absent(const char *path, const char *content, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf found = CE_BUF_INIT;
	struct ce_error ignored = { 0 };
	int rc = ce_file_read(path, CONTENT_MAX, &found, NULL, &ignored);
	if (rc == CE_ERR_NOT_FOUND)
		return CE_OK;
	if (!rc && !strcmp(ce_buf_text(&found), content))
		return CE_UNCHANGED;
	return ce_fail(err, CE_ERR_REFUSED, "'%s' is there already and not ours", path);
}

static int
write_file(const char *path, const char *token, const char *content, struct ce_error *err)
{
	char temporary[CE_SHA256_HEX + 16];
	int rc = name_temporary(token, temporary, err);
	if (rc)
		return rc;
	const struct ce_file_spec spec = { .path = path, .temporary = temporary, .bytes = { (const unsigned char *)content, strlen(content) },
		.uid = geteuid(), .gid = getegid(), .mode = 0644 };
	CE_CLEANUP(ce_file_replacep) struct ce_file_replace *replace = NULL;
	rc = ce_file_prepare(&spec, &replace, err);
	return rc ? rc : ce_file_switch(replace, NULL, err);
}

int
ce_acme_webroot_prepare(const char *webroot, int *made, struct ce_error *err)
{
	for (size_t level = 0; level < CE_COUNT(levels); level++) {
		int rc = make_level(webroot, level, made, err);
		if (rc)
			return ce_error_wrap(err, "challenge.webroot");
	}
	return CE_OK;
}

int
ce_acme_webroot_present(const char *webroot, const char *token, const char *content, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf path = CE_BUF_INIT;
	int rc = path_of(&path, webroot, CE_COUNT(levels), token, err);
	if (!rc)
		rc = check_absent(ce_buf_text(&path), content, err);
	if (rc == CE_UNCHANGED)
		return CE_OK;
	if (!rc)
		rc = write_file(ce_buf_text(&path), token, content, err);
	return rc ? ce_error_wrap(err, "challenge.webroot") : CE_OK;
}

int
ce_acme_webroot_cleanup(const char *webroot, const char *token, const char *content, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf path = CE_BUF_INIT, found = CE_BUF_INIT;
	int rc = path_of(&path, webroot, CE_COUNT(levels), token, err);
	if (!rc)
		rc = ce_file_read(ce_buf_text(&path), CONTENT_MAX, &found, NULL, err);
	if (rc == CE_ERR_NOT_FOUND) {
		ce_error_forget(err);
		return remove_temporary(webroot, token, err);
	}
	if (rc)
		return rc;
	return strcmp(ce_buf_text(&found), content) ? CE_UNCHANGED : ce_file_remove(ce_buf_text(&path), err);
}

/* The innermost was made last. One that others use meanwhile is not empty and stays. */
void
ce_acme_webroot_remove_directories(const char *webroot, int made)
{
	for (size_t level = CE_COUNT(levels); level-- > 0 && made > 0; made--) {
		CE_CLEANUP(ce_buf_release) struct ce_buf parent_path = CE_BUF_INIT;
		CE_CLEANUP(ce_closep) int parent = -1;
		struct ce_error ignored = { 0 }; /* a directory too many does no harm */
		if (path_of(&parent_path, webroot, level, NULL, &ignored)
		    || ce_dir_open(ce_buf_text(&parent_path), &parent, &ignored)
		    || ce_sys->unlinkat(parent, levels[level], AT_REMOVEDIR))
			return;
	}
}

/* The PKCS#11 modules of the process, the PINs of their tokens, and what their failures mean. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "crypto/token_own.h"

/* A token that the configuration names. */
struct known {
	char *uri;      /* without pin-source */
	char *pin_file; /* NULL: none is configured */
};

static struct {
	char *module;   /* NULL: those that p11-kit knows */
	pid_t begun;    /* the process that loaded them; 0: none did yet */
	struct known *known;
	size_t count;
	struct ce_strlist refused; /* URIs of tokens, with their serial numbers, that refused a PIN in this process */
	struct ce_error why;       /* why no PIN was given, or was not taken, in the operation that goes on */
} tokens;

int
ce_tokens_configure(const char *module, const char *const *environment, struct ce_error *err)
{
	for (const char *const *entry = environment; entry && *entry; entry++) {
		const char *equals = strchr(*entry, '=');
		CE_CLEANUP(ce_freep) char *name = equals ? strndup(*entry, (size_t)(equals - *entry)) : NULL;
		if (!name || setenv(name, equals + 1, 1) != 0)
			return ce_fail(err, CE_ERR_CONFIG, "the environment of the PKCS#11 module cannot be set");
	}
	char *copy = module ? strdup(module) : NULL;
	if (module && !copy)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	free(tokens.module);
	tokens.module = copy;
	return CE_OK;
}

static struct known *
find(const char *uri)
{
	for (size_t i = 0; i < tokens.count; i++)
		if (ce_token_uri_covers(tokens.known[i].uri, uri, false))
			return &tokens.known[i];
	return NULL;
}

CE_MUSTCHECK static int
add(char **uri, char **pin_file, struct ce_error *err)
{
	struct known *known = reallocarray(tokens.known, tokens.count + 1, sizeof(*known));
	if (!known)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	tokens.known = known;
	known[tokens.count++] = (struct known){ CE_STEAL(*uri), CE_STEAL(*pin_file) };
	return CE_OK;
}

int
ce_tokens_add(const char *uri, struct ce_error *err)
{
	char title[CE_TOKEN_TITLE];
	CE_CLEANUP(ce_freep) char *bare = NULL;
	CE_CLEANUP(ce_freep) char *pin_file = NULL;
	int code = ce_token_uri_bare(uri, &bare, err);
	if (code == CE_OK)
		code = ce_token_uri_pin_file(uri, &pin_file, err);
	if (code < 0)
		return code;
	struct known *before = find(bare);
	if (!before || (!before->pin_file && pin_file))
		return add(&bare, &pin_file, err);
	if (pin_file && strcmp(before->pin_file, pin_file) != 0)
		return ce_fail(err, CE_ERR_CONFIG, "token '%s' has two PIN files, '%s' and '%s'; name one of them everywhere",
			ce_token_title(bare, title), before->pin_file, pin_file);
	return CE_OK;
}

/* ------------------------------------------------------------------- the PIN */

/* The first line of a file that nobody else can read. */
CE_MUSTCHECK static int
read_pin(const char *path, char *pin, size_t room, struct ce_error *err)
{
	struct ce_file_info info;
	CE_CLEANUP(ce_buf_release) struct ce_buf bytes = CE_BUF_SECRET;
	int code = ce_file_read(path, GNUTLS_PKCS11_MAX_PIN_LEN, &bytes, &info, err);
	if (code < 0)
		return ce_error_wrap(err, "its PIN file");
	if (info.mode & 077)
		return ce_fail(err, CE_ERR_REFUSED, "its PIN file '%s' is open to others (mode %04o); chmod 0600 it", path,
			(unsigned)info.mode);
	size_t length = strcspn(ce_buf_text(&bytes), "\r\n");
	if (length == 0 || length >= room)
		return ce_fail(err, CE_ERR_INVALID, "its PIN file '%s' holds no PIN in its first line", path);
	memcpy(pin, bytes.data, length);
	pin[length] = '\0';
	return CE_OK;
}

/* The PIN file of the token, unless its PIN must not be tried now. */
CE_MUSTCHECK static int
may_try(const char *url, unsigned flags, const char **ret_file, struct ce_error *err)
{
	char title[CE_TOKEN_TITLE];
	const struct known *known = find(url);
	if (ce_strlist_has(&tokens.refused, url))
		return ce_fail(err, CE_ERR_REFUSED, "token '%s' refused its PIN before, which is tried once in a run",
			ce_token_title(url, title));
	if (flags & GNUTLS_PIN_SO)
		return ce_fail(err, CE_ERR_REFUSED, "token '%s' asks for the PIN of its security officer",
			ce_token_title(url, title));
	if (flags & GNUTLS_PIN_FINAL_TRY)
		return ce_fail(err, CE_ERR_REFUSED, "token '%s' would lock at one more wrong PIN, so none is tried: log in to it by "
			"hand with the right one first", ce_token_title(url, title));
	if (!known || !known->pin_file)
		return ce_fail(err, CE_ERR_CONFIG, "the configuration gives no PIN file (pin-source) for token '%s'",
			ce_token_title(url, title));
	*ret_file = known->pin_file;
	return CE_OK;
}

/* Called by GnuTLS before each try. A second call for one log-in means that the first PIN was wrong. */
static int
give_pin(void *context, int attempt, const char *url, const char *label, unsigned flags, char *pin, size_t room)
{
	(void)context;
	(void)label;
	const char *file = NULL;
	char title[CE_TOKEN_TITLE];
	if (attempt > 0 || flags & GNUTLS_PIN_WRONG) {
		const struct known *known = find(url);
		struct ce_error ignored = { 0 };
		CE_IGNORE(ce_strlist_add(&tokens.refused, url, &ignored));
		ce_fail(&tokens.why, CE_ERR_REFUSED, "token '%s' refuses the PIN in '%s'", ce_token_title(url, title),
			known && known->pin_file ? known->pin_file : "");
		return GNUTLS_E_PKCS11_PIN_ERROR;
	}
	if (may_try(url, flags, &file, &tokens.why) < 0)
		return GNUTLS_E_PKCS11_PIN_ERROR;
	if (read_pin(file, pin, room, &tokens.why) == CE_OK)
		return 0;
	ce_error_wrap(&tokens.why, "token '%s'", ce_token_title(url, title));
	tokens.why.code = CE_ERR_REFUSED; /* an absent file is no absent key */
	return GNUTLS_E_PKCS11_PIN_ERROR;
}

/* --------------------------------------------------------------- the modules */

/* What is loaded into this process must be out of others' reach. */
CE_MUSTCHECK static int
check_module(const char *path, struct ce_error *err)
{
	struct ce_file_info info;
	int code = ce_file_stat(path, &info, err);
	if (code < 0)
		return ce_error_wrap(err, "PKCS#11 module");
	if (!info.exists)
		return ce_fail(err, CE_ERR_SYSTEM, "the PKCS#11 module '%s' is not there; install it, or correct pkcs11.module",
			path);
	if (info.mode & 022)
		return ce_fail(err, CE_ERR_REFUSED, "the PKCS#11 module '%s' can be written by others (mode %04o)", path,
			(unsigned)info.mode);
	return CE_OK;
}

/* What a process shares with its parent after a fork is no session of its own (PKCS#11 2.40, 2.5.2). */
CE_MUSTCHECK static int
begin_after_fork(struct ce_error *err)
{
	int status = tokens.begun == getpid() ? 0 : gnutls_pkcs11_reinit();
	if (status < 0)
		return ce_fail_gnutls(err, status, "begin with the PKCS#11 modules anew");
	tokens.begun = getpid();
	return CE_OK;
}

int
ce_tokens_begin(struct ce_error *err)
{
	ce_error_clear(&tokens.why);
	if (tokens.begun)
		return begin_after_fork(err);
	int code = tokens.module ? check_module(tokens.module, err) : CE_OK;
	if (code < 0)
		return code;
	int status = gnutls_pkcs11_init(tokens.module ? GNUTLS_PKCS11_FLAG_MANUAL : GNUTLS_PKCS11_FLAG_AUTO, NULL);
	if (status >= 0 && tokens.module)
		status = gnutls_pkcs11_add_provider(tokens.module, NULL);
	if (status < 0) {
		gnutls_pkcs11_deinit();
		return ce_fail(err, CE_ERR_SYSTEM, "load the PKCS#11 module '%s': %s", tokens.module ? tokens.module : "of p11-kit",
			gnutls_strerror(status));
	}
	gnutls_pkcs11_set_pin_function(give_pin, NULL);
	tokens.begun = getpid();
	return CE_OK;
}

void
ce_tokens_end(void)
{
	if (tokens.begun == getpid()) /* what a child ended would be its parent's */
		gnutls_pkcs11_deinit();
	for (size_t i = 0; i < tokens.count; i++) {
		free(tokens.known[i].uri);
		free(tokens.known[i].pin_file);
	}
	free(tokens.known);
	free(tokens.module);
	ce_strlist_release(&tokens.refused);
	memset(&tokens, 0, sizeof(tokens));
}

/* ------------------------------------------------------------------ failures */

static const struct {
	int status;
	int code;
	const char *text; /* behind "token 'x' " */
} meanings[] = {
	{ GNUTLS_E_PKCS11_REQUESTED_OBJECT_NOT_AVAILBLE, CE_ERR_SYSTEM, "is not present; is it plugged in, and is its module "
	  "the one that the configuration names?" },
	{ GNUTLS_E_PKCS11_SLOT_ERROR, CE_ERR_SYSTEM, "is not present any more" },
	{ GNUTLS_E_PKCS11_TOKEN_ERROR, CE_ERR_SYSTEM, "is not present any more" },
	{ GNUTLS_E_PKCS11_DEVICE_ERROR, CE_ERR_SYSTEM, "is broken or was removed" },
	{ GNUTLS_E_PKCS11_SESSION_ERROR, CE_ERR_SYSTEM, "closed the session" },
	{ GNUTLS_E_PKCS11_PIN_ERROR, CE_ERR_REFUSED, "refuses the PIN" },
	{ GNUTLS_E_PKCS11_PIN_EXPIRED, CE_ERR_REFUSED, "wants a new PIN: the old one has expired" },
	{ GNUTLS_E_PKCS11_PIN_LOCKED, CE_ERR_REFUSED, "is locked after too many wrong PINs: its security officer can unlock it" },
	{ GNUTLS_E_PKCS11_USER_ERROR, CE_ERR_REFUSED, "does not let us log in" },
	{ GNUTLS_E_PKCS11_UNSUPPORTED_FEATURE_ERROR, CE_ERR_REFUSED, "cannot do that: choose another kind of key" },
	{ GNUTLS_E_MEMORY_ERROR, CE_ERR_MEMORY, "did not get the memory for it" },
};

int
ce_fail_token(struct ce_error *err, int status, const char *uri, const char *what)
{
	char title[CE_TOKEN_TITLE], key[CE_TOKEN_TITLE];
	ce_token_title(uri, title);
	struct ce_error why = tokens.why;
	ce_error_clear(&tokens.why);
	if (why.code != CE_OK && status != GNUTLS_E_PKCS11_PIN_LOCKED)
		return ce_fail(err, why.code, "%s: %s", what, why.text);
	if (status == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
		return ce_fail(err, CE_ERR_NOT_FOUND, "%s: token '%s' holds no key '%s'", what, title,
			ce_token_uri_key_title(uri, key));
	for (size_t i = 0; i < CE_COUNT(meanings); i++)
		if (meanings[i].status == status)
			return ce_fail(err, meanings[i].code, "%s: token '%s' %s", what, title, meanings[i].text);
	return ce_fail(err, CE_ERR_SYSTEM, "%s: token '%s' failed: %s", what, title, gnutls_strerror(status));
}

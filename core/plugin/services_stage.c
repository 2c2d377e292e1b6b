/* Services that stage. Nothing is written: the changes are kept for the transaction. */
#include <string.h>

#include "crypto/keystore.h"
#include "plugin/pool.h"
#include "plugin/table.h"
#include "plugin/wire.h"

#define NAME_LONGEST 64

/* Owner, group and mode as asked; NULL members stay as they are. */
CE_MUSTCHECK static int
check_mode(const struct ce_change_spec *spec, struct ce_error *err)
{
	if ((spec->owner && !ce_text_is_line(spec->owner, NAME_LONGEST))
	    || (spec->group && !ce_text_is_line(spec->group, NAME_LONGEST)))
		return ce_fail(err, CE_ERR_INVALID, "owner and group of '%s' are names of 1 to %d bytes", spec->path, NAME_LONGEST);
	if (!spec->mode)
		return CE_OK;
	size_t digits = strspn(spec->mode, "01234567");
	if (digits < 3 || digits > 4 || spec->mode[digits] != '\0')
		return ce_fail(err, CE_ERR_INVALID, "the mode of '%s' is octal, such as 0640", spec->path);
	return CE_OK;
}

CE_MUSTCHECK static int
count_staged(struct ce_serving *serving, size_t size, struct ce_error *err)
{
	if (++serving->staged_count > CE_PLUGIN_CHANGES_MAX)
		return ce_breach(serving, err, "it staged more than %d changes", CE_PLUGIN_CHANGES_MAX);
	serving->staged_bytes += size;
	if (serving->staged_bytes > CE_PLUGIN_STAGED_MAX)
		return ce_breach(serving, err, "it staged more than %u MiB", CE_PLUGIN_STAGED_MAX >> 20);
	return CE_OK;
}

CE_MUSTCHECK static int
stage(struct ce_serving *serving, const struct ce_change_spec *spec, struct ce_error *err)
{
	int code = check_mode(spec, err);
	if (code == CE_OK)
		code = count_staged(serving, spec->bytes.size, err);
	if (code == CE_OK)
		code = ce_changes_write(serving->changes, serving->target->host, spec, err);
	return code;
}

int
ce_serve_write(struct ce_serving *serving, struct ce_message *asked, struct ce_message *reply, struct ce_error *err)
{
	static const char key_mark[] = "PRIVATE KEY-----";
	char normal[CE_PLUGIN_TEXT_MAX];
	const char *path = ce_message_get_str(asked);
	struct ce_change_spec spec = { .path = normal, .bytes = ce_message_get_bytes(asked) };
	spec.owner = ce_message_get_str(asked);
	spec.group = ce_message_get_str(asked);
	spec.mode = ce_message_get_str(asked);
	int code = ce_asked_all(serving, asked, err);
	if (code == CE_OK)
		code = ce_path_normal(path, normal, err);
	if (code != CE_OK)
		return code;
	(void)reply;
	spec.secret = spec.bytes.size > 0 && memmem(spec.bytes.data, spec.bytes.size, key_mark, sizeof(key_mark) - 1) != NULL;
	return stage(serving, &spec, err);
}

/* ---------------------------------------------------------------- material */

static bool
is_printable_ascii(const char *text, size_t least, size_t most)
{
	size_t size = text ? strlen(text) : 0;
	for (size_t i = 0; i < size; i++)
		if (text[i] < 0x20 || text[i] > 0x7e)
			return false;
	return size >= least && size <= most;
}

CE_MUSTCHECK static int
check_material(const struct ce_material *material, struct ce_error *err)
{
	if (material->kind < CE_MATERIAL_PKCS12 || material->kind > CE_MATERIAL_DER_LEAF)
		return ce_fail(err, CE_ERR_INVALID, "%d is no kind of key material", material->kind);
	if (material->profile < CE_PROFILE_MODERN || material->profile > CE_PROFILE_LEGACY)
		return ce_fail(err, CE_ERR_INVALID, "%d is no profile of a keystore", material->profile);
	if (material->kind != CE_MATERIAL_PKCS12 && material->kind != CE_MATERIAL_JKS)
		return CE_OK;
	if (!is_printable_ascii(material->alias, 1, 64) || strpbrk(material->alias, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
		return ce_fail(err, CE_ERR_INVALID, "the alias in a keystore is 1 to 64 printable ASCII characters in lower case");
	if (!is_printable_ascii(material->password, 6, 256))
		return ce_fail(err, CE_ERR_INVALID, "the password of a keystore is 6 to 256 printable ASCII characters");
	return CE_OK;
}

CE_MUSTCHECK static int
stage_material(struct ce_serving *serving, const struct ce_material *material, struct ce_change_spec *spec,
	struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf existing = CE_BUF_SECRET;
	CE_CLEANUP(ce_buf_release) struct ce_buf bytes = CE_BUF_SECRET;
	CE_CLEANUP(ce_freep) char *note = NULL;
	int code = ce_changes_read(serving->changes, serving->target->host, spec->path, CE_FILE_DEFAULT_LIMIT, &existing, err);
	if (code < 0 && code != CE_ERR_NOT_FOUND)
		return code;
	ce_error_clear(err);
	code = serving->process->plugins->backend->material(serving->target, material, ce_buf_bytes(&existing), spec->path,
		&bytes, &note, err);
	if (code < 0)
		return code;
	spec->bytes = ce_buf_bytes(&bytes);
	spec->note = note;
	spec->secret = ce_material_is_secret(material->kind);
	return stage(serving, spec, err);
}

int
ce_serve_material(struct ce_serving *serving, struct ce_message *asked, struct ce_message *reply, struct ce_error *err)
{
	char normal[CE_PLUGIN_TEXT_MAX];
	const char *path = ce_message_get_str(asked);
	struct ce_material material = { .size = sizeof(material) };
	struct ce_change_spec spec = { .path = normal };
	material.kind = (int)ce_message_get_int(asked);
	material.profile = (int)ce_message_get_int(asked);
	material.alias = ce_message_get_str(asked);
	material.password = ce_message_get_str(asked);
	spec.owner = ce_message_get_str(asked);
	spec.group = ce_message_get_str(asked);
	spec.mode = ce_message_get_str(asked);
	int code = ce_asked_all(serving, asked, err);
	if (code == CE_OK)
		code = ce_path_normal(path, normal, err);
	if (code == CE_OK)
		code = check_material(&material, err);
	if (code == CE_OK && material.password)
		code = ce_serving_mask(serving, material.password, err);
	if (code != CE_OK)
		return code;
	(void)reply;
	return stage_material(serving, &material, &spec, err);
}

/* -------------------------------------------------------------- truststores */

#define JAVAS_PASSWORD "changeit" /* of every cacerts, unless somebody changed it */
#define ALIAS_MAX 64
#define PASSWORD_MAX 256

CE_MUSTCHECK static int
check_words(struct ce_serving *serving, const struct ce_trust_words *words, struct ce_error *err)
{
	if (!is_printable_ascii(words->alias, 1, ALIAS_MAX) || strpbrk(words->alias, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
		return ce_fail(err, CE_ERR_INVALID, "the alias in a truststore is 1 to %d printable ASCII characters in lower case",
			ALIAS_MAX);
	if (!is_printable_ascii(words->password, 1, PASSWORD_MAX))
		return ce_fail(err, CE_ERR_INVALID, "the password of a truststore is 1 to %d printable ASCII characters", PASSWORD_MAX);
	return strcmp(words->password, JAVAS_PASSWORD) == 0 ? CE_OK : ce_serving_mask(serving, words->password, err);
}

CE_MUSTCHECK static int
stage_truststore(struct ce_serving *serving, const struct ce_trust_words *words, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf existing = CE_BUF_SECRET;
	CE_CLEANUP(ce_buf_release) struct ce_buf bytes = CE_BUF_SECRET;
	CE_CLEANUP(ce_freep) char *note = NULL;
	int code = ce_changes_read(serving->changes, serving->target->host, words->path, CE_PLUGIN_READ_MAX, &existing, err);
	if (code < 0)
		return ce_error_wrap(err, "truststore '%.300s'", words->path);
	code = serving->process->plugins->backend->truststore(serving->target, words, ce_buf_bytes(&existing), &bytes, &note,
		err);
	if (code != CE_OK)
		return code;
	struct ce_change_spec spec = { .path = words->path, .bytes = ce_buf_bytes(&bytes), .note = note };
	return stage(serving, &spec, err);
}

int
ce_serve_truststore(struct ce_serving *serving, struct ce_message *asked, struct ce_message *reply,
	struct ce_error *err)
{
	char normal[CE_PLUGIN_TEXT_MAX];
	const char *path = ce_message_get_str(asked);
	struct ce_trust_words words = { .path = normal, .password = ce_message_get_str(asked) };
	words.alias = ce_message_get_str(asked);
	if (!words.password)
		words.password = JAVAS_PASSWORD;
	int code = ce_asked_all(serving, asked, err);
	if (code == CE_OK)
		code = ce_path_normal(path, normal, err);
	if (code == CE_OK)
		code = check_words(serving, &words, err);
	if (code == CE_OK)
		code = stage_truststore(serving, &words, err);
	(void)reply;
	return code;
}

/* ------------------------------------------------------- removal and commands */

int
ce_serve_remove(struct ce_serving *serving, struct ce_message *asked, struct ce_message *reply, struct ce_error *err)
{
	const char *path = ce_message_get_str(asked);
	int code = ce_asked_all(serving, asked, err);
	if (code != CE_OK)
		return code;
	(void)reply;
	char normal[CE_PLUGIN_TEXT_MAX];
	code = ce_path_normal(path, normal, err);
	if (code == CE_OK)
		code = count_staged(serving, 0, err);
	if (code == CE_OK)
		code = ce_changes_remove(serving->changes, serving->target->host, normal, err);
	return code;
}

CE_MUSTCHECK static int
get_argv(struct ce_serving *serving, struct ce_message *asked, struct ce_strlist *ret_argv, struct ce_error *err)
{
	if (ce_message_get_list(asked, CE_PLUGIN_ARGUMENTS_MAX, ret_argv, err) != CE_OK)
		return ce_breach(serving, err, "it sent no list of at most %d arguments", CE_PLUGIN_ARGUMENTS_MAX);
	return CE_OK;
}

/* One that need not be there: a flag, then the list. */
CE_MUSTCHECK static int
get_optional_argv(struct ce_serving *serving, struct ce_message *asked, struct ce_strlist *ret_argv, bool *ret_there,
	struct ce_error *err)
{
	*ret_there = ce_message_get_int(asked) != 0;
	return get_argv(serving, asked, ret_argv, err);
}

int
ce_serve_command(struct ce_serving *serving, struct ce_message *asked, struct ce_message *reply, struct ce_error *err)
{
	CE_CLEANUP(ce_strlist_release) struct ce_strlist act = CE_STRLIST_INIT;
	CE_CLEANUP(ce_strlist_release) struct ce_strlist undo = CE_STRLIST_INIT;
	CE_CLEANUP(ce_strlist_release) struct ce_strlist check = CE_STRLIST_INIT;
	bool has_undo = false, has_check = false;
	const char *what = ce_message_get_str(asked);
	int code = get_argv(serving, asked, &act, err);
	if (code == CE_OK)
		code = get_optional_argv(serving, asked, &undo, &has_undo, err);
	if (code == CE_OK)
		code = get_optional_argv(serving, asked, &check, &has_check, err);
	if (code == CE_OK)
		code = ce_asked_all(serving, asked, err);
	if (code == CE_OK)
		code = ce_argv_check(&act, err);
	if (code == CE_OK && has_undo)
		code = ce_argv_check(&undo, err);
	if (code == CE_OK && has_check)
		code = ce_argv_check(&check, err);
	if (code == CE_OK && !ce_text_is_line(what, CE_ERROR_TEXT_MAX))
		code = ce_fail(err, CE_ERR_INVALID, "a command needs a line that says what it does");
	if (code == CE_OK)
		code = count_staged(serving, 0, err);
	if (code != CE_OK)
		return code;
	(void)reply;
	return ce_changes_command(serving->changes, serving->target->host, what, (const char *const *)act.items,
		has_undo ? (const char *const *)undo.items : NULL, has_check ? (const char *const *)check.items : NULL, err);
}

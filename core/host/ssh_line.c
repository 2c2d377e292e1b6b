#include "host/ssh_line.h"

#include <string.h>

#include "host/ssh_wire.h"

/* As base/spawn.c gives it to programs here. */
static const char *const environment[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "HOME=/", NULL };

int
ce_ssh_quote(struct ce_buf *out, const char *text, struct ce_error *err)
{
	int code = ce_buf_adds(out, "'", err);
	while (code == CE_OK && *text) {
		size_t plain = strcspn(text, "'");
		code = ce_buf_add(out, text, plain, err);
		text += plain;
		if (code == CE_OK && *text) {
			code = ce_buf_adds(out, "'\\''", err);
			text++;
		}
	}
	return code == CE_OK ? ce_buf_adds(out, "'", err) : code;
}

static int
add_words(struct ce_buf *out, const char *const *words, struct ce_error *err)
{
	int code = CE_OK;
	for (; code == CE_OK && words && *words; words++) {
		code = ce_buf_adds(out, " ", err);
		if (code == CE_OK)
			code = ce_ssh_quote(out, *words, err);
	}
	return code;
}

/* A program that is named by its path is looked for first: what a shell says of a missing one could be the program's own. */
static int
add_look(struct ce_buf *out, const char *program, struct ce_error *err)
{
	if (program[0] != '/')
		return CE_OK;
	int code = ce_buf_adds(out, "[ -x ", err);
	if (code == CE_OK)
		code = ce_ssh_quote(out, program, err);
	return code == CE_OK ? ce_buf_adds(out, " ] || { echo " CE_SSH_MARK CE_SSH_ABSENT "; exit 127; }; ", err) : code;
}

int
ce_ssh_line(struct ce_buf *out, const char *const *argv, const char *const *env, struct ce_error *err)
{
	if (!argv[0] || argv[0][0] == '\0' || argv[0][0] == '-' || strchr(argv[0], '='))
		return ce_fail(err, CE_ERR_INVALID, "'%s' cannot be the name of a program on another host", argv[0] ? argv[0] : "");
	int code = add_look(out, argv[0], err);
	if (code == CE_OK)
		code = ce_buf_adds(out, "echo " CE_SSH_MARK "$$; umask 022; cd / && exec env -i", err);
	if (code == CE_OK)
		code = add_words(out, environment, err);
	if (code == CE_OK)
		code = add_words(out, env, err);
	return code == CE_OK ? add_words(out, argv, err) : code;
}

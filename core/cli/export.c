#include <string.h>

#include "base/file.h"
#include "cli/cli.h"

#define PASSWORD_FILE_MAX 1024
#define PUBLIC 0644
#define PRIVATE 0600

/* Its first line; a file that others may read keeps no secret. */
static int
read_password(const struct ce_cli *cli, struct ce_buf *ret_password, struct ce_error *err)
{
	struct ce_file_info info;
	CE_CLEANUP(ce_freep) char *path = NULL;
	if (!cli->password_file)
		return CE_OK;
	int code = ce_cli_absolute(cli, cli->password_file, &path, err);
	if (code == CE_OK)
		code = ce_file_read(path, PASSWORD_FILE_MAX, ret_password, &info, err);
	if (code < 0)
		return code;
	if ((info.mode & 077) != 0)
		return ce_fail(err, CE_ERR_REFUSED, "others may read the password in '%s' (mode %04o): chmod 0600 it", path,
			(unsigned)info.mode);
	size_t size = strcspn(ce_buf_text(ret_password), "\r\n");
	if (size == 0)
		return ce_fail(err, CE_ERR_CONFIG, "'%s' begins with an empty line, and not with a password", path);
	ret_password->data[size] = '\0';
	ret_password->size = size;
	return CE_OK;
}

/* Text may go to standard output; a key and what is no text go to a file, never to a terminal by mistake. */
static int
deliver(const struct ce_cli *cli, const struct ce_exported *exported, struct ce_report *report, struct ce_error *err)
{
	CE_CLEANUP(ce_freep) char *path = NULL;
	if (!cli->out_file && exported->secret)
		return ce_fail(err, CE_ERR_CONFIG, "a private key is written to a file only: --out FILE");
	if (!cli->out_file && !exported->text)
		return ce_fail(err, CE_ERR_CONFIG, "this is no text, and is written to a file only: --out FILE");
	if (!cli->out_file) {
		report->document = strdup(ce_buf_text(&exported->bytes));
		return report->document ? CE_OK : ce_fail(err, CE_ERR_MEMORY, "out of memory");
	}
	int code = ce_cli_absolute(cli, cli->out_file, &path, err);
	if (code == CE_OK)
		code = ce_file_publish(path, ce_buf_bytes(&exported->bytes), exported->secret ? PRIVATE : PUBLIC, err);
	return code;
}

static int
act(struct ce_engine *engine, const struct ce_cli *cli, struct ce_report *ret_report, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf password = CE_BUF_SECRET;
	CE_CLEANUP(ce_exported_release) struct ce_exported exported = { .bytes = CE_BUF_SECRET };
	int code = read_password(cli, &password, err);
	if (code < 0)
		return code;
	const struct ce_export wish = { .name = cli->arguments[0], .of_issuer = cli->of_issuer, .part = cli->part,
		.format = cli->format, .password = password.size > 0 ? ce_buf_text(&password) : NULL };
	code = ce_engine_export(engine, &wish, &exported, err);
	return code < 0 ? code : deliver(cli, &exported, ret_report, err);
}

static void
show(struct ce_page *page, const struct ce_report *report)
{
	if (report->document)
		ce_page_raw(page, report->document);
}

int
ce_cli_export(struct ce_cli *cli)
{
	static const struct ce_session session = { .act = act, .show = show, .store_only = true };
	return ce_session(cli, &session);
}

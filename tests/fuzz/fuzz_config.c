/* Any bytes as a configuration: either findings with a place and a sentence, or a configuration whose every part can
 * be relied on. It goes through a file, as in life, since the file rules are part of the reader. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "config/config.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static char directory[] = "/var/tmp/certengine-fuzz.XXXXXX";
static char path[sizeof(directory) + 8];

static void
remove_all(void)
{
	(void)unlink(path);
	(void)rmdir(directory);
}

static void
write_file(const unsigned char *data, size_t size)
{
	if (path[0] == '\0') {
		if (!mkdtemp(directory))
			abort();
		snprintf(path, sizeof(path), "%s/f.conf", directory);
		atexit(remove_all);
	}
	FILE *file = fopen(path, "wb");
	if (!file || fwrite(data, 1, size, file) != size || fclose(file) != 0 || chmod(path, 0600) != 0)
		abort();
}

static void
insist(bool truth)
{
	if (!truth)
		abort();
}

static void
judge_problems(const struct ce_problems *problems)
{
	insist(problems->count > 0);
	for (size_t i = 0; i < problems->count; i++) {
		char shown[2048];
		const struct ce_problem *problem = &problems->items[i];
		insist(problem->text[0] != '\0' && problem->line >= 0);
		ce_text_printable(shown, sizeof(shown), problem->text);
		insist(strcmp(shown, problem->text) == 0);
		insist(i == 0 || problems->items[i - 1].line <= problem->line);
	}
}

static void
judge_config(const struct ce_config *config)
{
	for (size_t i = 0; i < config->issuer_count; i++)
		insist(ce_name_is_plain(config->issuers[i].kind));
	for (size_t i = 0; i < config->certificate_count; i++) {
		const struct ce_certificate_config *certificate = &config->certificates[i];
		insist(ce_name_is_label(certificate->name));
		insist(ce_config_issuer(config, certificate->issuer) != NULL);
		insist(certificate->names.count > 0 && certificate->key);
		insist(certificate->renew >= 0.0 && certificate->renew < 1.0);
		for (size_t k = 0; k < certificate->target_count; k++)
			insist(ce_name_is_plain(certificate->targets[k].plugin) && !certificate->targets[k].host);
	}
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct ce_config config = { 0 };
	struct ce_problems problems = { NULL, 0 };
	struct ce_error err = { .code = CE_OK };
	write_file(data, size);
	int code = ce_config_read(path, false, &config, &problems, &err);
	if (code == CE_ERR_CONFIG) {
		judge_problems(&problems);
	} else {
		insist(code == CE_OK && problems.count == 0);
		judge_config(&config);
	}
	ce_config_release(&config);
	ce_problems_release(&problems);
	return 0;
}

/* From libconfig's tree to plain structs by tables of keys. For this folder only. */
#ifndef CE_CONFIG_READER_H
#define CE_CONFIG_READER_H

#include <libconfig.h>

#include "config/config.h"

struct ce_reader {
	struct ce_config *config;
	struct ce_problems *problems;
	const char *file;  /* being read */
};

enum ce_key_kind {
	CE_KEY_STRING = 1,  /* char *, not empty */
	CE_KEY_LIST,        /* struct ce_strlist, texts that are not empty */
	CE_KEY_CHOICE,      /* struct ce_strlist, from one text or a list of them in order of preference */
	CE_KEY_INT,         /* int */
	CE_KEY_FRACTION,    /* double */
	CE_KEY_GROUP,       /* a group of its own, by the table group */
	CE_KEY_LATER        /* a group that the owner of the table reads itself */
};

/* One key of a group; a NULL name ends a table. */
struct ce_key {
	const char *name;
	enum ce_key_kind kind;
	size_t offset;               /* of the member in the struct that is read into */
	const struct ce_key *group;  /* CE_KEY_GROUP: offsets are from the same struct */
};

/* Reads group into the struct at base. Keys that are not in the table go to rest (flattened, with their place), or
 * with rest == NULL are findings that name the nearest key. what names the group: "certificate 'shop'". */
CE_MUSTCHECK int ce_reader_group(struct ce_reader *reader, const config_setting_t *group, const char *what,
	const struct ce_key *keys, void *base, struct ce_settings *rest, struct ce_error *err);

/* Adds a finding at the place of setting; a macro so that the format is checked where it is written. */
#define ce_reader_complain(reader, setting, err, ...) \
	ce_problems_add((reader)->problems, (reader)->file, (int)config_setting_source_line(setting), err, __VA_ARGS__)

/* The place of a key of group, or of the group itself when the key is not there. */
const config_setting_t *ce_reader_place(const config_setting_t *group, const char *key);

/* A finding unless setting is a group. */
CE_MUSTCHECK int ce_reader_is_group(struct ce_reader *reader, const config_setting_t *setting, bool *ret_group,
	struct ce_error *err);

/* A value by itself. Findings (empty, control characters, elements that are no texts) leave *ret_text or list without it. */
CE_MUSTCHECK int ce_reader_string(struct ce_reader *reader, const config_setting_t *setting, char **ret_text,
	struct ce_error *err);
CE_MUSTCHECK int ce_reader_list(struct ce_reader *reader, const config_setting_t *setting, struct ce_strlist *list,
	struct ce_error *err);
bool ce_reader_is_list(const config_setting_t *setting);

/* Appends setting to settings under "prefix.name", groups flattened. */
CE_MUSTCHECK int ce_reader_setting(struct ce_reader *reader, const config_setting_t *setting, const char *prefix,
	struct ce_settings *settings, struct ce_error *err);

/* The readers of the groups. Each adds to reader->config. */
CE_MUSTCHECK int ce_reader_hosts(struct ce_reader *reader, const config_setting_t *hosts, struct ce_error *err);
/* The canonical URL of what a target calls its host, the name of one of the hosts or a URL; a URL that none of them has becomes one. *ret_url stays
 * NULL when it is a finding. */
CE_MUSTCHECK int ce_reader_host(struct ce_reader *reader, const config_setting_t *place, const char *said, char **ret_url,
	struct ce_error *err);
CE_MUSTCHECK int ce_reader_issuers(struct ce_reader *reader, const config_setting_t *issuers, struct ce_error *err);
CE_MUSTCHECK int ce_reader_certificates(struct ce_reader *reader, const config_setting_t *certificates,
	struct ce_error *err);
CE_MUSTCHECK int ce_reader_targets(struct ce_reader *reader, const config_setting_t *targets,
	struct ce_certificate_config *certificate, struct ce_error *err);

CE_MUSTCHECK int ce_reader_pkcs11(struct ce_reader *reader, const config_setting_t *group, struct ce_error *err);
/* Checks 'token', and a 'key' that is a URI, which moves to token. */
CE_MUSTCHECK int ce_reader_token(struct ce_reader *reader, const config_setting_t *group,
	struct ce_certificate_config *certificate, struct ce_error *err);

void ce_pkcs11_config_release(struct ce_pkcs11_config *pkcs11);
void ce_issuer_config_release(struct ce_issuer_config *issuer);
void ce_certificate_config_release(struct ce_certificate_config *certificate);
void ce_target_config_release(struct ce_target_config *target);

#endif

/* certengine/plugin.h - what a certengine plugin is made of (ABI 1).
 *
 * A plugin knows one product. It is a shared object that exports one constant
 * data object, certengine_plugin, and links against nothing of the engine:
 * everything it needs it gets through the table of services. It runs in a
 * process of its own that holds no rights; every service is a message to the
 * engine. The manual is certengine-plugin(7).
 *
 * The header is C99 and C++11. Structures that cross the border begin with
 * their size; members are only ever added at the end. CERTENGINE_ABI grows when
 * anything else changes.
 */
#ifndef CERTENGINE_PLUGIN_H
#define CERTENGINE_PLUGIN_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CERTENGINE_ABI 1

#if defined(__GNUC__)
#define CERTENGINE_PRINTF(text, first) __attribute__((format(printf, text, first)))
#define CERTENGINE_EXPORT __attribute__((visibility("default")))
#else
#define CERTENGINE_PRINTF(text, first)
#define CERTENGINE_EXPORT
#endif

/* What functions and callbacks return. */
enum ce_code {
	CE_OK = 0,
	CE_UNCHANGED = 1,       /* success, and nothing had to be done */
	CE_ERR_SYSTEM = -1,     /* a system call failed */
	CE_ERR_MEMORY = -2,
	CE_ERR_INVALID = -3,    /* malformed input */
	CE_ERR_CONFIG = -4,     /* the operator's configuration */
	CE_ERR_NOT_FOUND = -5,
	CE_ERR_REFUSED = -6,    /* it could be done, but not safely */
	CE_ERR_LIMIT = -7,      /* too large or too many */
	CE_ERR_TIMEOUT = -8,
	CE_ERR_CRYPTO = -9,     /* keys and certificates */
	CE_ERR_NETWORK = -10,
	CE_ERR_ISSUER = -11,    /* the CA said no */
	CE_ERR_PRODUCT = -12,   /* the product's files or its answer */
	CE_ERR_PLUGIN = -13,    /* the plugin broke the contract, crashed or hung */
	CE_ERR_VERIFY = -14,    /* what is served is not what was installed */
	CE_ERR_LOCKED = -15,
	CE_ERR_FOREIGN = -16,   /* somebody else changed the file meanwhile */
	CE_ERR_WAIT = -17       /* the CA asks to wait, or an operator must act */
};

struct ce_bytes {
	const unsigned char *data;
	size_t size;
};

/* ------------------------------------------------------------------ options */

enum ce_option_type {
	CE_OPTION_STRING = 1,
	CE_OPTION_PATH = 2,     /* absolute */
	CE_OPTION_INT = 3,      /* minimum..maximum */
	CE_OPTION_BOOL = 4,
	CE_OPTION_SECRET = 5,   /* text that is masked in all output */
	CE_OPTION_LIST = 6,     /* of strings */
	CE_OPTION_ENUM = 7      /* one of choices */
};

/* One row of a plugin's option table. The engine checks type, presence, range and choice and
 * names file and line; the plugin checks only relations between options. */
struct ce_option {
	const char *name;           /* [a-z][a-z0-9_]*; NULL ends the table */
	int type;                   /* enum ce_option_type */
	int required;               /* true: must be configured */
	const char *fallback;       /* default as text ("8443", "true"), NULL: none */
	long long minimum, maximum; /* CE_OPTION_INT; both 0: any */
	const char *const *choices; /* CE_OPTION_ENUM; NULL-terminated */
	const char *help;           /* one line for `certengine plugin info` */
};

/* ----------------------------------------------------------------- services */

/* One call of one callback; opaque. Strings and bytes that services give live until the callback
 * returns, and are never freed by the plugin. */
typedef struct ce_call ce_call;

enum ce_level { CE_LEVEL_DEBUG = 0, CE_LEVEL_INFO = 1, CE_LEVEL_NOTICE = 2, CE_LEVEL_WARNING = 3 };

/* The certificate to be installed. */
struct ce_certificate_facts {
	size_t size;
	const char *name;            /* its name in the configuration */
	const char *const *names;    /* DNS names and IP addresses, NULL-terminated */
	const char *key_kind;        /* "ec-p256", "rsa-2048", ... */
	const char *fingerprint;     /* SHA-256 of the leaf, lower-case hex */
	long generation;             /* its number in the store */
};

struct ce_stat {
	size_t size;
	int exists;
	int is_directory;
	unsigned mode;               /* permission bits */
	unsigned long uid, gid;
	long long bytes, mtime;
};

/* Owner, group and mode of a file to be written. NULL or NULL members: as the file is now, or for
 * a new file as its directory's owner and group with mode 0640 (0600 where the bytes hold a key). */
struct ce_file_mode {
	size_t size;
	const char *owner;
	const char *group;
	const char *mode;            /* octal text, "0640" */
};

/* Key material that the engine builds itself, so that no private key enters a plugin. */
enum ce_material_kind {
	CE_MATERIAL_PKCS12 = 1,      /* alias, password, profile */
	CE_MATERIAL_JKS = 2,         /* alias, password */
	CE_MATERIAL_PEM_KEY = 3,     /* PKCS#8, unencrypted */
	CE_MATERIAL_PEM_LEAF = 4,
	CE_MATERIAL_PEM_CHAIN = 5,   /* intermediates only, maybe empty */
	CE_MATERIAL_PEM_FULLCHAIN = 6,
	CE_MATERIAL_PEM_ALL = 7,     /* key, leaf, intermediates */
	CE_MATERIAL_DER_LEAF = 8
};

enum ce_material_profile {
	CE_PROFILE_MODERN = 0,       /* PBES2 AES-256, MAC SHA-256 */
	CE_PROFILE_LEGACY = 1        /* 3DES, MAC SHA-1: Java before 8u301/11.0.12, old Windows */
};

struct ce_material {
	size_t size;
	int kind;                    /* enum ce_material_kind */
	int profile;                 /* enum ce_material_profile */
	const char *alias;           /* printable ASCII, lower case */
	const char *password;        /* printable ASCII, 6 characters or more */
};

struct ce_run {
	size_t size;
	const char *const *argv;     /* argv[0] is an absolute path; no shell */
	struct ce_bytes input;
	int timeout_ms;              /* 0: 60 s */
};

struct ce_run_result {
	size_t size;
	int status;                  /* exit status, 128 + n for signal n */
	struct ce_bytes out, err;    /* the first 64 KiB of each */
};

struct ce_http_request {
	size_t size;
	const char *method;          /* "GET", "POST" */
	const char *url;             /* http or https */
	const char *credentials_file;/* a file holding "user:password", read by the engine; NULL: none */
	const char *ca_file;         /* PEM to trust instead of the system's, NULL */
	const char *content_type;    /* NULL: none */
	struct ce_bytes body;
	int timeout_ms;              /* 0: 30 s */
};

struct ce_http_reply {
	size_t size;
	int status;
	struct ce_bytes body;        /* at most 1 MiB */
};

/* XML that is edited without being rewritten: only the bytes meant are changed; comments, order,
 * indentation, line ends and everything else stay. Elements belong to the document. */
typedef struct ce_xml ce_xml;
typedef struct ce_xml_element ce_xml_element;

struct ce_xml_services {
	size_t size;
	/* Reads and parses a file (4 MiB and 64 levels at most; a DOCTYPE is refused). Attribute values
	 * whose name speaks of a password are masked in all output from then on. */
	int (*open)(ce_call *call, const char *path, ce_xml **ret_document);
	ce_xml_element *(*root)(ce_xml *document);
	/* First child element, next sibling element; comments and text are passed over. NULL: none. */
	ce_xml_element *(*child)(const ce_xml_element *element);
	ce_xml_element *(*next)(const ce_xml_element *element);
	const char *(*name)(const ce_xml_element *element);
	/* The value with references resolved, NULL when there is no such attribute. */
	const char *(*attribute)(const ce_xml_element *element, const char *name);
	/* Line in the file as it was read; 0 for an element that was added. */
	long (*line)(const ce_xml_element *element);
	/* Sets or, with value NULL, removes an attribute. Setting the value it has changes nothing. */
	int (*set)(ce_call *call, ce_xml_element *element, const char *name, const char *value);
	/* Adds an element before the given sibling, or last when before is NULL. */
	int (*add)(ce_call *call, ce_xml_element *parent, ce_xml_element *before, const char *name,
		ce_xml_element **ret_element);
	/* Removes an element with all it holds. */
	int (*drop)(ce_call *call, ce_xml_element *element);
	/* Applies the changes to the bytes, parses the result again, compares it with what was meant,
	 * and stages it as `write` does. Nothing changed: CE_UNCHANGED, nothing staged. */
	int (*stage)(ce_call *call, ce_xml *document);
};

/* Other texts, edited likewise. Entries are in the order of the file and belong to the document. */
enum ce_text_syntax {
	CE_TEXT_PROPERTIES = 1,      /* Java's; sections "0", "1", ...: documents divided by #--- */
	CE_TEXT_DIRECTIVES = 2,      /* KEY=value, a line each, the value as it stands; one section "" */
	CE_TEXT_INI = 3,             /* [section], key=value; "" before the first section */
	CE_TEXT_YAML = 4,            /* sections "0", "1", ...: documents; keys are paths: server.ssl.key-alias, names[0] */
	CE_TEXT_NGINX = 5            /* directives with any number of values, some with a block of directives */
};
typedef struct ce_text ce_text;
typedef struct ce_text_entry ce_text_entry;

struct ce_text_services {
	size_t size;
	/* Reads and scans a file (1 MiB, 20,000 entries and 64 levels at most). Values whose key speaks of a password
	 * are masked in all output from then on. */
	int (*open)(ce_call *call, const char *path, int syntax, ce_text **ret_document);
	/* The first entry, the one behind another, the block an entry stands in. NULL: none. */
	ce_text_entry *(*first)(ce_text *document);
	ce_text_entry *(*next)(const ce_text_entry *entry);
	ce_text_entry *(*parent)(const ce_text_entry *entry);
	const char *(*section)(const ce_text_entry *entry);
	const char *(*key)(const ce_text_entry *entry);
	/* The value without quotes and escapes; index counts from 0. NULL: there are not so many, or it is an alias. */
	const char *(*value)(const ce_text_entry *entry, size_t index);
	/* Line in the file as it was read; 0 for an entry that was added. */
	long (*line)(const ce_text_entry *entry);
	/* The last entry with this key that is in no block: in a section, or with section NULL in all. NULL: none. */
	ce_text_entry *(*find)(ce_text *document, const char *section, const char *key);
	/* Sets or, with value NULL, removes a key; a new one goes beside its like, with section NULL into the first
	 * section. A key that is there twice is refused. */
	int (*set)(ce_call *call, ce_text *document, const char *section, const char *key, const char *value);
	/* Changes one value of an entry. */
	int (*change)(ce_call *call, ce_text_entry *entry, size_t index, const char *value);
	/* Adds an entry last in a block, or with parent NULL to a section; values end with NULL. */
	int (*add)(ce_call *call, ce_text *document, ce_text_entry *parent, const char *section, const char *key,
		const char *const *values, ce_text_entry **ret_entry);
	/* Removes an entry; a block with all it holds. */
	int (*drop)(ce_call *call, ce_text_entry *entry);
	/* Stages the changed bytes as `write` does. Each change was scanned again and compared with what was meant when
	 * it was made. Nothing changed: CE_UNCHANGED, nothing staged. */
	int (*stage)(ce_call *call, ce_text *document);
};

/* Which service may be used in which callback is said behind it: c create, d discover, i install,
 * r reload, e endpoints, v verify. Elsewhere it fails with CE_ERR_PLUGIN. */
struct ce_services {
	size_t size;

	/* Fails the call; returns code. One sentence, lower case: what, on which object, why, what to do. (all) */
	int (*fail)(ce_call *call, int code, const char *format, ...) CERTENGINE_PRINTF(3, 4);
	void (*log)(ce_call *call, int level, const char *format, ...) CERTENGINE_PRINTF(3, 4); /* all */
	/* Memory that lives until the callback returns. NULL: out of memory. (all) */
	void *(*allocate)(ce_call *call, size_t size);
	const char *(*format)(ce_call *call, const char *format, ...) CERTENGINE_PRINTF(2, 3); /* all */

	/* Options as configured, or their default. NULL, 0 or an empty list: not set and no default. (all) */
	const char *(*option)(ce_call *call, const char *name);
	long long (*option_int)(ce_call *call, const char *name);
	int (*option_bool)(ce_call *call, const char *name);
	const char *const *(*option_list)(ce_call *call, const char *name);

	/* The certificate this target gets. (i r e v) */
	int (*certificate)(ce_call *call, const struct ce_certificate_facts **ret_facts);

	/* Reading sees what this call has staged. (c d i r e v) */
	int (*read)(ce_call *call, const char *path, size_t limit, struct ce_bytes *ret_bytes);
	int (*stat)(ce_call *call, const char *path, struct ce_stat *ret_stat);
	int (*list)(ce_call *call, const char *path, const char *const **ret_names);
	/* One member of a zip or jar. */
	int (*archive_member)(ce_call *call, const char *path, const char *member, struct ce_bytes *ret_bytes);

	/* Staging. Nothing happens before the engine commits; all of it is undone when anything fails. (i) */
	int (*write)(ce_call *call, const char *path, struct ce_bytes bytes, const struct ce_file_mode *mode);
	int (*write_material)(ce_call *call, const char *path, const struct ce_material *material,
		const struct ce_file_mode *mode);
	int (*remove)(ce_call *call, const char *path);
	/* A step that is no file. check_argv exits 0 when it is done already; undo_argv takes it back. */
	int (*command)(ce_call *call, const char *what, const char *const *do_argv, const char *const *undo_argv,
		const char *const *check_argv);

	/* A password that is generated once for this target and kept by the engine (24 characters of
	 * [A-Za-z0-9]). It is masked in all output. (i r) */
	int (*secret)(ce_call *call, const char *name, const char **ret_text);
	/* Masks a text in all output from now on. (all) */
	int (*mask)(ce_call *call, const char *text);

	/* How this target is reloaded. Targets with the same key ("this Tomcat") commit together and
	 * reload once; what is shown to the operator. Without it the target reloads on its own. (i) */
	int (*reload_by)(ce_call *call, const char *key, const char *what);
	/* Whether the transaction changed (or put back) this path. (r) */
	int (*committed)(ce_call *call, const char *path);

	int (*run)(ce_call *call, const struct ce_run *run, struct ce_run_result *ret_result);             /* d r v */
	int (*http)(ce_call *call, const struct ce_http_request *request, struct ce_http_reply *ret_reply); /* r v */

	/* Where the certificate is served. sni NULL: the certificate's first DNS name. (e) */
	int (*endpoint)(ce_call *call, const char *host, int port, const char *sni);
	/* An installation that was found, as option values; found_begin starts a new one. (d) */
	int (*found_begin)(ce_call *call, const char *title);
	int (*found_option)(ce_call *call, const char *name, const char *value);

	const struct ce_xml_services *xml; /* open, stage: i (open also r e v d); the rest as open */
	const struct ce_text_services *text; /* likewise */

	/* Stages that a truststore of Java (JKS or PKCS#12; the file says which) trusts the CA that issued this target's
	 * certificate. Every other entry keeps its bytes. password NULL: Java's "changeit"; alias: 1 to 64 characters of
	 * printable ASCII, lower case. CE_UNCHANGED, nothing staged: it is there already, under whatever alias. An older
	 * CA under the alias is replaced if this target put it there, else it is CE_ERR_REFUSED, as is a store that
	 * cannot be edited without touching the rest. (i) */
	int (*truststore)(ce_call *call, const char *path, const char *password, const char *alias);
};

/* Whether the engine's table reaches as far as member: for plugins that also run with older engines. */
#define CE_HAS_SERVICE(services, member) \
	((services)->size >= offsetof(struct ce_services, member) + sizeof((services)->member))

/* ------------------------------------------------------------------- plugin */

/* Callbacks return CE_OK or what `fail` returned. instance is what create gave: one per target, no
 * globals. destroy, discover and verify may be NULL. */
struct certengine_plugin {
	unsigned abi;                /* CERTENGINE_ABI */
	size_t size;                 /* sizeof(struct certengine_plugin) */
	const char *name;            /* [a-z0-9-]{1,32}; equals the file name without .so */
	const char *version;
	const char *summary;         /* one line */
	const struct ce_option *options;
	size_t option_size;          /* sizeof(struct ce_option) */

	/* Reads and relates options; must not touch the host beyond reading. */
	int (*create)(const struct ce_services *services, ce_call *call, void **ret_instance);
	void (*destroy)(void *instance);
	/* Looks for installations; changes nothing. */
	int (*discover)(const struct ce_services *services, ce_call *call);
	/* Reads the product's files and stages changes. The same call serves plan and apply; with nothing
	 * to change it stages nothing that differs. */
	int (*install)(const struct ce_services *services, ce_call *call, void *instance);
	/* Makes the product load what was committed, or what was put back. */
	int (*reload)(const struct ce_services *services, ce_call *call, void *instance);
	/* Names every endpoint. */
	int (*endpoints)(const struct ce_services *services, ce_call *call, void *instance);
	/* Checks beyond the handshake, which the engine makes itself. */
	int (*verify)(const struct ce_services *services, ce_call *call, void *instance);
};

#ifdef __cplusplus
}
#endif

#endif

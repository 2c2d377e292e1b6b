/* What passes between the engine and a plugin process (base/message.h carries it).
 *
 * The process says once whether the plugin was loaded (READY or REFUSED). Then the engine sends one
 * request at a time; the process may ask for services, each of which is answered before it goes on
 * (DONE, UNCHANGED or FAILED), and ends the request with RESULT. The engine believes nothing of what
 * the process says: every number below that bounds something is enforced on the engine's side. */
#ifndef CE_PLUGIN_WIRE_H
#define CE_PLUGIN_WIRE_H

enum ce_wire {
	/* process to engine, once */
	CE_WIRE_READY = 1,    /* name, version, summary; abi; has: create, destroy, discover, install, reload,
	                         endpoints, verify; option count, then the rows: name, type, required, fallback,
	                         minimum, maximum, has choices, choices, help */
	CE_WIRE_REFUSED,      /* code, text */
	/* engine to process */
	CE_WIRE_CREATE,       /* id; option count, then name, type, text, number, list */
	CE_WIRE_DESTROY,      /* id, or CE_WIRE_EVERY */
	CE_WIRE_DISCOVER,     /* options as in CREATE */
	CE_WIRE_INSTALL,      /* id, facts: name, names, key kind, fingerprint, generation */
	CE_WIRE_RELOAD,       /* id, facts, committed paths */
	CE_WIRE_ENDPOINTS,    /* id, facts */
	CE_WIRE_VERIFY,       /* id, facts */
	/* process to engine: the end of a request */
	CE_WIRE_RESULT,       /* code, text */
	/* engine to process: the answer to a service */
	CE_WIRE_DONE,         /* what the service gives */
	CE_WIRE_UNCHANGED,    /* the same */
	CE_WIRE_FAILED,       /* code, text */
	/* services: fields asked -> fields answered */
	CE_WIRE_LOG = 32,     /* level, line -> */
	CE_WIRE_MASK,         /* text -> */
	CE_WIRE_READ,         /* path, limit -> bytes */
	CE_WIRE_STAT,         /* path -> exists, is directory, mode, uid, gid, bytes, mtime */
	CE_WIRE_LIST,         /* path -> names */
	CE_WIRE_WRITE,        /* path, bytes, owner, group, mode -> */
	CE_WIRE_MATERIAL,     /* path, kind, profile, alias, password, owner, group, mode -> */
	CE_WIRE_REMOVE,       /* path -> */
	CE_WIRE_COMMAND,      /* what, do, has undo, undo, has check, check -> */
	CE_WIRE_SECRET,       /* name -> text */
	CE_WIRE_RELOAD_BY,    /* key, what -> */
	CE_WIRE_RUN,          /* argv, input, timeout -> status, out, err */
	CE_WIRE_HTTP,         /* method, url, credentials file, ca file, content type, body, timeout -> status, body */
	CE_WIRE_ENDPOINT,     /* host, port, sni -> */
	CE_WIRE_FOUND_BEGIN,  /* title -> */
	CE_WIRE_FOUND_OPTION, /* name, value -> */
	CE_WIRE_TRUSTSTORE,   /* path, password, alias -> */
	/* services that the process answers itself from what it was sent; here for the table of rules */
	CE_WIRE_CERTIFICATE,
	CE_WIRE_COMMITTED,
	CE_WIRE_ARCHIVE_MEMBER,
	CE_WIRE_XML_OPEN,
	CE_WIRE_XML_STAGE,
	CE_WIRE_TEXT_OPEN,
	CE_WIRE_TEXT_STAGE
};

#define CE_WIRE_EVERY (-1)

/* The descriptors of the process: its socket, and the plugin's checked file. */
#define CE_WIRE_SOCKET 3
#define CE_WIRE_PLUGIN 4

/* Bounds for one request, if nothing else is said. */
#define CE_PLUGIN_SERVICES_MAX 20000          /* services used */
#define CE_PLUGIN_LINES_MAX 1000              /* lines logged */
#define CE_PLUGIN_CHANGES_MAX 256             /* changes staged */
#define CE_PLUGIN_STAGED_MAX (64u << 20)      /* bytes staged, all changes together */
#define CE_PLUGIN_RUNS_MAX 64                 /* programs run, requests made */
#define CE_PLUGIN_ENDPOINTS_MAX 64
#define CE_PLUGIN_FOUND_MAX 64                /* installations found */
#define CE_PLUGIN_SECRETS_MAX 1024            /* texts masked */
#define CE_PLUGIN_ARGUMENTS_MAX 128           /* in one argument vector */
#define CE_PLUGIN_NAMES_MAX 4096              /* in one directory */
#define CE_PLUGIN_TEXT_MAX 4096               /* bytes of a path, an argument, a line */
#define CE_PLUGIN_READ_MAX (7u << 20)         /* bytes of one file read; fits a message */
#define CE_PLUGIN_INPUT_MAX (1u << 20)        /* bytes of standard input, of a request's body */
#define CE_PLUGIN_TIMEOUT_MAX 600000          /* ms for one program or one HTTP request */
#define CE_PLUGIN_OPTIONS_MAX 64              /* rows of an option table */
#define CE_PLUGIN_CHOICES_MAX 64
#define CE_PLUGIN_RESTARTS_MAX 3              /* in a row, without a request that ended well */

#endif

/* What the supervisor and certengine-ssh say to each other. A request is a message and a payload, and so is its answer:
 * CE_SSH_DONE with what the request promises, or CE_SSH_FAILED, or CE_SSH_CLOSED. */
#ifndef CE_HOST_SSH_WIRE_H
#define CE_HOST_SSH_WIRE_H

#include "base/file.h"
#include "base/message.h"

#define CE_SSH_SOCKET 3
#define CE_SSH_AGENT 4            /* a connection to the operator's agent, if one is used */

#define CE_SSH_PIECE (1u << 20)   /* of a payload, in one message */
#define CE_SSH_PAYLOAD_MAX (17u << 20) /* a whole file, and what stands around it */
#define CE_SSH_KEYS_MAX 4         /* identities */
#define CE_SSH_NAMES_MAX 65536    /* of a directory */
#define CE_SSH_MARK "certengine:" /* begins the line that a command's shell writes before it becomes the command */
#define CE_SSH_ABSENT "absent"    /* after the mark, when there is no such program; else the shell's process */

enum ce_ssh_kind {
	CE_SSH_PAYLOAD = 1, /* size in all, then as many CE_SSH_DATA as it takes */
	CE_SSH_DATA,        /* bytes */
	/* requests                                                          answer, payload */
	CE_SSH_OPEN,        /* address, port, user, seconds, with agent, file for known hosts, count, (name, key)s; payload: those */
	CE_SSH_STAT,        /* path                                          facts */
	CE_SSH_LIST,        /* path, limit                                   list */
	CE_SSH_READ,        /* path, limit                                   facts, bytes */
	CE_SSH_PREPARE,     /* path, temporary, uid, gid, mode; payload      path resolved, temporary's path, whether it exists */
	CE_SSH_SWITCH,      /* path, temporary, existed, whether to read     bytes that it replaced */
	CE_SSH_DISCARD,     /* path of the temporary */
	CE_SSH_REMOVE,      /* path                                          whether there was one */
	CE_SSH_SETTLE,      /* path */
	CE_SSH_RUN,         /* line, milliseconds, limit; payload: input     status, timed out, absent, bytes of its output; output, errors */
	/* answers */
	CE_SSH_DONE,
	CE_SSH_FAILED,      /* code, text, whether the connection is lost */
	CE_SSH_CLOSED       /* it was lost before this was begun */
};

CE_MUSTCHECK int ce_ssh_payload_send(int fd, struct ce_bytes bytes, struct ce_error *err);
/* Into an empty buffer. CE_ERR_LIMIT when it is larger. */
CE_MUSTCHECK int ce_ssh_payload_receive(int fd, int timeout_ms, size_t limit, struct ce_buf *ret_bytes,
	struct ce_error *err);

void ce_ssh_facts_put(struct ce_message *message, const struct ce_file_info *info);
void ce_ssh_facts_get(struct ce_message *message, struct ce_file_info *ret_info);

#endif

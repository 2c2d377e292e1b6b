/* Messages of a malicious child: whatever the bytes are, they parse or fail, and strings end inside. The
 * first byte chooses the order in which fields are asked for. */
#include <stdlib.h>
#include <string.h>

#include "base/message.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void
check_string(const struct ce_message *message, const char *text)
{
	const char *start = (const char *)message->body.data;
	if (text && (text < start || text + strlen(text) >= start + message->body.size))
		abort();
}

static void
check_bytes(const struct ce_message *message, struct ce_bytes bytes)
{
	const unsigned char *start = message->body.data;
	if (bytes.size > 0 && (bytes.data < start || bytes.data + bytes.size > start + message->body.size))
		abort();
}

static void
take_field(struct ce_message *message, unsigned choice)
{
	CE_CLEANUP(ce_strlist_release) struct ce_strlist list = CE_STRLIST_INIT;
	switch (choice % 4) {
	case 0:
		(void)ce_message_get_int(message);
		break;
	case 1:
		check_string(message, ce_message_get_str(message));
		break;
	case 2:
		check_bytes(message, ce_message_get_bytes(message));
		break;
	default:
		if (ce_message_get_list(message, 64, &list, NULL) == CE_OK && list.count > 64)
			abort();
	}
}

/* Fields by the type that stands there, so that deep messages are reached too. */
static void
take_what_is_there(struct ce_message *message)
{
	while (!message->broken && message->at < message->body.size) {
		unsigned char type = message->body.data[message->at];
		take_field(message, type == 'i' ? 0 : type == 'b' ? 2 : 1);
	}
	if ((ce_message_end(message, NULL) == CE_OK) == message->broken)
		abort();
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	CE_CLEANUP(ce_message_release) struct ce_message message = CE_MESSAGE_INIT(0);
	if (ce_message_parse(data, size, &message, NULL) != CE_OK)
		return 0;
	take_what_is_there(&message);

	message.at = 0;
	message.broken = false;
	for (unsigned order = data[0]; order > 0; order /= 4)
		take_field(&message, order);
	return 0;
}

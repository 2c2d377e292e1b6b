#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/ssh_wire.h"
#include "suites.h"

extern const struct ce_test ssh_wire_tests[];

static int ends[2];

static void
begin(void)
{
	CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
}

static void
end(void)
{
	close(ends[0]);
	close(ends[1]);
}

static void
pass(size_t size)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(ce_buf_release) struct ce_buf sent = CE_BUF_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf got = CE_BUF_INIT;
	unsigned char *bytes = size ? ce_buf_grow(&sent, size) : NULL;
	for (size_t i = 0; i < size; i++)
		bytes[i] = (unsigned char)(i * 7);
	begin();
	pid_t child = fork();
	if (child == 0)
		_exit(ce_ssh_payload_send(ends[1], ce_buf_bytes(&sent), NULL) != CE_OK);
	CU_ASSERT_EQUAL(ce_ssh_payload_receive(ends[0], 5000, CE_SSH_PAYLOAD_MAX, &got, &err), CE_OK);
	CU_ASSERT_EQUAL_FATAL(got.size, size);
	CU_ASSERT(size == 0 || memcmp(got.data, sent.data, size) == 0);
	end();
}

static void
payloads_pass_whole(void)
{
	static const size_t sizes[] = { 0, 1, CE_SSH_PIECE - 1, CE_SSH_PIECE, CE_SSH_PIECE + 1, 3 * CE_SSH_PIECE + 5 };
	for (size_t i = 0; i < CE_COUNT(sizes); i++)
		pass(sizes[i]);
}

static void
send_number(int kind, int64_t number)
{
	CE_CLEANUP(ce_message_release) struct ce_message message = CE_MESSAGE_INIT(kind);
	ce_message_put_int(&message, number);
	CU_ASSERT_EQUAL(ce_message_send(ends[1], &message, NULL), CE_OK);
}

static void
send_piece(int kind, const char *text)
{
	CE_CLEANUP(ce_message_release) struct ce_message message = CE_MESSAGE_INIT(kind);
	ce_message_put_bytes(&message, (struct ce_bytes){ (const unsigned char *)text, strlen(text) });
	CU_ASSERT_EQUAL(ce_message_send(ends[1], &message, NULL), CE_OK);
}

static int
receive(size_t limit)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(ce_buf_release) struct ce_buf got = CE_BUF_INIT;
	return ce_ssh_payload_receive(ends[0], 2000, limit, &got, &err);
}

/* The other end may have been taken over. */
static void
lies_about_sizes_are_found(void)
{
	begin();
	send_number(CE_SSH_PAYLOAD, -1);
	CU_ASSERT_EQUAL(receive(100), CE_ERR_INVALID);
	send_number(CE_SSH_PAYLOAD, 101);
	CU_ASSERT_EQUAL(receive(100), CE_ERR_LIMIT);
	send_number(CE_SSH_DONE, 1);
	CU_ASSERT_EQUAL(receive(100), CE_ERR_INVALID);
	send_number(CE_SSH_PAYLOAD, 3);
	send_piece(CE_SSH_DATA, "four");
	CU_ASSERT_EQUAL(receive(100), CE_ERR_INVALID);
	send_number(CE_SSH_PAYLOAD, 3);
	send_piece(CE_SSH_DATA, "");
	CU_ASSERT_EQUAL(receive(100), CE_ERR_INVALID);
	send_number(CE_SSH_PAYLOAD, 3);
	send_piece(CE_SSH_DONE, "abc");
	CU_ASSERT_EQUAL(receive(100), CE_ERR_INVALID);
	end();
}

static void
facts_come_back_as_they_were(void)
{
	struct ce_file_info info = { true, true, 01750, 7, 8, 1LL << 40, 1700000000 }, back;
	CE_CLEANUP(ce_message_release) struct ce_message message = CE_MESSAGE_INIT(CE_SSH_DONE);
	ce_ssh_facts_put(&message, &info);
	ce_ssh_facts_get(&message, &back);
	CU_ASSERT_EQUAL(ce_message_end(&message, NULL), CE_OK);
	CU_ASSERT(back.exists && back.is_directory && back.mode == 01750 && back.uid == 7 && back.gid == 8
	          && back.size == 1LL << 40 && back.mtime == 1700000000);
	struct ce_file_info none = { .exists = false, .size = 5 };
	CE_CLEANUP(ce_message_release) struct ce_message other = CE_MESSAGE_INIT(CE_SSH_DONE);
	ce_ssh_facts_put(&other, &none);
	ce_ssh_facts_get(&other, &back);
	CU_ASSERT(!back.exists && back.size == 0);
}

const struct ce_test ssh_wire_tests[] = {
	{ "payloads pass whole", payloads_pass_whole },
	{ "lies about sizes are found", lies_about_sizes_are_found },
	{ "facts come back as they were", facts_come_back_as_they_were },
	{ NULL, NULL },
};

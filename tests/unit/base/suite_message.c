#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/message.h"
#include "base/sys.h"
#include "fixture.h"
#include "lib/sys_fault.h"

static const char *const words[] = { "one", "", "three", NULL };

static void
fill(struct ce_message *message)
{
	ce_message_put_int(message, INT64_MIN);
	ce_message_put_str(message, "text");
	ce_message_put_str(message, NULL);
	ce_message_put_bytes(message, (struct ce_bytes){ (const unsigned char *)"\0\1\2", 3 });
	ce_message_put_bytes(message, (struct ce_bytes){ NULL, 0 });
	ce_message_put_list(message, words);
	ce_message_put_list(message, NULL);
}

/* What a handler does with the message that fill makes; the code is that of its end. */
static int
take_apart(struct ce_message *message)
{
	CE_CLEANUP(ce_strlist_release) struct ce_strlist list = CE_STRLIST_INIT;
	int64_t number = ce_message_get_int(message);
	const char *text = ce_message_get_str(message);
	const char *none = ce_message_get_str(message);
	struct ce_bytes bytes = ce_message_get_bytes(message);
	struct ce_bytes empty = ce_message_get_bytes(message);
	int code = ce_message_get_list(message, 3, &list, NULL);
	if (code == CE_OK) {
		CU_ASSERT_EQUAL(list.count, 3);
		CU_ASSERT_STRING_EQUAL(list.items[2], "three");
		code = ce_message_get_list(message, 3, &list, NULL);
	}
	if (code == CE_OK)
		code = ce_message_end(message, NULL);
	if (code == CE_OK) {
		CU_ASSERT_EQUAL(number, INT64_MIN);
		CU_ASSERT_STRING_EQUAL(text, "text");
		CU_ASSERT_PTR_NULL(none);
		CU_ASSERT(bytes.size == 3 && memcmp(bytes.data, "\0\1\2", 3) == 0);
		CU_ASSERT_EQUAL(empty.size, 0);
		CU_ASSERT_EQUAL(list.count, 0);
	}
	return code;
}

static void
pair(int fds[2])
{
	CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
}

static void
fields_arrive_as_they_were_put(void)
{
	int fds[2];
	pair(fds);
	CE_CLEANUP(ce_message_release) struct ce_message sent = CE_MESSAGE_INIT(7);
	CE_CLEANUP(ce_message_release) struct ce_message got = CE_MESSAGE_INIT(0);
	fill(&sent);
	for (int i = 0; i < 2; i++) { /* the second receives into a used message */
		CU_ASSERT_EQUAL(ce_message_send(fds[0], &sent, NULL), CE_OK);
		CU_ASSERT_EQUAL(ce_message_receive(fds[1], 1000, &got, NULL), CE_OK);
		CU_ASSERT_EQUAL(got.kind, 7);
		CU_ASSERT_EQUAL(take_apart(&got), CE_OK);
	}
	close(fds[0]);
	CU_ASSERT_EQUAL(ce_message_receive(fds[1], 1000, &got, NULL), CE_ERR_NOT_FOUND);
	close(fds[1]);
}

/* The whole message as bytes: kind and fields. */
static struct ce_bytes
image(struct ce_buf *out)
{
	CE_CLEANUP(ce_message_release) struct ce_message message = CE_MESSAGE_INIT(7);
	uint16_t kind = 7;
	fill(&message);
	CU_ASSERT_EQUAL(ce_buf_add(out, &kind, sizeof(kind), NULL), CE_OK);
	CU_ASSERT_EQUAL(ce_buf_add(out, message.body.data, message.body.size, NULL), CE_OK);
	return ce_buf_bytes(out);
}

static int
parse(const unsigned char *bytes, size_t size)
{
	CE_CLEANUP(ce_message_release) struct ce_message message = CE_MESSAGE_INIT(0);
	int code = ce_message_parse(bytes, size, &message, NULL);
	return code == CE_OK ? take_apart(&message) : code;
}

static void
cut_anywhere_it_is_malformed(void)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf buf = CE_BUF_INIT;
	struct ce_bytes whole = image(&buf);
	CU_ASSERT_EQUAL(parse(whole.data, whole.size), CE_OK);
	for (size_t size = 0; size < whole.size; size++) {
		unsigned char *cut = malloc(size + 1); /* its own block, so that the sanitizer sees an over-read */
		CU_ASSERT_PTR_NOT_NULL_FATAL(cut);
		memcpy(cut, whole.data, size);
		CU_ASSERT_EQUAL(parse(cut, size), CE_ERR_INVALID);
		free(cut);
	}
	CU_ASSERT_EQUAL(ce_buf_add(&buf, "i", 1, NULL), CE_OK);
	CU_ASSERT_EQUAL(parse(buf.data, buf.size), CE_ERR_INVALID); /* a rest */
}

/* Every byte in turn becomes every value: nothing but an error or another value may come of it. */
static void
spoiled_anywhere_it_does_no_harm(void)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf buf = CE_BUF_INIT;
	size_t size = image(&buf).size;
	for (size_t at = 0; at < size; at++)
		for (int value = 0; value < 256; value += 5) {
			unsigned char before = buf.data[at];
			buf.data[at] = (unsigned char)value;
			struct ce_message message = CE_MESSAGE_INIT(0);
			CE_CLEANUP(ce_strlist_release) struct ce_strlist list = CE_STRLIST_INIT;
			CU_ASSERT_EQUAL(ce_message_parse(buf.data, size, &message, NULL), CE_OK);
			(void)ce_message_get_int(&message);
			const char *text = ce_message_get_str(&message);
			CU_ASSERT(!text || strlen(text) < size);
			(void)ce_message_get_str(&message);
			(void)ce_message_get_bytes(&message);
			(void)ce_message_get_bytes(&message);
			int code = ce_message_get_list(&message, 1000, &list, NULL);
			CU_ASSERT(code == CE_OK || code == CE_ERR_INVALID || code == CE_ERR_LIMIT);
			ce_message_release(&message);
			buf.data[at] = before;
		}
}

static void
wrong_type_or_order_breaks_it(void)
{
	struct ce_message message = CE_MESSAGE_INIT(1);
	ce_message_put_int(&message, 5);
	CU_ASSERT_PTR_NULL(ce_message_get_str(&message));
	CU_ASSERT_EQUAL(ce_message_get_int(&message), 0); /* once broken it stays so */
	CU_ASSERT_EQUAL(ce_message_end(&message, NULL), CE_ERR_INVALID);
	ce_message_release(&message);

	struct ce_message list = CE_MESSAGE_INIT(1);
	CE_CLEANUP(ce_strlist_release) struct ce_strlist out = CE_STRLIST_INIT;
	ce_message_put_int(&list, 1);
	ce_message_put_str(&list, NULL); /* a list holds no NULL */
	CU_ASSERT_EQUAL(ce_message_get_list(&list, 5, &out, NULL), CE_ERR_INVALID);
	ce_message_release(&list);

	struct ce_message many = CE_MESSAGE_INIT(1);
	ce_message_put_list(&many, words);
	CU_ASSERT_EQUAL(ce_message_get_list(&many, 2, &out, NULL), CE_ERR_LIMIT);
	ce_message_release(&many);
}

static void
strings_end_where_they_say(void)
{
	static const struct {
		const char *bytes;
		size_t size;
	} cases[] = {
		{ "\7\0s\3\0\0\0abcd", 11 },  /* no NUL behind it */
		{ "\7\0s\3\0\0\0a\0c\0", 11 }, /* one within */
		{ "\7\0s\3\0\0\0abc", 10 },    /* ends before it */
	};
	for (size_t i = 0; i < CE_COUNT(cases); i++) {
		CE_CLEANUP(ce_message_release) struct ce_message message = CE_MESSAGE_INIT(0);
		CU_ASSERT_EQUAL(ce_message_parse(cases[i].bytes, cases[i].size, &message, NULL), CE_OK);
		CU_ASSERT_PTR_NULL(ce_message_get_str(&message));
		CU_ASSERT_EQUAL(ce_message_end(&message, NULL), CE_ERR_INVALID);
	}
}

static void
oversized_messages_do_not_leave(void)
{
	int fds[2];
	pair(fds);
	size_t size = CE_MESSAGE_LIMIT + 1;
	CE_CLEANUP(ce_freep) unsigned char *big = calloc(1, size);
	CU_ASSERT_PTR_NOT_NULL_FATAL(big);
	CE_CLEANUP(ce_message_release) struct ce_message message = CE_MESSAGE_INIT(1);
	ce_message_put_bytes(&message, (struct ce_bytes){ big, size });
	CU_ASSERT_EQUAL(ce_message_send(fds[0], &message, NULL), CE_ERR_LIMIT);
	CE_CLEANUP(ce_message_release) struct ce_message odd = CE_MESSAGE_INIT(70000);
	CU_ASSERT_EQUAL(ce_message_send(fds[0], &odd, NULL), CE_ERR_LIMIT);
	close(fds[0]);
	close(fds[1]);
}

static void
lying_lengths_are_refused(void)
{
	static const uint32_t lengths[] = { 0, 1, CE_MESSAGE_LIMIT + 3, UINT32_MAX };
	for (size_t i = 0; i < CE_COUNT(lengths); i++) {
		int fds[2];
		pair(fds);
		CE_CLEANUP(ce_message_release) struct ce_message got = CE_MESSAGE_INIT(0);
		CU_ASSERT_EQUAL(write(fds[0], &lengths[i], sizeof(lengths[i])), 4);
		CU_ASSERT_EQUAL(ce_message_receive(fds[1], 1000, &got, NULL), CE_ERR_INVALID);
		close(fds[0]);
		close(fds[1]);
	}
}

static void
stream_that_ends_within_is_malformed(void)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf buf = CE_BUF_INIT;
	struct ce_bytes whole = image(&buf);
	uint32_t length = (uint32_t)whole.size;
	for (size_t size = 1; size < sizeof(length) + whole.size; size++) {
		int fds[2];
		pair(fds);
		CE_CLEANUP(ce_message_release) struct ce_message got = CE_MESSAGE_INIT(0);
		size_t head = size < sizeof(length) ? size : sizeof(length);
		CU_ASSERT_EQUAL(write(fds[0], &length, head), (ssize_t)head);
		CU_ASSERT_EQUAL(write(fds[0], whole.data, size - head), (ssize_t)(size - head));
		close(fds[0]);
		CU_ASSERT_EQUAL(ce_message_receive(fds[1], 1000, &got, NULL), CE_ERR_INVALID);
		close(fds[1]);
	}
}

/* The deadline is that of the whole message: a byte now and then does not move it. */
static void
dripping_peer_meets_the_deadline(void)
{
	int fds[2];
	pair(fds);
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		uint32_t length = 1000;
		(void)!write(fds[0], &length, sizeof(length));
		for (int i = 0; i < 100; i++) {
			usleep(20000);
			(void)!send(fds[0], "x", 1, MSG_NOSIGNAL);
		}
		_exit(0);
	}
	close(fds[0]);
	CE_CLEANUP(ce_message_release) struct ce_message got = CE_MESSAGE_INIT(0);
	long long before = ce_monotonic_ms();
	CU_ASSERT_EQUAL(ce_message_receive(fds[1], 200, &got, NULL), CE_ERR_TIMEOUT);
	CU_ASSERT(ce_monotonic_ms() - before < 1500);
	close(fds[1]);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void
silent_peer_meets_the_deadline(void)
{
	int fds[2];
	pair(fds);
	CE_CLEANUP(ce_message_release) struct ce_message got = CE_MESSAGE_INIT(0);
	CU_ASSERT_EQUAL(ce_message_receive(fds[1], 0, &got, NULL), CE_ERR_TIMEOUT);
	CU_ASSERT_EQUAL(ce_message_receive(fds[1], 60, &got, NULL), CE_ERR_TIMEOUT);
	close(fds[0]);
	close(fds[1]);
}

static void
gone_peer_is_an_error_not_a_signal(void)
{
	int fds[2];
	pair(fds);
	close(fds[1]);
	CE_CLEANUP(ce_message_release) struct ce_message message = CE_MESSAGE_INIT(1);
	CU_ASSERT_EQUAL(ce_message_send(fds[0], &message, NULL), CE_ERR_SYSTEM);
	close(fds[0]);
}

static void
pieces_make_a_whole(void)
{
	static const char *const rules[] = {
		"only:sendmsg+recvmsg,short:1,short:2,short:3,short:4,short:5,short:6",
		"only:sendmsg+recvmsg,fail:1:EINTR,fail:3:EINTR,fail:5:EINTR",
		"only:poll,fail:1:EINTR",
	};
	for (size_t i = 0; i < CE_COUNT(rules); i++) {
		int fds[2];
		pair(fds);
		CE_CLEANUP(ce_message_release) struct ce_message sent = CE_MESSAGE_INIT(9);
		CE_CLEANUP(ce_message_release) struct ce_message got = CE_MESSAGE_INIT(0);
		fill(&sent);
		ce_fault_begin(rules[i]);
		CU_ASSERT_EQUAL(ce_message_send(fds[0], &sent, NULL), CE_OK);
		CU_ASSERT_EQUAL(ce_message_receive(fds[1], 1000, &got, NULL), CE_OK);
		ce_fault_end();
		CU_ASSERT_EQUAL(take_apart(&got), CE_OK);
		close(fds[0]);
		close(fds[1]);
	}
}

/* Larger than any socket buffer, so sender and receiver take turns. */
static void
large_message_passes(void)
{
	int fds[2];
	pair(fds);
	size_t size = 6u << 20;
	CE_CLEANUP(ce_freep) unsigned char *big = malloc(size);
	CU_ASSERT_PTR_NOT_NULL_FATAL(big);
	memset(big, 'x', size);
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		struct ce_message message = CE_MESSAGE_INIT(3);
		ce_message_put_bytes(&message, (struct ce_bytes){ big, size });
		_exit(ce_message_send(fds[0], &message, NULL) == CE_OK ? 0 : 1);
	}
	CE_CLEANUP(ce_message_release) struct ce_message got = CE_MESSAGE_INIT(0);
	CU_ASSERT_EQUAL(ce_message_receive(fds[1], 20000, &got, NULL), CE_OK);
	struct ce_bytes bytes = ce_message_get_bytes(&got);
	CU_ASSERT(bytes.size == size && memcmp(bytes.data, big, size) == 0);
	int status = 1;
	waitpid(pid, &status, 0);
	CU_ASSERT_EQUAL(status, 0);
	close(fds[0]);
	close(fds[1]);
}

const struct ce_test message_tests[] = {
	{ "fields arrive as they were put", fields_arrive_as_they_were_put },
	{ "cut anywhere it is malformed", cut_anywhere_it_is_malformed },
	{ "spoiled anywhere it does no harm", spoiled_anywhere_it_does_no_harm },
	{ "wrong type or order breaks it", wrong_type_or_order_breaks_it },
	{ "strings end where they say", strings_end_where_they_say },
	{ "oversized messages do not leave", oversized_messages_do_not_leave },
	{ "lying lengths are refused", lying_lengths_are_refused },
	{ "stream that ends within is malformed", stream_that_ends_within_is_malformed },
	{ "dripping peer meets the deadline", dripping_peer_meets_the_deadline },
	{ "silent peer meets the deadline", silent_peer_meets_the_deadline },
	{ "gone peer is an error, not a signal", gone_peer_is_an_error_not_a_signal },
	{ "pieces make a whole", pieces_make_a_whole },
	{ "large message passes", large_message_passes },
	{ NULL, NULL },
};

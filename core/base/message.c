#include "base/message.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/uio.h>

#include "base/sys.h"

#define KIND_SIZE sizeof(uint16_t)

/* ------------------------------------------------------------------ writing */

static void
put(struct ce_message *message, const void *data, size_t size)
{
	if (!message->broken && ce_buf_add(&message->body, data, size, NULL) != CE_OK)
		message->broken = true;
}

static void
put_type(struct ce_message *message, char type)
{
	put(message, &type, 1);
}

static void
put_sized(struct ce_message *message, char type, const void *data, size_t size)
{
	uint32_t length = (uint32_t)size;
	if (size > CE_MESSAGE_LIMIT) {
		message->broken = true;
		return;
	}
	put_type(message, type);
	put(message, &length, sizeof(length));
	put(message, data, size);
}

void
ce_message_put_int(struct ce_message *message, int64_t value)
{
	put_type(message, 'i');
	put(message, &value, sizeof(value));
}

void
ce_message_put_str(struct ce_message *message, const char *text_or_null)
{
	if (!text_or_null) {
		put_type(message, 'n');
		return;
	}
	put_sized(message, 's', text_or_null, strlen(text_or_null));
	put(message, "", 1);
}

void
ce_message_put_bytes(struct ce_message *message, struct ce_bytes bytes)
{
	put_sized(message, 'b', bytes.data, bytes.size);
}

void
ce_message_put_list(struct ce_message *message, const char *const *items)
{
	int64_t count = 0;
	while (items && items[count])
		count++;
	ce_message_put_int(message, count);
	for (int64_t i = 0; i < count; i++)
		ce_message_put_str(message, items[i]);
}

/* ------------------------------------------------------------------ reading */

/* The next size bytes, NULL (and broken) when there are not so many. */
static const unsigned char *
take(struct ce_message *message, size_t size)
{
	if (message->broken || size > message->body.size - message->at) {
		message->broken = true;
		return NULL;
	}
	const unsigned char *data = message->body.data + message->at;
	message->at += size;
	return data;
}

static bool
take_type(struct ce_message *message, char type)
{
	const unsigned char *found = take(message, 1);
	if (found && *found != (unsigned char)type)
		message->broken = true;
	return !message->broken;
}

static const unsigned char *
take_sized(struct ce_message *message, char type, size_t *ret_size)
{
	const unsigned char *data = take_type(message, type) ? take(message, sizeof(uint32_t)) : NULL;
	if (!data)
		return NULL;
	uint32_t size;
	memcpy(&size, data, sizeof(size));
	data = take(message, size);
	*ret_size = size;
	return data;
}

int64_t
ce_message_get_int(struct ce_message *message)
{
	int64_t value = 0;
	const unsigned char *data = take_type(message, 'i') ? take(message, sizeof(value)) : NULL;
	if (data)
		memcpy(&value, data, sizeof(value));
	return value;
}

const char *
ce_message_get_str(struct ce_message *message)
{
	if (!message->broken && message->at < message->body.size && message->body.data[message->at] == 'n') {
		message->at++;
		return NULL;
	}
	size_t size = 0;
	const unsigned char *text = take_sized(message, 's', &size);
	const unsigned char *end = text ? take(message, 1) : NULL;
	if (end && (*end != '\0' || memchr(text, '\0', size) != NULL))
		message->broken = true;
	return message->broken ? NULL : (const char *)text;
}

struct ce_bytes
ce_message_get_bytes(struct ce_message *message)
{
	struct ce_bytes bytes = { NULL, 0 };
	size_t size = 0;
	const unsigned char *data = take_sized(message, 'b', &size);
	if (data) {
		bytes.data = data;
		bytes.size = size;
	}
	return bytes;
}

static int
fail_malformed(const struct ce_message *message, struct ce_error *err)
{
	return ce_fail(err, CE_ERR_INVALID, "message of kind %d is malformed", message->kind);
}

int
ce_message_get_list(struct ce_message *message, size_t limit, struct ce_strlist *ret_list, struct ce_error *err)
{
	int64_t count = ce_message_get_int(message);
	if (message->broken || count < 0)
		return fail_malformed(message, err);
	if ((uint64_t)count > limit)
		return ce_fail(err, CE_ERR_LIMIT, "message of kind %d has a list of more than %zu", message->kind, limit);

	CE_CLEANUP(ce_strlist_release) struct ce_strlist list = CE_STRLIST_INIT;
	for (int64_t i = 0; i < count; i++) {
		const char *text = ce_message_get_str(message);
		if (!text) {
			message->broken = true;
			return fail_malformed(message, err);
		}
		int code = ce_strlist_add(&list, text, err);
		if (code != CE_OK)
			return code;
	}
	ce_strlist_release(ret_list);
	*ret_list = list;
	list = (struct ce_strlist)CE_STRLIST_INIT;
	return CE_OK;
}

int
ce_message_end(const struct ce_message *message, struct ce_error *err)
{
	if (message->broken || message->at != message->body.size)
		return fail_malformed(message, err);
	return CE_OK;
}

int
ce_message_parse(const void *bytes, size_t size, struct ce_message *ret_message, struct ce_error *err)
{
	uint16_t kind;
	if (size < sizeof(kind))
		return ce_fail(err, CE_ERR_INVALID, "message without a kind");
	memcpy(&kind, bytes, sizeof(kind));

	CE_CLEANUP(ce_message_release) struct ce_message message = CE_MESSAGE_INIT(kind);
	int code = ce_buf_add(&message.body, (const unsigned char *)bytes + sizeof(kind), size - sizeof(kind), err);
	if (code != CE_OK)
		return code;
	ce_message_release(ret_message);
	*ret_message = message;
	message = (struct ce_message)CE_MESSAGE_INIT(0);
	return CE_OK;
}

void
ce_message_release(struct ce_message *message)
{
	ce_buf_release(&message->body);
	message->at = 0;
}

/* ---------------------------------------------------------------- transport */

/* Waits until the socket is ready; deadline < 0: for ever. */
static int
await(int fd, short events, long long deadline, struct ce_error *err)
{
	for (;;) {
		long long left = deadline < 0 ? -1 : deadline - ce_monotonic_ms();
		if (deadline >= 0 && left <= 0)
			left = 0;
		struct pollfd watch = { .fd = fd, .events = events };
		int ready = ce_sys->poll(&watch, 1, left > INT_MAX ? INT_MAX : (int)left);
		if (ready > 0)
			return CE_OK;
		if (ready < 0 && errno != EINTR)
			return ce_fail_errno(err, errno, "wait for a message");
		if (deadline >= 0 && ce_monotonic_ms() >= deadline)
			return ce_fail(err, CE_ERR_TIMEOUT, "no answer within the time limit");
	}
}

static int
send_all(int fd, struct iovec *parts, size_t count, struct ce_error *err)
{
	while (count > 0) {
		struct msghdr header = { .msg_iov = parts, .msg_iovlen = count };
		ssize_t sent = ce_sys->sendmsg(fd, &header, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent < 0 && errno == EAGAIN) {
			int code = await(fd, POLLOUT, ce_monotonic_ms() + CE_MESSAGE_PATIENCE_MS, err);
			if (code != CE_OK)
				return code;
			continue;
		}
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return ce_fail_errno(err, errno, "send a message");

		size_t left = (size_t)sent;
		for (; count > 0 && left >= parts->iov_len; parts++, count--)
			left -= parts->iov_len;
		if (count > 0) {
			parts->iov_base = (char *)parts->iov_base + left;
			parts->iov_len -= left;
		}
	}
	return CE_OK;
}

int
ce_message_send(int fd, const struct ce_message *message, struct ce_error *err)
{
	if (message->broken || message->kind < 0 || message->kind > UINT16_MAX)
		return ce_fail(err, CE_ERR_LIMIT, "message of kind %d is larger than %u bytes", message->kind,
			CE_MESSAGE_LIMIT);

	uint16_t kind = (uint16_t)message->kind;
	uint32_t length = (uint32_t)(KIND_SIZE + message->body.size);
	unsigned char head[sizeof(length) + KIND_SIZE];
	memcpy(head, &length, sizeof(length));
	memcpy(head + sizeof(length), &kind, KIND_SIZE);
	struct iovec parts[] = {
		{ .iov_base = head, .iov_len = sizeof(head) },
		{ .iov_base = message->body.data, .iov_len = message->body.size },
	};
	return send_all(fd, parts, CE_COUNT(parts), err);
}

/* CE_ERR_NOT_FOUND when the stream ends before the first byte. */
static int
receive_all(int fd, void *data, size_t size, long long deadline, struct ce_error *err)
{
	for (size_t got = 0; got < size;) {
		struct iovec part = { .iov_base = (char *)data + got, .iov_len = size - got };
		struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1 };
		ssize_t now = ce_sys->recvmsg(fd, &header, MSG_DONTWAIT);
		if (now < 0 && errno == EAGAIN) {
			int code = await(fd, POLLIN, deadline, err);
			if (code != CE_OK)
				return code;
			continue;
		}
		if (now < 0 && errno == EINTR)
			continue;
		if (now < 0)
			return ce_fail_errno(err, errno, "receive a message");
		if (now == 0 && got == 0)
			return ce_fail(err, CE_ERR_NOT_FOUND, "the other side has closed the connection");
		if (now == 0)
			return ce_fail(err, CE_ERR_INVALID, "the connection ended within a message");
		got += (size_t)now;
	}
	return CE_OK;
}

/* An end of the stream behind the length word is no clean one. */
static int
receive_rest(int fd, void *data, size_t size, long long deadline, struct ce_error *err)
{
	int code = receive_all(fd, data, size, deadline, err);
	if (code == CE_ERR_NOT_FOUND)
		return ce_fail(err, CE_ERR_INVALID, "the connection ended within a message");
	return code;
}

int
ce_message_receive(int fd, int timeout_ms, struct ce_message *ret_message, struct ce_error *err)
{
	long long deadline = timeout_ms < 0 ? -1 : ce_monotonic_ms() + timeout_ms;
	uint32_t length = 0;
	int code = receive_all(fd, &length, sizeof(length), deadline, err);
	if (code != CE_OK)
		return code;
	if (length < KIND_SIZE || length > CE_MESSAGE_LIMIT + KIND_SIZE)
		return ce_fail(err, CE_ERR_INVALID, "message with a length of %lu bytes", (unsigned long)length);

	uint16_t kind = 0;
	code = receive_rest(fd, &kind, sizeof(kind), deadline, err);
	if (code != CE_OK)
		return code;
	CE_CLEANUP(ce_message_release) struct ce_message message = CE_MESSAGE_INIT(kind);
	void *space = ce_buf_grow(&message.body, length - KIND_SIZE);
	if (!space)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	code = receive_rest(fd, space, length - KIND_SIZE, deadline, err);
	if (code != CE_OK)
		return code;
	ce_message_release(ret_message);
	*ret_message = message;
	message = (struct ce_message)CE_MESSAGE_INIT(0);
	return CE_OK;
}

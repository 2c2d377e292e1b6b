#include "crypto/der.h"

#include <string.h>
#include <time.h>

int
ce_der_add(struct ce_buf *out, int tag, struct ce_bytes content, struct ce_error *err)
{
	unsigned char head[2 + sizeof(size_t)] = { (unsigned char)tag };
	size_t used = 1;
	if (content.size < 0x80) {
		head[used++] = (unsigned char)content.size;
	} else {
		int count = 0;
		for (size_t rest = content.size; rest > 0; rest >>= 8)
			count++;
		head[used++] = (unsigned char)(0x80 | count);
		for (int i = count - 1; i >= 0; i--)
			head[used++] = (unsigned char)(content.size >> (8 * i));
	}
	int code = ce_buf_add(out, head, used, err);
	if (code < 0 || content.size == 0)
		return code;
	return ce_buf_add(out, content.data, content.size, err);
}

int
ce_der_add_integer(struct ce_buf *out, struct ce_bytes magnitude, struct ce_error *err)
{
	while (magnitude.size > 1 && magnitude.data[0] == 0) {
		magnitude.data++;
		magnitude.size--;
	}
	CE_CLEANUP(ce_buf_release) struct ce_buf value = CE_BUF_INIT;
	int code = CE_OK;
	if (magnitude.size == 0 || magnitude.data[0] & 0x80)
		code = ce_buf_add(&value, "", 1, err);
	if (code >= 0 && magnitude.size > 0)
		code = ce_buf_add(&value, magnitude.data, magnitude.size, err);
	if (code < 0)
		return code;
	return ce_der_add(out, CE_DER_INTEGER, ce_buf_bytes(&value), err);
}

int
ce_der_add_long(struct ce_buf *out, unsigned long value, struct ce_error *err)
{
	unsigned char bytes[sizeof(value)];
	for (size_t i = 0; i < sizeof(value); i++)
		bytes[i] = (unsigned char)(value >> (8 * (sizeof(value) - 1 - i)));
	return ce_der_add_integer(out, (struct ce_bytes){ bytes, sizeof(bytes) }, err);
}

int
ce_der_add_time(struct ce_buf *out, long long seconds, struct ce_error *err)
{
	struct tm parts;
	time_t moment = (time_t)seconds;
	if (seconds < 0 || !gmtime_r(&moment, &parts) || parts.tm_year > 9999 - 1900)
		return ce_fail(err, CE_ERR_INVALID, "%lld is no moment that a certificate or CRL can name", seconds);
	bool utc = parts.tm_year < 2050 - 1900;
	char text[32];
	size_t size = strftime(text, sizeof(text), "%Y%m%d%H%M%SZ", &parts);
	size_t skip = utc ? 2 : 0;
	struct ce_bytes content = { (const unsigned char *)text + skip, size - skip };
	return ce_der_add(out, utc ? CE_DER_UTC_TIME : CE_DER_GENERALIZED_TIME, content, err);
}

/* ------------------------------------------------------------------- reading */

/* The length that starts at data[1]; the size of tag and length together, 0: it cannot be read. */
static size_t
read_head(struct ce_bytes input, size_t *ret_length)
{
	if (input.size < 2 || (input.data[0] & 0x1f) == 0x1f)
		return 0;
	size_t length = input.data[1], count = 0;
	if (length >= 0x80) {
		count = length & 0x7f;
		if (count == 0 || count > 4 || input.size < 2 + count)
			return 0;
		length = 0;
		for (size_t i = 0; i < count; i++)
			length = length << 8 | input.data[2 + i];
	}
	*ret_length = length;
	return 2 + count;
}

bool
ce_der_take(struct ce_bytes *left, struct ce_der_value *ret_value)
{
	size_t length = 0;
	size_t head = read_head(*left, &length);
	if (head == 0 || length > left->size - head)
		return false;
	*ret_value = (struct ce_der_value){ left->data[0], { left->data, head + length }, { left->data + head, length } };
	left->data += head + length;
	left->size -= head + length;
	return true;
}

bool
ce_der_take_tag(struct ce_bytes *left, int tag, struct ce_der_value *ret_value)
{
	return left->size > 0 && left->data[0] == tag && ce_der_take(left, ret_value);
}

bool
ce_der_take_number(struct ce_bytes *left, unsigned *ret_number)
{
	struct ce_der_value value;
	if (!ce_der_take_tag(left, CE_DER_INTEGER, &value) || value.content.size < 1 || value.content.size > 5
	        || value.content.data[0] & 0x80)
		return false;
	unsigned long long number = 0;
	for (size_t i = 0; i < value.content.size; i++)
		number = number << 8 | value.content.data[i];
	if (number > 0x7fffffff)
		return false;
	*ret_number = (unsigned)number;
	return true;
}

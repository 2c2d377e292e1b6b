#include "base/moment.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Reads exactly `digits` decimal digits; -1 when there are none such. */
static int
take_number(const char **at, int digits)
{
	int number = 0;
	for (int i = 0; i < digits; i++, ++*at) {
		if (**at < '0' || **at > '9')
			return -1;
		number = number * 10 + (**at - '0');
	}
	return number;
}

/* Whether the next character is one of those, which is passed over. */
static bool
take_one(const char **at, const char *of)
{
	if (!**at || !strchr(of, **at))
		return false;
	++*at;
	return true;
}

static bool
is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int
days_of(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* Days from 1970-01-01 to a date of the Gregorian calendar. */
static long long
days_since_epoch(int year, int month, int day)
{
	long long past = year - 1;
	long long days = past * 365 + past / 4 - past / 100 + past / 400 - 719162;
	for (int m = 1; m < month; m++)
		days += days_of(year, m);
	return days + day - 1;
}

static bool
take_date(const char **at, long long *ret_days)
{
	int year = take_number(at, 4);
	bool good = take_one(at, "-");
	int month = good ? take_number(at, 2) : -1;
	good = good && take_one(at, "-");
	int day = good ? take_number(at, 2) : -1;
	if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_of(year, month))
		return false;
	*ret_days = days_since_epoch(year, month, day);
	return true;
}

static bool
take_time(const char **at, long long *ret_seconds)
{
	int hour = take_number(at, 2);
	bool good = take_one(at, ":");
	int minute = good ? take_number(at, 2) : -1;
	good = good && take_one(at, ":");
	int second = good ? take_number(at, 2) : -1;
	if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
		return false;
	if (take_one(at, ".")) {
		if (!take_one(at, "0123456789"))
			return false;
		while (take_one(at, "0123456789"))
			;
	}
	*ret_seconds = hour * 3600LL + minute * 60LL + second;
	return true;
}

static bool
take_offset(const char **at, long long *ret_seconds)
{
	*ret_seconds = 0;
	if (take_one(at, "Zz"))
		return true;
	int sign = **at == '-' ? -1 : 1;
	if (!take_one(at, "+-"))
		return false;
	int hours = take_number(at, 2);
	bool good = take_one(at, ":");
	int minutes = good ? take_number(at, 2) : -1;
	if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
		return false;
	*ret_seconds = sign * (hours * 3600LL + minutes * 60LL);
	return true;
}

int
ce_moment_parse(const char *text, long long *ret_seconds, struct ce_error *err)
{
	const char *at = text;
	long long days = 0, seconds = 0, offset = 0;
	if (!take_date(&at, &days) || !take_one(&at, "Tt ") || !take_time(&at, &seconds) || !take_offset(&at, &offset) || *at)
		return ce_fail(err, CE_ERR_INVALID, "'%.60s' is no moment as in 2026-11-20T03:14:07Z", text);

	*ret_seconds = days * 86400 + seconds - offset;
	return CE_OK;
}

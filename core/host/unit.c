/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sizes and durations read and printed. */
#include "host/unit.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>

#define DECIMALS_MAX 6 /* digits behind the point */

struct unit {
	const char *name;
	int64_t worth;
};

/* The largest first: printing takes the first that divides. */
static const struct unit times[] = {{"d", 86400000}, {"h", 3600000}, {"m", 60000},
				    {"s", 1000},     {"ms", 1},      {NULL, 0}};
static const struct unit sizes[] = {
	{"G", 1 << 30}, {"M", 1 << 20}, {"k", 1 << 10}, {NULL, 0}};

static size_t
digits(struct coven_slice s)
{
	size_t n = 0;

	while (n < s.length && (unsigned char)(s.at[n] - '0') < 10)
		n++;
	return n;
}

/* `bare`: what a number without a unit counts. */
static int
read_units(struct coven_slice text, const struct unit *units, int64_t bare, int64_t max,
	   int64_t *value)
{
	struct coven_slice rest = text_trim(text);
	size_t length = digits(rest);
	uint64_t whole, part = 0, scale = 1, worth = (uint64_t)bare;

	if (text_number(text_cut(rest, 0, length), (uint64_t)max, &whole))
		return -1;
	rest = text_cut(rest, length, rest.length);
	if (rest.length && *rest.at == '.') {
		rest = text_cut(rest, 1, rest.length);
		length = digits(rest);
		if (length > DECIMALS_MAX ||
		    text_number(text_cut(rest, 0, length), UINT64_MAX, &part))
			return -1;
		rest = text_cut(rest, length, rest.length);
		while (length--)
			scale *= 10;
	}
	rest = text_trim(rest);
	if (rest.length) {
		while (units->name && !text_is_alike(rest, units->name))
			units++;
		if (!units->name)
			return -1;
		worth = (uint64_t)units->worth;
	}
	if (part * worth % scale || whole > (uint64_t)max / worth)
		return -1;
	whole = whole * worth + part * worth / scale;
	if (whole > (uint64_t)max)
		return -1;
	*value = (int64_t)whole;
	return 0;
}

int
unit_size(struct coven_slice text, int64_t *bytes)
{
	return read_units(text, sizes, 1, UNIT_SIZE_MAX, bytes);
}

int
unit_time(struct coven_slice text, int64_t *ms)
{
	return read_units(text, times, 1000, UNIT_TIME_MAX, ms);
}

static const char *
print_units(int64_t value, const struct unit *units, char room[UNIT_TEXT])
{
	while (units->name && (!value || value % units->worth))
		units++;
	if (units->name)
		snprintf(room, UNIT_TEXT, "%" PRId64 "%s", value / units->worth,
			 units->name);
	else
		snprintf(room, UNIT_TEXT, "%" PRId64, value);
	return room;
}

const char *
unit_print_size(int64_t bytes, char room[UNIT_TEXT])
{
	return print_units(bytes, sizes, room);
}

const char *
unit_print_time(int64_t ms, char room[UNIT_TEXT])
{
	return print_units(ms, times, room);
}

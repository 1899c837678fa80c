/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Single values: what a file says, or the default, put into the field of a struct. */
#include "base/address.h"
#include "base/arena.h"
#include "base/text.h"
#include "host/hint.h"
#include "host/option_inside.h"
#include "host/unit.h"

#include <assert.h>
#include <inttypes.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

struct type {
	const char *name, *expected;
	int field_size;
};

static const struct type types[] = {
	[COVEN_BOOL] = {"bool", "true or false", sizeof(bool)},
	[COVEN_INT] = {"number", "a whole number", sizeof(int64_t)},
	[COVEN_SIZE] = {"size", "a size such as 4096 or \"64k\"", sizeof(int64_t)},
	[COVEN_TIME] = {"time", "a duration such as 30, \"1.5s\" or \"5m\"",
			sizeof(int64_t)},
	[COVEN_STRING] = {"text", "a text in quotes", sizeof(struct coven_slice)},
	[COVEN_ENUM] = {"choice", "one of the choices, in quotes", sizeof(int64_t)},
	[COVEN_ADDRESS] = {"address",
			   "an address such as \"192.0.2.1\" or \"[2001:db8::1]:5060\"",
			   sizeof(struct coven_address)},
	[COVEN_SECRET] = {"secret", "a text in quotes", sizeof(struct coven_slice)},
	[COVEN_LIST] = {"list", "a list of texts such as ( \"a\", \"b\" )",
			sizeof(struct coven_rows)},
	[COVEN_TABLE] = {"table", "a list of groups such as ( { ... }, { ... } )",
			 sizeof(struct coven_rows)},
	[COVEN_GROUP] = {"group", "a group { ... }", 0},
};

int
option_field_size(uint32_t type)
{
	return type < COVEN_BOOL || type > COVEN_GROUP ? -1 : types[type].field_size;
}

const char *
option_type_name(uint32_t type)
{
	return types[type].name;
}

const char *
option_expected(uint32_t type)
{
	return types[type].expected;
}

bool
option_within(const struct coven_option *row, int64_t number)
{
	return (!row->min && !row->max) || (number >= row->min && number <= row->max);
}

void
option_print_number(const struct coven_option *row, int64_t number, char room[UNIT_TEXT])
{
	if (row->type == COVEN_TIME)
		unit_print_time(number, room);
	else if (row->type == COVEN_SIZE)
		unit_print_size(number, room);
	else
		snprintf(room, UNIT_TEXT, "%" PRId64, number);
}

/* An interface may be named: "fe80::1%eth0". */
static int
read_address(struct coven_slice text, struct coven_address *a)
{
	size_t percent = text_find(text, '%'), end = percent + 1;
	char name[IF_NAMESIZE] = "", room[ADDRESS_TEXT + 16];
	struct coven_slice s = text;

	while (end < text.length && text.at[end] != ']')
		end++;
	if (percent < text.length && end - percent <= sizeof name) {
		unsigned index;

		memcpy(name, text.at + percent + 1, end - percent - 1);
		index = if_nametoindex(name);
		s.length = (size_t)snprintf(room, sizeof room, "%.*s%%%u%.*s",
					    (int)percent, text.at, index,
					    (int)(text.length - end), text.at + end);
		s.at = room;
		if (!index || s.length >= sizeof room)
			s = text;
	}
	return address_parse(s, a) == 0 || address_parse_port(s, a) == 0 ? 0 : -1;
}

static int
choice(const struct coven_option *row, struct coven_slice text, int64_t *index)
{
	for (*index = 0; row->choices[*index]; ++*index)
		if (text_is(text, row->choices[*index]))
			return 0;
	return -1;
}

int
option_default(struct arena *memory, const struct coven_option *row, void *field)
{
	struct coven_slice text = text_of(row->value);
	uint64_t number;
	bool minus;

	switch ((enum coven_type)row->type) {
	case COVEN_BOOL:
		*(bool *)field = text_is(text, "true");
		return text_is(text, "true") || text_is(text, "false") ? 0 : -1;
	case COVEN_INT:
		minus = text.length && *text.at == '-';
		if (text_number(text_cut(text, minus, text.length), INT64_MAX, &number))
			return -1;
		*(int64_t *)field = minus ? -(int64_t)number : (int64_t)number;
		return 0;
	case COVEN_SIZE:
		return unit_size(text, field);
	case COVEN_TIME:
		return unit_time(text, field);
	case COVEN_STRING:
	case COVEN_SECRET:
		*(struct coven_slice *)field = arena_dup(memory, text);
		return ((struct coven_slice *)field)->at ? 0 : -1;
	case COVEN_ENUM:
		return choice(row, text, field);
	case COVEN_ADDRESS:
		return text.length ? read_address(text, field) : 0;
	case COVEN_LIST:
	case COVEN_TABLE:
	case COVEN_GROUP:
		break;
	}
	return -1;
}

__attribute__((format(printf, 4, 5))) static int
refuse(struct complaints *list, const struct conf_node *n, const struct coven_option *row,
       const char *fmt, ...)
{
	char text[400];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	complain(list, conf_file(n), conf_line(n), "%s", text);
	return -1;
}

static int
wrong_type(struct complaints *list, const struct conf_node *n,
	   const struct coven_option *row)
{
	return refuse(list, n, row, "wrong value \"%s\": must be %s", row->name,
		      types[row->type].expected);
}

static int
out_of_range(struct complaints *list, const struct conf_node *n,
	     const struct coven_option *row, int64_t number)
{
	char is[UNIT_TEXT], low[UNIT_TEXT], high[UNIT_TEXT];

	option_print_number(row, number, is);
	option_print_number(row, row->min, low);
	option_print_number(row, row->max, high);
	return refuse(list, n, row, "out of range \"%s\": %s is not from %s to %s",
		      row->name, is, low, high);
}

/* Seconds with decimals, in whole milliseconds. */
static int
float_time(double seconds, int64_t *ms)
{
	double exact = seconds * 1e3, whole = (double)(int64_t)(exact + 0.5);

	if (!(seconds >= 0 && exact <= (double)UNIT_TIME_MAX) || exact - whole > 1e-6 ||
	    whole - exact > 1e-6)
		return -1;
	*ms = (int64_t)whole;
	return 0;
}

static int
read_number(const struct coven_option *row, const struct conf_node *n, int64_t *number)
{
	enum conf_kind kind = conf_kind(n);

	if (kind == CONF_INT) {
		*number = conf_int(n);
		if (row->type == COVEN_INT)
			return 0;
		if (row->type == COVEN_SIZE)
			return *number < 0 || *number > UNIT_SIZE_MAX ? -1 : 0;
		if (*number < 0 || *number > UNIT_TIME_MAX / 1000)
			return -1;
		*number *= 1000;
		return 0;
	}
	if (row->type == COVEN_TIME && kind == CONF_FLOAT)
		return float_time(conf_float(n), number);
	if (kind != CONF_STRING || row->type == COVEN_INT)
		return -1;
	return row->type == COVEN_TIME ? unit_time(conf_text(n), number)
				       : unit_size(conf_text(n), number);
}

static int
value_number(const struct coven_option *row, const struct conf_node *n, int64_t *field,
	     struct complaints *list)
{
	int64_t number;

	if (read_number(row, n, &number))
		return wrong_type(list, n, row);
	if (!option_within(row, number))
		return out_of_range(list, n, row, number);
	*field = number;
	return 0;
}

static int
value_text(struct option_set *set, const struct coven_option *row,
	   const struct conf_node *n, struct coven_slice *field, struct complaints *list)
{
	struct option_secret *secret;
	struct coven_slice copy;

	if (conf_kind(n) != CONF_STRING)
		return wrong_type(list, n, row);
	if (!option_within(row, (int64_t)conf_text(n).length))
		return refuse(list, n, row,
			      "wrong length \"%s\": must have %" PRId64 " to %" PRId64
			      " letters",
			      row->name, row->min, row->max);
	copy = arena_dup(set->memory, conf_text(n));
	if (!copy.at)
		return refuse(list, n, row, "no memory");
	*field = copy;
	if (row->type != COVEN_SECRET || !copy.length)
		return 0;
	secret = arena_alloc(set->memory, sizeof *secret);
	if (!secret)
		return refuse(list, n, row, "no memory");
	*secret = (struct option_secret){set->secrets, copy};
	set->secrets = secret;
	return 0;
}

static int
value_choice(const struct coven_option *row, const struct conf_node *n, int64_t *field,
	     struct complaints *list)
{
	char room[256], hint_room[HINT_TEXT];
	struct text_builder b;
	struct hint hint;
	int64_t index;

	if (conf_kind(n) == CONF_STRING && choice(row, conf_text(n), &index) == 0) {
		*field = index;
		return 0;
	}
	hint_begin(&hint, conf_kind(n) == CONF_STRING ? conf_text(n).at : "");
	text_begin(&b, room, sizeof room);
	for (const char *const *c = row->choices; *c; c++) {
		text_print(&b, "%s\"%s\"", c == row->choices ? "" : ", ", *c);
		hint_try(&hint, *c);
	}
	return refuse(list, n, row, "wrong value \"%s\": must be one of %s%s", row->name,
		      room, hint_text(&hint, hint_room));
}

int
option_value(struct option_set *set, const struct coven_option *row,
	     const struct conf_node *n, void *field, struct complaints *list)
{
	struct coven_address address;

	switch ((enum coven_type)row->type) {
	case COVEN_BOOL:
		if (conf_kind(n) != CONF_BOOL)
			return wrong_type(list, n, row);
		*(bool *)field = conf_bool(n);
		return 0;
	case COVEN_INT:
	case COVEN_SIZE:
	case COVEN_TIME:
		return value_number(row, n, field, list);
	case COVEN_STRING:
	case COVEN_SECRET:
		return value_text(set, row, n, field, list);
	case COVEN_ENUM:
		return value_choice(row, n, field, list);
	case COVEN_ADDRESS:
		if (conf_kind(n) != CONF_STRING || read_address(conf_text(n), &address))
			return wrong_type(list, n, row);
		*(struct coven_address *)field = address;
		return 0;
	case COVEN_LIST:
	case COVEN_TABLE:
	case COVEN_GROUP:
		break;
	}
	assert(!"a single value");
	return -1;
}

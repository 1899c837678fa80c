/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records as they stand in the file. */
#include "note.h"
#include "crc.h"

#include <stdlib.h>
#include <string.h>

#define ABOUT_MAGIC UINT64_C(0x7473206e65766f43) /* "Coven st": whose file it is */
#define BINDING_FIXED (2 * 8 + 3 * 4 + 5 * 8 + 6 * 2)
#define TEXTS 6

/* -- numbers */

static char *
put(char *to, uint64_t value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		to[i] = (char)(value >> 8 * i);
	return to + bytes;
}

static uint64_t
get(const char *at, size_t bytes)
{
	uint64_t value = 0;

	for (size_t i = bytes; i-- > 0;)
		value = value << 8 | (unsigned char)at[i];
	return value;
}

/* -- keys */

static char *
put_text(char *to, struct coven_slice text)
{
	if (text.length)
		memcpy(to, text.at, text.length);
	return to + text.length;
}

size_t
note_key_aor(char *room, struct coven_slice aor)
{
	if (aor.length == 0 || aor.length > NOTE_AOR_MAX)
		return 0;
	room[0] = NOTE_BINDINGS;
	put_text(room + 1, aor);
	return 1 + aor.length;
}

size_t
note_key_record(char *room, struct coven_slice table, struct coven_slice key)
{
	size_t length = 1 + table.length + 1 + key.length;
	char *to = room;

	if (length > NOTE_KEY_MAX || table.length > COVEN_TABLE_NAME_MAX)
		return 0;
	*to++ = NOTE_RECORD;
	to = put_text(to, table);
	*to++ = '\0';
	put_text(to, key);
	return length;
}

/* -- writing */

static char *
put_head(char *to, enum note_kind kind)
{
	to[0] = NOTE_FORMAT;
	to[1] = (char)kind;
	return put(to + 2, 0, NOTE_HEAD - 2);
}

static uint32_t
sum(struct coven_slice key, const char *value, size_t length)
{
	uint32_t crc = crc_add(0, key.at, key.length);

	crc = crc_add(crc, value, 4);
	return crc_add(crc, value + NOTE_HEAD, length - NOTE_HEAD);
}

void
note_seal(struct coven_slice key, char *value, size_t length)
{
	put(value + 4, sum(key, value, length), 4);
}

size_t
note_record_size(const struct coven_record *record)
{
	return NOTE_HEAD + 16 + record->value.length;
}

void
note_record_put(char *to, const struct coven_record *record)
{
	to = put_head(to, NOTE_RECORD);
	to = put(to, record->version, 8);
	to = put(to, (uint64_t)record->expires_ms, 8);
	put_text(to, record->value);
}

static void
gather(const struct coven_binding *b, struct coven_slice texts[TEXTS])
{
	texts[0] = b->contact;
	texts[1] = b->path;
	texts[2] = b->instance;
	texts[3] = b->call_id;
	texts[4] = b->user_agent;
	texts[5] = b->words;
}

size_t
note_binding_size(const struct coven_binding *b)
{
	struct coven_slice texts[TEXTS];
	size_t size = BINDING_FIXED;

	gather(b, texts);
	for (size_t i = 0; i < TEXTS; i++)
		size += texts[i].length;
	return size;
}

char *
note_bindings_begin(char *to, uint64_t version, size_t count)
{
	to = put_head(to, NOTE_BINDINGS);
	to = put(to, version, 8);
	return put(to, count, 4);
}

char *
note_binding_put(char *to, const struct coven_binding *b)
{
	struct coven_slice texts[TEXTS];

	to = put(to, (uint64_t)b->expires_ms, 8);
	to = put(to, (uint64_t)b->updated_ms, 8);
	to = put(to, b->cseq, 4);
	to = put(to, b->q, 4);
	to = put(to, b->reg_id, 4);
	for (size_t i = 0; i < 5; i++)
		to = put(to, b->flow.word[i], 8);
	gather(b, texts);
	for (size_t i = 0; i < TEXTS; i++)
		to = put(to, texts[i].length, 2);
	for (size_t i = 0; i < TEXTS; i++)
		to = put_text(to, texts[i]);
	return to;
}

void
note_about_put(char to[NOTE_ABOUT_SIZE], uint64_t versions)
{
	to = put_head(to, NOTE_ABOUT);
	to = put(to, ABOUT_MAGIC, 8);
	put(to, versions, 8);
}

/* -- reading */

struct reader {
	const char *at;
	size_t left;
	bool short_of;
};

static const char *
take(struct reader *r, size_t bytes)
{
	const char *at = r->at;

	if (r->left < bytes) {
		r->short_of = true;
		r->left = 0;
		return NULL;
	}
	r->at += bytes;
	r->left -= bytes;
	return at;
}

static uint64_t
take_number(struct reader *r, size_t bytes)
{
	const char *at = take(r, bytes);

	return at ? get(at, bytes) : 0;
}

static struct coven_slice
take_text(struct reader *r, size_t length)
{
	const char *at = length ? take(r, length) : NULL;

	return (struct coven_slice){ at, at ? length : 0 };
}

static void
read_binding(struct reader *r, struct coven_binding *b)
{
	struct coven_slice *texts[TEXTS] = { &b->contact, &b->path,	  &b->instance,
					     &b->call_id, &b->user_agent, &b->words };
	size_t lengths[TEXTS];

	*b = (struct coven_binding){ .size = sizeof *b };
	b->expires_ms = (int64_t)take_number(r, 8);
	b->updated_ms = (int64_t)take_number(r, 8);
	b->cseq = (uint32_t)take_number(r, 4);
	b->q = (uint32_t)take_number(r, 4);
	b->reg_id = (uint32_t)take_number(r, 4);
	for (size_t i = 0; i < 5; i++)
		b->flow.word[i] = take_number(r, 8);
	for (size_t i = 0; i < TEXTS; i++)
		lengths[i] = (size_t)take_number(r, 2);
	for (size_t i = 0; i < TEXTS; i++)
		*texts[i] = take_text(r, lengths[i]);
}

static enum note_state
read_bindings(struct note *n, struct coven_slice key, struct reader *r)
{
	uint64_t version = take_number(r, 8);
	size_t count = (size_t)take_number(r, 4);

	if (r->short_of || key.length < 2 || count > r->left / BINDING_FIXED)
		return NOTE_DAMAGED;
	n->list = calloc(count + 1, sizeof n->list[0]);
	if (!n->list)
		return NOTE_DAMAGED;
	for (size_t i = 0; i < count; i++)
		read_binding(r, &n->list[i]);
	n->bindings = (struct coven_bindings){ .size = sizeof n->bindings,
					       .stride = sizeof n->list[0],
					       .version = version,
					       .aor = { key.at + 1, key.length - 1 },
					       .first = n->list,
					       .count = count };
	if (!r->short_of && r->left == 0)
		return NOTE_GOOD;
	note_free(n);
	return NOTE_DAMAGED;
}

static enum note_state
read_record(struct note *n, struct coven_slice key, struct reader *r)
{
	const char *name = key.at + 1;
	const char *end = memchr(name, '\0', key.length - 1);
	const char *last = key.at + key.length;

	if (!end || end == name || end - name > COVEN_TABLE_NAME_MAX ||
	    end + 1 == last || last - (end + 1) > COVEN_TABLE_KEY_MAX)
		return NOTE_DAMAGED;
	n->table = (struct coven_slice){ name, (size_t)(end - name) };
	n->record = (struct coven_record){ .size = sizeof n->record,
					   .key = { end + 1, (size_t)(last - (end + 1)) } };
	n->record.version = take_number(r, 8);
	n->record.expires_ms = (int64_t)take_number(r, 8);
	if (r->short_of || r->left > COVEN_TABLE_VALUE_MAX)
		return NOTE_DAMAGED;
	n->record.value = (struct coven_slice){ r->at, r->left };
	return NOTE_GOOD;
}

static enum note_state
read_about(struct note *n, struct coven_slice key, struct reader *r)
{
	uint64_t magic = take_number(r, 8);

	n->versions = take_number(r, 8);
	return r->short_of || r->left || magic != ABOUT_MAGIC || key.length != 1
		       ? NOTE_DAMAGED
		       : NOTE_GOOD;
}

enum note_state
note_read(struct note *n, struct coven_slice key, struct coven_slice value)
{
	struct reader r;

	*n = (struct note){ .list = NULL };
	if (key.length == 0 || key.length > NOTE_KEY_MAX || value.length < NOTE_HEAD ||
	    value.length > NOTE_VALUE_MAX)
		return NOTE_DAMAGED;
	r = (struct reader){ value.at + NOTE_HEAD, value.length - NOTE_HEAD, false };
	if (sum(key, value.at, value.length) != get(value.at + 4, 4))
		return NOTE_DAMAGED;
	if ((unsigned char)value.at[0] > NOTE_FORMAT)
		return NOTE_NEWER;
	if (value.at[0] != NOTE_FORMAT || value.at[1] != key.at[0])
		return NOTE_DAMAGED;
	switch (key.at[0]) {
	case NOTE_BINDINGS:
		n->kind = NOTE_BINDINGS;
		return read_bindings(n, key, &r);
	case NOTE_RECORD:
		n->kind = NOTE_RECORD;
		return read_record(n, key, &r);
	case NOTE_ABOUT:
		n->kind = NOTE_ABOUT;
		return read_about(n, key, &r);
	default:
		return NOTE_DAMAGED;
	}
}

void
note_free(struct note *n)
{
	free(n->list);
	n->list = NULL;
}

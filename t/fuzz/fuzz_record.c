/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records of a store's file: whatever the bytes, they are read within bounds; what is read
 * can be written again and is the same. Two bytes: the length of the key and whether the
 * sum is made right first; then the key; then the value. */
#include "../../plugins/store-lmdb/note.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool right)
{
	if (!right)
		abort();
}

static size_t sum_of_all; /* so that every byte that a slice shows is read */

static void
touch(struct coven_slice s)
{
	for (size_t i = 0; i < s.length; i++)
		sum_of_all += (unsigned char)s.at[i];
}

static size_t
write_bindings(const struct note *n, char *room, size_t most)
{
	size_t size = NOTE_BINDINGS_FIXED;
	char *to;

	for (size_t i = 0; i < n->bindings.count; i++)
		size += note_binding_size(coven_binding_at(&n->bindings, i));
	check(size <= most);
	to = note_bindings_begin(room, n->bindings.version, n->bindings.count);
	for (size_t i = 0; i < n->bindings.count; i++) {
		const struct coven_binding *b = coven_binding_at(&n->bindings, i);

		touch(b->contact);
		touch(b->words);
		to = note_binding_put(to, b);
	}
	check((size_t)(to - room) == size);
	return size;
}

/* What was understood, written anew; value.length bytes are enough, for nothing is left
 * over when a record is read. */
static void
again(const struct note *n, struct coven_slice key, struct coven_slice value)
{
	char *room = malloc(value.length + 1), name[NOTE_KEY_ROOM];
	size_t length = 0;

	check(room != NULL);
	switch (n->kind) {
	case NOTE_BINDINGS:
		touch(n->bindings.aor);
		check(note_key_aor(name, n->bindings.aor) == key.length);
		length = write_bindings(n, room, value.length);
		break;
	case NOTE_RECORD:
		touch(n->record.value);
		check(note_key_record(name, n->table, n->record.key) == key.length);
		length = note_record_size(&n->record);
		check(length <= value.length);
		note_record_put(room, &n->record);
		break;
	case NOTE_ABOUT:
		name[0] = 'm';
		length = NOTE_ABOUT_SIZE;
		check(length <= value.length);
		note_about_put(room, n->versions);
		break;
	}
	check(memcmp(name, key.at, key.length) == 0);
	check(length == value.length);
	check(memcmp(room + NOTE_HEAD, value.at + NOTE_HEAD, length - NOTE_HEAD) == 0);
	free(room);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct coven_slice key, value;
	struct note note;
	char *copy;

	if (size < 2)
		return 0;
	copy = malloc(size);
	check(copy != NULL);
	memcpy(copy, data, size);
	key = (struct coven_slice){ copy + 2, data[0] < size - 2 ? data[0] : size - 2 };
	value = (struct coven_slice){ key.at + key.length, size - 2 - key.length };
	if (data[1] & 1 && value.length >= NOTE_HEAD)
		note_seal(key, copy + 2 + key.length, value.length);
	if (note_read(&note, key, value) == NOTE_GOOD) {
		again(&note, key, value);
		note_free(&note);
	} else {
		check(note.list == NULL);
	}
	free(copy);
	return 0;
}

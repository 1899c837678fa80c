/* SPDX-License-Identifier: GPL-3.0-or-later */
/* note: a record as it stands in the file.  Three kinds, told apart by the first byte of the
 * key: "b" and an AoR: all its bindings; "t", a table's name, NUL, and a key: a record of
 * it; "m": what is to be known of the file itself.  A value is a head of 8 bytes and what
 * the kind says, all numbers little endian; the head is
 *
 *	0  format, NOTE_FORMAT    1  the first byte of the key    2  0, 0
 *	4  CRC-32C of the key, the first four bytes of the head, and all behind the head
 *
 * Reading is bounded and trusts nothing. */
#ifndef STORE_LMDB_NOTE_H
#define STORE_LMDB_NOTE_H

#include <coven/store.h>

#define NOTE_FORMAT 1
#define NOTE_HEAD 8
#define NOTE_KEY_MAX 511 /* LMDB's own limit */
#define NOTE_AOR_MAX (NOTE_KEY_MAX - 1)
#define NOTE_KEY_ROOM 512
#define NOTE_VALUE_MAX (64 << 20)

enum note_kind { NOTE_BINDINGS = 'b', NOTE_RECORD = 't', NOTE_ABOUT = 'm' };
enum note_state {
	NOTE_GOOD,
	NOTE_NEWER,  /* of a format that is to come */
	NOTE_DAMAGED /* the sum is wrong, or what it says makes no sense */
};

/* What is read; all slices point into key and value.  Of bindings `list` has been
 * allocated and `bindings.first` is it: note_free(). */
struct note {
	enum note_kind kind;
	struct coven_bindings bindings;
	struct coven_slice table;
	struct coven_record record;
	uint64_t versions; /* NOTE_ABOUT: none higher than this has been given */
	struct coven_binding *list;
};

/* How many bytes the key takes; room holds NOTE_KEY_ROOM.  0: too long. */
size_t note_key_aor(char *room, struct coven_slice aor);
size_t note_key_record(char *room, struct coven_slice table, struct coven_slice key);

/* The size of a value, and writing it there.  The sum is note_seal()'s. */
size_t note_record_size(const struct coven_record *record);
void note_record_put(char *to, const struct coven_record *record);
size_t note_binding_size(const struct coven_binding *b);
#define NOTE_BINDINGS_FIXED (NOTE_HEAD + 12) /* and each binding's size */
/* Both give where the next goes. */
char *note_bindings_begin(char *to, uint64_t version, size_t count);
char *note_binding_put(char *to, const struct coven_binding *b);
#define NOTE_ABOUT_SIZE (NOTE_HEAD + 16)
void note_about_put(char to[NOTE_ABOUT_SIZE], uint64_t versions);

void note_seal(struct coven_slice key, char *value, size_t length);
/* Fills `n`, which is to be freed if it was good. */
enum note_state note_read(struct note *n, struct coven_slice key,
			  struct coven_slice value);
void note_free(struct note *n);

#endif

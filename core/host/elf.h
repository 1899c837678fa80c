/* SPDX-License-Identifier: GPL-3.0-or-later */
/* elf: what a shared object says of itself, read from its bytes before the dynamic loader maps it.  The bytes may be
 * anybody's: every number in them is checked against the end of the file. */
#ifndef HOST_ELF_H
#define HOST_ELF_H

#include <coven/types.h>

#define ELF_SEGMENTS_MAX 256
#define ELF_SECTIONS_MAX 65535
#define ELF_NOTES_MAX 64      /* in all PT_NOTE segments together */
#define ELF_SYMBOLS_MAX 65536 /* dynamic ones that are looked at */
#define ELF_NAME_MAX 128      /* a longer symbol is none of ours */

struct elf {
	const char *bytes;
	size_t length;
	const char *wrong; /* what is wrong with it, as "is not a shared object" */
	bool noted;        /* the note is there */
	uint32_t major, minor;
	size_t symbols, symbol_count; /* the dynamic symbols: where they begin; none: 0 */
	size_t names, names_length;
};

/* Looks at the headers, the note and where the symbols are.  -1: not an object that this program could load, and
 * e->wrong says why.  The bytes must outlive e. */
int elf_read(struct elf *e, struct coven_slice file);

/* The names that the object wants from outside and that begin with `begin`, one by one; cursor starts with 0.  Weak
 * ones are left out: it can do without.  The name ends by a NUL.  NULL: no more. */
const char *elf_wanted(const struct elf *e, const char *begin, size_t *cursor);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reader of shared objects: an object made by hand, whole, changed and cut off at every byte. */
#include "host/elf.h"
#include "../tap.h"

#include <link.h>
#include <stdlib.h>

#define NAMES "\0coven_log\0malloc\0coven_maybe\0coven_reply\0coven_plugin"

struct object {
	ElfW(Ehdr) head;
	ElfW(Phdr) segments[3];
	struct {
		uint32_t name_size, size, type;
		char name[8];
		uint32_t number[2];
	} notes[2];
	ElfW(Sym) symbols[6];
	char names[sizeof NAMES];
	ElfW(Shdr) sections[3];
};

static ElfW(Sym)
symbol(uint32_t name, unsigned bind, uint16_t section)
{
	return (ElfW(Sym)){ .st_name = name, .st_info = (unsigned char)(bind << 4 | STT_FUNC), .st_shndx = section };
}

static void
make(struct object *o)
{
	memset(o, 0, sizeof *o);
	memcpy(o->head.e_ident, ELFMAG, SELFMAG);
	o->head.e_ident[EI_CLASS] = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;
	o->head.e_ident[EI_DATA] = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;
	o->head.e_type = ET_DYN;
	o->head.e_phoff = offsetof(struct object, segments);
	o->head.e_phentsize = sizeof o->segments[0];
	o->head.e_phnum = 3;
	o->head.e_shoff = offsetof(struct object, sections);
	o->head.e_shentsize = sizeof o->sections[0];
	o->head.e_shnum = 3;
	o->segments[0] = (ElfW(Phdr)){ .p_type = PT_LOAD, .p_filesz = sizeof *o };
	o->segments[1] = (ElfW(Phdr)){ .p_type = PT_DYNAMIC };
	o->segments[2] = (ElfW(Phdr)){ .p_type = PT_NOTE, .p_offset = offsetof(struct object, notes),
		.p_filesz = sizeof o->notes, .p_align = 4 };
	o->notes[0].name_size = 4;
	o->notes[0].size = 12; /* 4 bytes of it stand where our names are padded */
	o->notes[0].type = 1;
	memcpy(o->notes[0].name, "GNU", 4);
	o->notes[1].name_size = 6;
	o->notes[1].size = 8;
	o->notes[1].type = 0x100;
	memcpy(o->notes[1].name, "Coven", 6);
	o->notes[1].number[0] = 3;
	o->notes[1].number[1] = 7;
	o->symbols[1] = symbol(1, STB_GLOBAL, SHN_UNDEF);
	o->symbols[2] = symbol(11, STB_GLOBAL, SHN_UNDEF);
	o->symbols[3] = symbol(18, STB_WEAK, SHN_UNDEF);
	o->symbols[4] = symbol(30, STB_GLOBAL, SHN_UNDEF);
	o->symbols[5] = symbol(42, STB_GLOBAL, 1);
	memcpy(o->names, NAMES, sizeof NAMES);
	o->sections[1] = (ElfW(Shdr)){ .sh_type = SHT_DYNSYM, .sh_link = 2,
		.sh_offset = offsetof(struct object, symbols), .sh_size = sizeof o->symbols };
	o->sections[2] = (ElfW(Shdr)){ .sh_type = SHT_STRTAB,
		.sh_offset = offsetof(struct object, names), .sh_size = sizeof o->names };
}

static int
look(struct elf *e, const struct object *o)
{
	return elf_read(e, (struct coven_slice){ (const char *)o, sizeof *o });
}

static void
test_whole(void)
{
	struct object o;
	struct elf e;
	size_t cursor = 0;

	make(&o);
	is_int(look(&e, &o), 0, "an object made by hand is read");
	ok(e.noted && e.major == 3 && e.minor == 7, "the note behind another one is found");
	is_text(elf_wanted(&e, "coven_", &cursor), "coven_log", "the first name");
	is_text(elf_wanted(&e, "coven_", &cursor), "coven_reply", "not malloc, and not the weak one");
	is_text(elf_wanted(&e, "coven_", &cursor), NULL, "not what it defines itself");
	cursor = 0;
	elf_wanted(&e, "", &cursor);
	is_text(elf_wanted(&e, "", &cursor), "malloc", "every name that begins with nothing");
}

/* Notes of 8 bytes alignment: the parts are padded as seen from the note's own beginning. */
static void
test_aligned_8(void)
{
	struct object o;
	struct elf e;

	make(&o);
	o.segments[2].p_align = 8;
	is_int(o.segments[2].p_filesz, 56, "two notes");
	o.notes[0].size = 4; /* 12 + 4 bytes of head and name, then 4 of 8: our note would begin at 24 */
	memmove((char *)o.notes + 24, (char *)&o.notes[1], sizeof o.notes[1]);
	memmove((char *)o.notes + 24 + 24, (char *)o.notes + 24 + 20, 8);
	is_int(look(&e, &o), 0, "it is read");
	ok(e.noted && e.major == 3 && e.minor == 7, "the note is found at its place");
}

static void
test_wrong(void)
{
	struct object o;
	struct elf e;

	make(&o);
	o.head.e_type = ET_EXEC;
	ok(look(&e, &o) && !strcmp(e.wrong, "is not a shared object"), "a program");
	make(&o);
	o.head.e_ident[EI_CLASS] ^= ELFCLASS32 ^ ELFCLASS64;
	ok(look(&e, &o) && !strcmp(e.wrong, "is built for another machine"), "another word size");
	make(&o);
	o.segments[0].p_filesz++;
	ok(look(&e, &o) && !strcmp(e.wrong, "is cut off"), "a segment that ends behind the file");
	make(&o);
	o.segments[1].p_type = PT_NULL;
	ok(look(&e, &o) && !strcmp(e.wrong, "is not a shared object"), "nothing for the dynamic loader");
	make(&o);
	o.head.e_phoff = (ElfW(Off))-8;
	ok(look(&e, &o) && !strcmp(e.wrong, "is cut off"), "segments at the end of all numbers");
	ok(elf_read(&e, (struct coven_slice){ "", 0 }) && !strcmp(e.wrong, "is empty"), "an empty file");
	ok(elf_read(&e, (struct coven_slice){ "#!/bin/sh\n", 10 }) && !strcmp(e.wrong, "is not a shared object"),
	   "a script");
}

static void
test_no_note(void)
{
	struct object o;
	struct elf e;
	size_t cursor = 0;

	make(&o);
	o.notes[1].type = 0x101;
	ok(look(&e, &o) == 0 && !e.noted, "another type of note");
	make(&o);
	memcpy(o.notes[1].name, "Raven", 6);
	ok(look(&e, &o) == 0 && !e.noted, "somebody else's");
	make(&o);
	o.notes[0].size = 0xfffffff0;
	ok(look(&e, &o) == 0 && !e.noted, "behind one without an end");
	make(&o);
	o.sections[1].sh_size = (ElfW(Off))-1;
	ok(look(&e, &o) == 0 && e.noted && !elf_wanted(&e, "", &cursor), "symbols that end behind the file");
	make(&o);
	o.symbols[1].st_name = 0xffffffff;
	ok(look(&e, &o) == 0, "a name behind the file");
	is_text(elf_wanted(&e, "coven_", &cursor), "coven_reply", "is left out");
}

/* In a block of exactly its size, so that a sanitizer sees one byte too many. */
static void
test_cut(void)
{
	struct object o;
	size_t good = 0;

	make(&o);
	o.segments[0].p_filesz = 0;
	for (size_t length = 0; length <= sizeof o; length++) {
		char *bytes = malloc(length ? length : 1);
		struct elf e;
		size_t cursor = 0;

		memcpy(bytes, &o, length);
		if (elf_read(&e, (struct coven_slice){ bytes, length }) == 0)
			while (elf_wanted(&e, "coven_", &cursor))
				good++;
		free(bytes);
	}
	is_int(good, 2, "cut off at each byte; only the whole one has its symbols");
}

int
main(void)
{
	test_whole();
	test_aligned_8();
	test_wrong();
	test_no_note();
	test_cut();
	return done();
}

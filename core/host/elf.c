/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A small reader of ELF files, in this machine's own form, that believes nothing it has not checked. */
#include "host/elf.h"

#include <link.h>
#include <string.h>

#define NOTE_NAME "Coven"
#define NOTE_TYPE 0x100

/* Copies, since nothing in the file need be aligned.  false: it would reach past the end. */
static bool
take(const struct elf *e, size_t at, void *room, size_t size)
{
	if (at > e->length || size > e->length - at)
		return false;
	memcpy(room, e->bytes + at, size);
	return true;
}

static int
refuse(struct elf *e, const char *wrong)
{
	e->wrong = wrong;
	return -1;
}

static int
read_head(struct elf *e, ElfW(Ehdr) *head)
{
	bool little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;

	if (e->length == 0)
		return refuse(e, "is empty");
	if (e->length < SELFMAG || memcmp(e->bytes, ELFMAG, SELFMAG))
		return refuse(e, "is not a shared object");
	if (!take(e, 0, head, sizeof *head))
		return refuse(e, "is cut off");
	if (head->e_ident[EI_CLASS] != (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32) ||
	    head->e_ident[EI_DATA] != (little ? ELFDATA2LSB : ELFDATA2MSB))
		return refuse(e, "is built for another machine");
	if (head->e_type != ET_DYN)
		return refuse(e, "is not a shared object");
	if (head->e_phentsize != sizeof(ElfW(Phdr)) || !head->e_phnum || head->e_phnum > ELF_SEGMENTS_MAX)
		return refuse(e, "has a damaged ELF header");
	return 0;
}

static size_t
padded(size_t size, size_t align)
{
	return (size + align - 1) & ~(align - 1);
}

static bool
is_ours(const struct elf *e, const ElfW(Nhdr) *note, size_t name)
{
	return note->n_type == NOTE_TYPE && note->n_namesz == sizeof NOTE_NAME &&
	       note->n_descsz == 2 * sizeof(uint32_t) && sizeof NOTE_NAME <= e->length - name &&
	       !memcmp(e->bytes + name, NOTE_NAME, sizeof NOTE_NAME);
}

/* The notes of one segment.  One that does not fit ends the walk: it is not for us to judge foreign ones. */
static void
read_notes(struct elf *e, const ElfW(Phdr) *segment, unsigned *left)
{
	size_t align = segment->p_align == 8 ? 8 : 4, at = segment->p_offset, end;

	if (at > e->length || segment->p_filesz > e->length - at)
		return;
	end = at + segment->p_filesz;
	for (; !e->noted && *left && end - at >= sizeof(ElfW(Nhdr)); --*left) {
		ElfW(Nhdr) note;
		size_t text, next;

		/* both parts end at a multiple of align, counted from where the note begins */
		memcpy(&note, e->bytes + at, sizeof note);
		if (note.n_namesz > end - at || note.n_descsz > end - at)
			return;
		text = at + padded(sizeof note + note.n_namesz, align);
		next = text + padded(note.n_descsz, align);
		if (text > end || note.n_descsz > end - text)
			return;
		if (is_ours(e, &note, at + sizeof note)) {
			memcpy(&e->major, e->bytes + text, sizeof e->major);
			memcpy(&e->minor, e->bytes + text + sizeof e->major, sizeof e->minor);
			e->noted = true;
		}
		if (next > end)
			return;
		at = next;
	}
}

/* What the dynamic loader will map must be in the file: a cut-off one would end the process by SIGBUS. */
static int
read_segments(struct elf *e, const ElfW(Ehdr) *head)
{
	unsigned left = ELF_NOTES_MAX;
	bool loads = false, dynamic = false;

	for (size_t i = 0; i < head->e_phnum; i++) {
		ElfW(Phdr) segment;

		if (head->e_phoff > e->length ||
		    !take(e, head->e_phoff + i * sizeof segment, &segment, sizeof segment))
			return refuse(e, "is cut off");
		if ((segment.p_type == PT_LOAD || segment.p_type == PT_DYNAMIC) &&
		    (segment.p_offset > e->length || segment.p_filesz > e->length - segment.p_offset))
			return refuse(e, "is cut off");
		loads |= segment.p_type == PT_LOAD;
		dynamic |= segment.p_type == PT_DYNAMIC;
		if (segment.p_type == PT_NOTE)
			read_notes(e, &segment, &left);
	}
	return loads && dynamic ? 0 : refuse(e, "is not a shared object");
}

static bool
inside(const struct elf *e, const ElfW(Shdr) *section)
{
	return section->sh_offset <= e->length && section->sh_size <= e->length - section->sh_offset;
}

/* Without section headers, or with odd ones, there are no symbols to be seen here; the dynamic loader, which needs
 * no sections, will name the first that is missing. */
static void
find_symbols(struct elf *e, const ElfW(Ehdr) *head)
{
	ElfW(Shdr) section, names;

	if (head->e_shentsize != sizeof section || head->e_shoff > e->length)
		return;
	for (size_t i = 0; i < head->e_shnum && i < ELF_SECTIONS_MAX; i++) {
		if (!take(e, head->e_shoff + i * sizeof section, &section, sizeof section))
			return;
		if (section.sh_type != SHT_DYNSYM || !inside(e, &section) || section.sh_link >= head->e_shnum)
			continue;
		if (!take(e, head->e_shoff + section.sh_link * sizeof names, &names, sizeof names) ||
		    names.sh_type != SHT_STRTAB || !inside(e, &names))
			return;
		e->symbols = section.sh_offset;
		e->symbol_count = section.sh_size / sizeof(ElfW(Sym));
		e->names = names.sh_offset;
		e->names_length = names.sh_size;
		return;
	}
}

int
elf_read(struct elf *e, struct coven_slice file)
{
	ElfW(Ehdr) head;

	*e = (struct elf){ .bytes = file.at, .length = file.length };
	if (read_head(e, &head) || read_segments(e, &head))
		return -1;
	find_symbols(e, &head);
	return 0;
}

static const char *
name_of(const struct elf *e, const ElfW(Sym) *symbol)
{
	const char *name = e->bytes + e->names + symbol->st_name;
	size_t room;

	if (symbol->st_name >= e->names_length)
		return NULL;
	room = e->names_length - symbol->st_name;
	return memchr(name, '\0', room < ELF_NAME_MAX ? room : ELF_NAME_MAX) ? name : NULL;
}

const char *
elf_wanted(const struct elf *e, const char *begin, size_t *cursor)
{
	while (*cursor < e->symbol_count && *cursor < ELF_SYMBOLS_MAX) {
		ElfW(Sym) symbol;
		const char *name;

		memcpy(&symbol, e->bytes + e->symbols + (*cursor)++ * sizeof symbol, sizeof symbol);
		/* the binding is the upper half of st_info, in 32 bits as in 64 */
		if (symbol.st_shndx != SHN_UNDEF || symbol.st_info >> 4 != STB_GLOBAL)
			continue;
		name = name_of(e, &symbol);
		if (name && !strncmp(name, begin, strlen(begin)))
			return name;
	}
	return NULL;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shared objects as the loader looks at them before they are mapped. */
#include "host/elf.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool right)
{
	if (!right)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct coven_slice file = { (const char *)data, size };
	struct elf e;
	const char *name;
	size_t cursor = 0, before = 0;

	if (elf_read(&e, file)) {
		check(e.wrong && *e.wrong);
		return 0;
	}
	check(!e.wrong);
	while ((name = elf_wanted(&e, "", &cursor))) {
		check(cursor > before && cursor <= e.symbol_count);
		check(name >= file.at && name + strlen(name) < file.at + size && strlen(name) < ELF_NAME_MAX);
		before = cursor;
	}
	return 0;
}

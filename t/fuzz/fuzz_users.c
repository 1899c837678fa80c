/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records of accounts: what can be read is written as the same bytes.  Lines of an import:
 * fields lie in their room. */
#include "../../plugins/users/csv.h"
#include "../../plugins/users/record.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool right)
{
	if (!right)
		abort();
}

static void
records(struct coven_slice text)
{
	uint8_t bytes[RECORD_MAX];
	struct record r;

	if (record_read(text, &r) != 0)
		return;
	check(record_write(&r, bytes) == text.length);
	check(memcmp(bytes, text.at, text.length) == 0);
}

static void
lines(struct coven_slice text)
{
	struct csv c;
	size_t sum = 0;

	if (csv_read(&c, text))
		return;
	check(c.count > 0 && c.count <= CSV_FIELDS_MAX);
	for (size_t i = 0; i < c.count; i++) {
		check(c.fields[i].at >= c.room);
		check(c.fields[i].at + c.fields[i].length <= c.room + sizeof c.room);
		sum += c.fields[i].length;
	}
	check(sum + c.count - 1 <= text.length);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct coven_slice text = { (const char *)data, size };

	records(text);
	lines(text);
	return 0;
}

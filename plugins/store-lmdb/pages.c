/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An LMDB file read page by page. */
#include "pages.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE_MIN 512
#define PAGE_MAX 65536
#define HEAD 16 /* of a page: number 8, 2, flags 2, lower 2, upper 2 */
#define NODE 8	/* of a node: low 2, high 2, flags 2, length of the key 2 */
#define META 136 /* what is read of a meta page, with the head */
#define META_MAGIC 0xbeefc0de
#define META_VERSION 1
#define DEPTH_MAX 32
#define KEY_MAX 511
#define VALUE_MAX (64 << 20)

enum { BRANCH = 1, LEAF = 2, OVERFLOW = 4, KINDS = 7 };
enum { NODE_BIG = 1, NODE_FLAGS = 7 };

struct meta {
	uint64_t root, entries, transaction;
	size_t page; /* bytes of one */
	bool good;
};

struct pages {
	int fd;
	size_t page, count; /* bytes of one; how many the file holds */
	struct meta metas[2]; /* the newer first */
	unsigned char *seen; /* a bit a page */
	pages_fn *fn;
	void *arg;
	size_t lost;
};

static uint64_t
number(const unsigned char *at, size_t bytes)
{
	uint64_t value = 0;

	for (size_t i = bytes; i-- > 0;)
		value = value << 8 | at[i];
	return value;
}

static bool
read_at(int fd, void *room, size_t length, uint64_t offset)
{
	return offset < INT64_MAX &&
	       pread(fd, room, length, (off_t)offset) == (ssize_t)length;
}

/* -- meta pages: magic 4, version 4, address 8, map 8, two tables of 48, last page 8,
 *    transaction 8; a table: 4 (the first one's: bytes of a page), flags 2, depth 2, three
 *    counts of 8, entries 8, root 8 */

static struct meta
read_meta(int fd, uint64_t offset)
{
	unsigned char room[META + HEAD];
	const unsigned char *at = room + HEAD, *table = at + 24 + 48;
	struct meta m = { .good = false };

	if (!read_at(fd, room, sizeof room, offset) || number(at, 4) != META_MAGIC ||
	    number(at + 4, 4) != META_VERSION)
		return m;
	m.page = (size_t)number(at + 24, 4);
	m.entries = number(table + 32, 8);
	m.root = number(table + 40, 8);
	m.transaction = number(at + 24 + 96 + 8, 8);
	m.good = m.page >= PAGE_MIN && m.page <= PAGE_MAX && !(m.page & (m.page - 1));
	return m;
}

/* Where the second one stands the first one says; if it cannot, each size is tried. */
static int
read_metas(struct pages *p)
{
	struct meta first = read_meta(p->fd, 0), second = { .good = false };

	for (size_t page = PAGE_MIN; page <= PAGE_MAX && !second.good; page *= 2) {
		second = read_meta(p->fd, page);
		second.good &= second.page == page && (!first.good || first.page == page);
	}
	if (!first.good && !second.good)
		return -1;
	if (!first.good || (second.good && second.transaction > first.transaction)) {
		p->metas[0] = second;
		p->metas[1] = first;
	} else {
		p->metas[0] = first;
		p->metas[1] = second;
	}
	p->page = p->metas[0].page;
	return 0;
}

struct pages *
pages_open(int fd)
{
	struct pages *p = calloc(1, sizeof *p);
	struct stat st;

	if (!p)
		return NULL;
	p->fd = fd;
	if (fstat(fd, &st) == 0 && st.st_size >= 0 && read_metas(p) == 0) {
		p->count = (size_t)st.st_size / p->page;
		p->seen = calloc(p->count / 8 + 1, 1);
	}
	if (p->seen)
		return p;
	free(p);
	return NULL;
}

void
pages_free(struct pages *p)
{
	free(p->seen);
	free(p);
}

uint64_t
pages_expected(const struct pages *p)
{
	return p->metas[0].entries;
}

bool
pages_older(struct pages *p)
{
	if (!p->metas[1].good)
		return false;
	p->metas[0] = p->metas[1];
	p->metas[1].good = false;
	memset(p->seen, 0, p->count / 8 + 1);
	return true;
}

/* -- the tree */

/* NULL: it is not there, has been seen, or is another. */
static unsigned char *
read_page(struct pages *p, uint64_t at)
{
	unsigned char *page;

	if (at >= p->count || p->seen[at / 8] >> at % 8 & 1)
		return NULL;
	p->seen[at / 8] |= (unsigned char)(1 << at % 8);
	page = malloc(p->page);
	if (page && read_at(p->fd, page, p->page, at * p->page) && number(page, 8) == at)
		return page;
	free(page);
	return NULL;
}

/* A value that has pages of its own, one behind the other. */
static void
give_big(struct pages *p, struct coven_slice key, uint64_t at, size_t length)
{
	unsigned char *page = read_page(p, at);
	char *value = NULL;

	if (page && (number(page + 10, 2) & KINDS) == OVERFLOW && length <= VALUE_MAX &&
	    length <= (p->count - at) * p->page - HEAD)
		value = malloc(length + 1);
	if (value && read_at(p->fd, value, length, at * p->page + HEAD))
		p->fn(p->arg, key, (struct coven_slice){ value, length });
	else
		p->lost++;
	free(value);
	free(page);
}

static void
give(struct pages *p, const unsigned char *node, size_t room)
{
	size_t key_length = (size_t)number(node + 6, 2);
	size_t length = (size_t)(number(node, 2) | number(node + 2, 2) << 16);
	unsigned flags = (unsigned)number(node + 4, 2) & NODE_FLAGS;
	struct coven_slice key = { (const char *)node + NODE, key_length };
	const unsigned char *value = node + NODE + key_length;
	size_t stored = flags == NODE_BIG ? 8 : length;

	if (key_length == 0 || key_length > KEY_MAX || (flags && flags != NODE_BIG) ||
	    room < NODE + key_length || stored > room - NODE - key_length)
		p->lost++;
	else if (flags == NODE_BIG)
		give_big(p, key, number(value, 8), length);
	else
		p->fn(p->arg, key, (struct coven_slice){ (const char *)value, length });
}

static void walk_page(struct pages *p, uint64_t at, unsigned depth);

static void
walk_node(struct pages *p, const unsigned char *page, size_t offset, bool leaf,
	  unsigned depth)
{
	const unsigned char *node = page + offset;
	uint64_t child;

	if (offset < HEAD || offset + NODE > p->page) {
		p->lost++;
		return;
	}
	if (leaf) {
		give(p, node, p->page - offset);
		return;
	}
	child = number(node, 2) | number(node + 2, 2) << 16 | number(node + 4, 2) << 32;
	walk_page(p, child, depth + 1);
}

static void
walk_page(struct pages *p, uint64_t at, unsigned depth)
{
	unsigned char *page = depth < DEPTH_MAX ? read_page(p, at) : NULL;
	unsigned kind = page ? (unsigned)number(page + 10, 2) & KINDS : 0;
	size_t lower = page ? (size_t)number(page + 12, 2) : 0;

	if ((kind != BRANCH && kind != LEAF) || lower < HEAD || lower > p->page) {
		p->lost++;
		free(page);
		return;
	}
	for (size_t i = HEAD; i + 1 < lower; i += 2)
		walk_node(p, page, (size_t)number(page + i, 2), kind == LEAF, depth);
	free(page);
}

size_t
pages_walk(struct pages *p, pages_fn *fn, void *arg)
{
	p->fn = fn;
	p->arg = arg;
	p->lost = 0;
	if (p->metas[0].root != UINT64_MAX)
		walk_page(p, p->metas[0].root, 0);
	return p->lost;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pages: an LMDB file read page by page, without LMDB, which believes what it maps.  Format
 * 1 of LMDB 0.9: a tree of pages, found through the newer of two meta pages.  Nothing in
 * the file is trusted: each page is looked at once, and what makes no sense is left out. */
#ifndef STORE_LMDB_PAGES_H
#define STORE_LMDB_PAGES_H

#include <coven/types.h>

#include <stdint.h>

struct pages;

/* The file stays the caller's.  NULL: no meta page can be read, or no memory. */
struct pages *pages_open(int fd);
void pages_free(struct pages *p);

/* One key with its value; both live until it returns. */
typedef void pages_fn(void *arg, struct coven_slice key, struct coven_slice value);
/* All that the newer meta page leads to.  How many places led nowhere. */
size_t pages_walk(struct pages *p, pages_fn *fn, void *arg);
/* How many keys there should have been. */
uint64_t pages_expected(const struct pages *p);
/* To the older meta page, the state before the last change; false: there is none. */
bool pages_older(struct pages *p);

#endif

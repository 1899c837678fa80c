/* SPDX-License-Identifier: GPL-3.0-or-later */
/* disk: the file of a store.  It is one LMDB environment without LMDB's own locks: one
 * process has it (flock), and in it one thread at a time, which both writes and reads. */
#ifndef STORE_LMDB_DISK_H
#define STORE_LMDB_DISK_H

#include "bundle.h"

#define DISK_FILE "data.mdb"
#define DISK_WHY 600 /* room for a reason */
#define DISK_MAP_FIRST ((size_t)16 << 20)

struct disk;

__attribute__((format(printf, 2, 3))) /* always -1 */
int disk_say(char why[DISK_WHY], const char *fmt, ...);

/* Makes the folder (0700) and an empty file in it (0600) if they are not there; both
 * whole or not at all.  -1: why says the reason. */
int disk_make(const char *folder, char why[DISK_WHY]);
/* Whose folder and file are, and that nobody else may write there.  -1 as above. */
int disk_owned(const char *folder, char why[DISK_WHY]);
/* Before anything is believed: another process opens it and reads all of it, so that what
 * a damaged file does (SIGBUS, endless ways) is done there.  -1 as above. */
int disk_check(const char *folder, char why[DISK_WHY]);

/* NULL as above. */
struct disk *disk_open(const char *folder, size_t map_max, char why[DISK_WHY]);
struct disk *disk_open_file(const char *path, size_t map_max, char why[DISK_WHY]);
void disk_close(struct disk *d);
void disk_shut(struct disk *d);  /* closed, until it is opened anew or written to */
int disk_reopen(struct disk *d); /* 0, or what disk_error() explains */
void disk_limit(struct disk *d, size_t map_max);

/* All of it or nothing, and synced when it returns.  The sums of the notes are made here.
 * 0, or what disk_error() explains. */
int disk_write(struct disk *d, const struct bundle *b);
/* versions: none higher has been given. */
int disk_write_about(struct disk *d, uint64_t versions);
const char *disk_error(int rc);

/* One note; NULL: there is none, or it cannot be read. */
typedef void disk_fn(void *arg, struct coven_slice key, const struct note *note);
void disk_look(struct disk *d, struct coven_slice key, disk_fn *fn, void *arg);
/* Notes in the order of their keys, from this one on, until fn says false.  0, or an
 * error. */
typedef bool disk_walk_fn(void *arg, struct coven_slice key, const struct note *note);
int disk_walk(struct disk *d, struct coven_slice from, disk_walk_fn *fn, void *arg);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* conf: the configuration files as one tree that remembers where each value stands.  libconfig reads
 * them and is not seen by anybody else.
 *
 * Files    FILE, then conf.d/ *.conf beside it in the order of their names.  Groups are merged, `plugins`
 *          and `plugins_only` are joined, of other lists the later one counts; the same single value
 *          in two files is a mistake.
 * Owner    nodes and their texts belong to the conf; conf_free() wipes and frees all of it.
 * Thread   one. */
#ifndef HOST_CONF_H
#define HOST_CONF_H

#include "base/keyed.h"
#include "host/complaint.h"
#include <coven/types.h>

#define CONF_FILES_MAX 4096 /* in conf.d */
#define CONF_DEPTH_MAX 32   /* groups and lists within each other */

enum conf_kind {
	CONF_BOOL = 1,
	CONF_INT,
	CONF_FLOAT,
	CONF_STRING,
	CONF_LIST, /* ( ) and [ ] alike */
	CONF_GROUP
};

struct conf;
struct conf_node;

/* Every mistake is a complaint.  NULL: a file could not be read or parsed. */
struct conf *conf_load(const char *file, struct complaints *list);
/* From memory; `name` stands for the file.  @include is refused. */
struct conf *conf_parse(const char *name, struct coven_slice text, struct complaints *list);
void conf_free(struct conf *c);
const struct conf_node *conf_root(const struct conf *c); /* a group */

enum conf_kind conf_kind(const struct conf_node *n);
const char *conf_name(const struct conf_node *n); /* NULL: member of a list, or the root */
const char *conf_file(const struct conf_node *n);
unsigned conf_line(const struct conf_node *n); /* 0: the root */

/* Members of a list or group, in order; NULL: there is none (or n is NULL, or a single value). */
const struct conf_node *conf_first(const struct conf_node *n);
const struct conf_node *conf_next(const struct conf_node *n);
const struct conf_node *conf_member(const struct conf_node *group, const char *name);
size_t conf_count(const struct conf_node *n);

/* Of the right kind only. */
bool conf_bool(const struct conf_node *n);
int64_t conf_int(const struct conf_node *n);
/* Of all that stands in it, names and order included; 0: n is NULL. */
uint64_t conf_hash(const struct conf_node *n, const struct keyed *key);
double conf_float(const struct conf_node *n);
struct coven_slice conf_text(const struct conf_node *n); /* a NUL behind it */

#endif

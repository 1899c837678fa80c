/* SPDX-License-Identifier: GPL-3.0-or-later */
/* conf_tree: the inside of a conf, for conf.c and conf_read.c alone. */
#ifndef HOST_CONF_TREE_H
#define HOST_CONF_TREE_H

#include "host/conf.h"

struct arena;
struct arena_pool;

struct conf_node {
	struct conf_node *next;
	const char *name, *file;
	unsigned line;
	enum conf_kind kind;
	union {
		int64_t number; /* CONF_BOOL, CONF_INT */
		double real;
		struct coven_slice text;
		struct { /* CONF_LIST, CONF_GROUP */
			struct conf_node *first, *last;
			size_t count;
		};
	};
};

struct conf {
	struct arena_pool *pool;
	struct arena *memory;
	struct conf_node *root;
};

struct conf *conf_new(void); /* an empty root */
void conf_append(struct conf_node *parent, struct conf_node *child);
/* The members of `from` go over to `into`. */
void conf_merge(struct conf_node *into, struct conf_node *from, bool at_root, struct complaints *list);

#endif

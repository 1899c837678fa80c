/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The hash table against a plain array, while it grows and shrinks. */
#include "../tap.h"
#include "base/list.h"
#include "base/table.h"

#include <stdlib.h>

#define MEMBERS 5000

struct member {
	struct table_node node;
	unsigned key, seen;
};

static struct member members[MEMBERS];

static bool
same(const struct table_node *node, const void *key)
{
	return CONTAINER(node, const struct member, node)->key == *(const unsigned *)key;
}

/* Few different hashes, so that chains have strangers in them. */
static uint64_t
hash_of(unsigned key)
{
	return (key / 3) * UINT64_C(0x9e3779b97f4a7c15);
}

static int
count_wrong(const struct table *t)
{
	int wrong = 0;

	for (unsigned i = 0; i < MEMBERS; i++) {
		struct table_node *node = table_find(t, hash_of(i), same, &i);

		wrong += node != (members[i].node.in ? &members[i].node : NULL);
	}
	return wrong;
}

static void
see(struct table_node *node, void *arg)
{
	CONTAINER(node, struct member, node)->seen++;
}

static void
see_and_remove(struct table_node *node, void *arg)
{
	see(node, NULL);
	table_remove(arg, node);
}

static int
count_unseen(unsigned times)
{
	int wrong = 0;

	for (unsigned i = 0; i < MEMBERS; i++)
		wrong += members[i].seen != (members[i].node.in ? times : 0);
	return wrong;
}

int
main(void)
{
	struct table t;
	int wrong = 0, count = 0, unseen = 0;

	is_int(table_init(&t, 4), 0, "a table");
	for (unsigned i = 0; i < MEMBERS; i++)
		members[i].key = i;
	srand(1);
	for (int round = 0; round < 40000; round++) {
		unsigned i = (unsigned)rand() % MEMBERS;

		if (members[i].node.in && rand() % 3 == 0)
			table_remove(&t, &members[i].node), count--;
		else if (!members[i].node.in)
			table_insert(&t, &members[i].node, hash_of(i)), count++;
		if (round % 500 == 0)
			wrong += count_wrong(&t);
		if (round % 500 == 0) {
			table_each(&t, see, NULL);
			unseen += count_unseen(1);
			for (unsigned k = 0; k < MEMBERS; k++)
				members[k].seen = 0;
		}
	}
	is_int(wrong, 0, "who is in is found, who is not is not, at all times");
	is_int(unseen, 0, "each sees each once, at all times");
	is_int(t.count, count, "count");
	ok(t.mask + 1 >= (size_t)count / 2, "it has grown");
	table_remove(&t, &members[0].node);
	table_remove(&t, &members[0].node);
	ok(!members[0].node.in, "removing twice is harmless");
	table_each(&t, see_and_remove, &t);
	is_int(t.count, 0, "each may remove the node at hand");
	is_int(count_wrong(&t), 0, "and nobody is found then");
	table_done(&t);
	return done();
}

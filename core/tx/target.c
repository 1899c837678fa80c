/* SPDX-License-Identifier: GPL-3.0-or-later */
/* target: made by whoever knows a place, kept by the request that takes it. */
#include "tx/target.h"
#include "base/text.h"
#include <string.h>

struct coven_target *
target_in(struct arena *arena, struct coven_slice uri)
{
	struct coven_target *t = arena_zero(arena, sizeof *t);

	if (!t)
		return NULL;
	t->arena = arena;
	t->q = 1000;
	t->uri = arena_dup(arena, uri);
	return t->uri.at ? t : NULL;
}

struct coven_target *
target_new(struct arena_pool *pool, struct coven_slice uri)
{
	struct arena *arena = arena_new(pool);
	struct coven_target *t = arena ? target_in(arena, uri) : NULL;

	if (!t) {
		arena_free(arena);
		return NULL;
	}
	t->own_arena = true;
	return t;
}

void
target_free(struct coven_target *t)
{
	if (t && t->own_arena)
		arena_free(t->arena);
}

static int
copy_text(struct arena *arena, struct coven_slice *s)
{
	if (!s->at)
		return 0;
	*s = arena_dup(arena, *s);
	return s->at ? 0 : -1;
}

static int
copy_words(struct coven_target *to, const struct coven_target *from)
{
	to->words = NULL;
	to->word_count = 0;
	for (const struct target_word *w = from->words; w; w = w->next)
		if (target_word(to, w->name, w->value) != 0)
			return -1;
	return 0;
}

struct coven_target *
target_take(struct coven_target *t, struct arena *arena)
{
	struct coven_target *to = arena_alloc(arena, sizeof *to);

	if (to) {
		*to = *t;
		to->arena = arena;
		to->own_arena = false;
		if (copy_text(arena, &to->uri) != 0 || copy_text(arena, &to->hop) != 0 ||
		    copy_text(arena, &to->route) != 0 || copy_text(arena, &to->name) != 0 ||
		    copy_words(to, t) != 0)
			to = NULL;
	}
	target_free(t);
	return to;
}

int
target_word(struct coven_target *t, struct coven_slice name, struct coven_slice value)
{
	struct target_word *w;

	if (t->word_count >= TARGET_WORDS_MAX)
		return -1;
	w = arena_alloc(t->arena, sizeof *w);
	if (!w)
		return -1;
	w->name = arena_dup(t->arena, name);
	w->value = arena_dup(t->arena, value);
	if (!w->name.at || !w->value.at)
		return -1;
	w->next = t->words; /* the newest first: a later word of a name hides the earlier */
	t->words = w;
	t->word_count++;
	return 0;
}

struct coven_slice
target_read_word(const struct coven_target *t, struct coven_slice name)
{
	for (const struct target_word *w = t->words; w; w = w->next)
		if (text_same(w->name, name))
			return w->value;
	return (struct coven_slice){ NULL, 0 };
}

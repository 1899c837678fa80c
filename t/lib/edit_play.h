/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Plays a script of edits on core/sip/edit and on the reference editor and compares all that both
 * say. Any bytes are a script: tests take random ones, the fuzzer its own.
 */
#ifndef T_LIB_EDIT_PLAY_H
#define T_LIB_EDIT_PLAY_H

#include "sip/message.h"

/* NULL: they agree; else what they do not agree on. */
const char *edit_play(struct arena_pool *pool, const struct sip_message *m,
		      struct coven_slice script);

#endif

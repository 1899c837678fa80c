/* SPDX-License-Identifier: GPL-3.0-or-later */
/* out: the answer to a command, written row by row, and kept as the text of one JSON line:
 *	{"ok":true,"name":"plugins","rows":[{...},...]}
 *	{"ok":false,"status":1,"error":"..."}
 * A long answer, or one that goes on until the reader has enough, comes in pieces: lines like
 *	{"more":true,"name":"bindings","rows":[{...},...]}
 * and then one of the lines above; of a stream they say "stream":true as well.
 * Implements coven_name_rows(), coven_row(), coven_put_*(), coven_error(), coven_flush(), coven_heard(), coven_end().
 * Worker 0. */
#ifndef HOST_OUT_H
#define HOST_OUT_H

#include "base/loop.h"
#include <coven/plugin.h>

#define OUT_BYTES_MAX (64u << 20) /* of one answer, or of one piece; a longer one becomes an error */
#define OUT_ERROR_MAX 500
#define OUT_USAGE 2 /* the exit status of a command that does not know its words */

/* `done` is called once, when the answer is complete: out_line() gives it, and then out is freed. */
struct coven_out *out_new(void (*done)(void *arg, struct coven_out *out), void *arg); /* NULL: no memory */
/* Nobody listens any more: it still takes rows, and frees itself at its end. */
void out_forget(struct coven_out *out);
/* The line with its line end; the caller's to free.  NULL: no memory. */
char *out_line(struct coven_out *out, size_t *length);

/* -- pieces: `more` is called when one is there to be taken, perhaps from inside a command: take it later.  Without
 *    `more` there are no pieces, and the answer is one line. */
void out_on_more(struct coven_out *out, void (*more)(void *arg, struct coven_out *out));
char *out_piece(struct coven_out *out, size_t *length); /* as out_line(); NULL with *length 0: none, or no memory */
void out_taken(struct coven_out *out); /* the piece has left: whoever has waited for it goes on, later */

/* -- streams: an answer without end.  `enough` is called, once, when the reader wants no more, or has gone: the
 *    command gives its resources back and calls coven_end().  `drained`, or NULL: the reader has taken a piece. */
void out_stream(struct coven_out *out, void (*enough)(void *arg, struct coven_out *out),
                void (*drained)(void *arg, struct coven_out *out), void *arg);
bool out_is_stream(const struct coven_out *out);
void out_enough(struct coven_out *out); /* the reader; `out` may be gone afterwards */
size_t out_waiting(const struct coven_out *out); /* bytes that the reader has not taken */
void out_push(struct coven_out *out);   /* what was written is a piece */

void out_name(struct coven_out *out, const char *name); /* what the rows are; constant text */
bool out_is_empty(const struct coven_out *out);         /* no row yet */
/* Why it did not work; the first text counts. */
__attribute__((format(printf, 2, 3))) void out_error(struct coven_out *out, const char *fmt, ...);

/* Around the function that makes the answer, which may end it before it returns.  After out_leave() `out` is gone,
 * unless the verdict is WAIT and nobody has ended it. */
void out_enter(struct coven_out *out);
void out_leave(struct coven_out *out, enum coven_verdict verdict);

/* Whose command it is: what waits ends with that plugin. */
void out_own(struct coven_out *out, struct coven_instance *in);
void out_purge(struct coven_instance *in); /* behind its stop(): ends what it has left waiting */

#endif

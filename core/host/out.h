/* SPDX-License-Identifier: GPL-3.0-or-later */
/* out: the answer to a command, written row by row, and kept as the text of one JSON line:
 *	{"ok":true,"name":"plugins","rows":[{...},...]}
 *	{"ok":false,"status":1,"error":"...","rows":[...]}
 * Implements coven_row(), coven_put_*(), coven_end().  Worker 0. */
#ifndef HOST_OUT_H
#define HOST_OUT_H

#include <coven/plugin.h>

#define OUT_BYTES_MAX (64u << 20) /* of one answer; a longer one becomes an error */
#define OUT_ERROR_MAX 500

/* `done` is called once, when the answer is complete: out_line() gives it, and then out is freed. */
struct coven_out *out_new(void (*done)(void *arg, struct coven_out *out), void *arg); /* NULL: no memory */
/* Nobody listens any more: it still takes rows, and frees itself at its end. */
void out_forget(struct coven_out *out);
/* The line with its line end; the caller's to free.  NULL: no memory. */
char *out_line(struct coven_out *out, size_t *length);

void out_name(struct coven_out *out, const char *name); /* what the rows are; constant text */
/* Why it did not work; the first text counts. */
__attribute__((format(printf, 2, 3))) void out_error(struct coven_out *out, const char *fmt, ...);

/* Around the function that makes the answer, which may end it before it returns.  After out_leave() `out` is gone,
 * unless the verdict is WAIT and nobody has ended it. */
void out_enter(struct coven_out *out);
void out_leave(struct coven_out *out, enum coven_verdict verdict);

#endif

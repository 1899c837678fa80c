/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tests that report in TAP. One program, one main():
 *
 *	int
 *	main(void)
 *	{
 *		ok(arena_size(a) == 0, "a new arena is empty");
 *		is_int(list_count(l), 3, "three of them, run %d", i);
 *		is_text(name, "alice", "the name");
 *		is_bytes(got, got_length, want, want_length, "the body");
 *		if (!has_ipv6())
 *			skip("no IPv6 here");
 *		return done();
 *	}
 *
 * Each check gives true if it held. done() prints the plan and gives the exit code. A program
 * that stops before done() prints no plan, and counts as failed.
 */
#ifndef T_TAP_H
#define T_TAP_H

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static struct {
	int run, failed;
} tap;

#define ok(condition, ...) tap_ok((condition), __FILE__, __LINE__, #condition, __VA_ARGS__)
#define is_int(got, want, ...) tap_int((got), (want), __FILE__, __LINE__, #got, __VA_ARGS__)
#define is_text(got, want, ...) tap_text((got), (want), __FILE__, __LINE__, #got, __VA_ARGS__)
#define is_bytes(got, got_length, want, want_length, ...)                                     \
	tap_bytes((got), (got_length), (want), (want_length), __FILE__, __LINE__, #got,       \
		  __VA_ARGS__)

__attribute__((format(printf, 3, 0))) static inline void
tap_line(bool good, const char *more, const char *name, va_list args)
{
	printf("%sok %d - ", good ? "" : "not ", ++tap.run);
	vprintf(name, args);
	printf("%s\n", more);
	tap.failed += !good;
	fflush(stdout);
}

__attribute__((format(printf, 5, 6))) static inline bool
tap_ok(bool good, const char *file, int line, const char *what, const char *name, ...)
{
	va_list args;

	va_start(args, name);
	tap_line(good, "", name, args);
	va_end(args);
	if (!good)
		printf("# %s:%d: %s\n", file, line, what);
	return good;
}

__attribute__((format(printf, 6, 7))) static inline bool
tap_int(intmax_t got, intmax_t want, const char *file, int line, const char *what,
	const char *name, ...)
{
	va_list args;

	va_start(args, name);
	tap_line(got == want, "", name, args);
	va_end(args);
	if (got != want)
		printf("# %s:%d: %s is %jd, not %jd\n", file, line, what, got, want);
	return got == want;
}

/* A diagnostic that stays on one line whatever is in the bytes. */
static inline void
tap_show(const char *label, const void *bytes, size_t length)
{
	const unsigned char *p = bytes;

	printf("#   %s %zu: ", label, length);
	for (size_t i = 0; p && i < length && i < 600; i++)
		printf(p[i] >= ' ' && p[i] < 127 && p[i] != '\\' ? "%c" : "\\x%02x", p[i]);
	printf(p ? "\n" : "NULL\n");
}

__attribute__((format(printf, 8, 9))) static inline bool
tap_bytes(const void *got, size_t got_length, const void *want, size_t want_length,
	  const char *file, int line, const char *what, const char *name, ...)
{
	bool good = got_length == want_length && !got == !want &&
		    (!got || got_length == 0 || memcmp(got, want, got_length) == 0);
	va_list args;

	va_start(args, name);
	tap_line(good, "", name, args);
	va_end(args);
	if (!good) {
		printf("# %s:%d: %s differs\n", file, line, what);
		tap_show("got ", got, got_length);
		tap_show("want", want, want_length);
	}
	return good;
}

__attribute__((format(printf, 6, 7))) static inline bool
tap_text(const char *got, const char *want, const char *file, int line, const char *what,
	 const char *name, ...)
{
	bool good = got && want ? strcmp(got, want) == 0 : got == want;
	va_list args;

	va_start(args, name);
	tap_line(good, "", name, args);
	va_end(args);
	if (!good) {
		printf("# %s:%d: %s differs\n", file, line, what);
		tap_show("got ", got, got ? strlen(got) : 0);
		tap_show("want", want, want ? strlen(want) : 0);
	}
	return good;
}

/* One check that cannot be made here, and why. */
static inline void
skip(const char *why)
{
	printf("ok %d # SKIP %s\n", ++tap.run, why);
}

static inline int
done(void)
{
	printf("1..%d\n", tap.run);
	return tap.failed || !tap.run;
}

#endif

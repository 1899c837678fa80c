/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines to stderr, one write each, in which no byte from outside can forge another line.
 */
#include "base/log.h"
#include "base/text.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LOG_TEXT_MAX 1536 /* bytes of a text before escaping; the rest is cut */
#define LOG_LINE_MAX 4096

/* Every part of the process logs, from any thread: this is the one state all of them
 * share. */
static _Atomic int level_now = LOG_LEVEL_INFO;
static _Atomic int to_journal = -1; /* not known yet */

void
log_set_level(enum log_level level)
{
	atomic_store_explicit(&level_now, (int)level, memory_order_relaxed);
}

enum log_level
log_level(void)
{
	return (enum log_level)atomic_load_explicit(&level_now, memory_order_relaxed);
}

/* JOURNAL_STREAM is inherited, so it counts only if it names what stderr is
 * (systemd.exec(5)). */
static bool
journal_reads(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;

	return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
	       fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device &&
	       st.st_ino == inode;
}

static bool
journal(void)
{
	int known = atomic_load_explicit(&to_journal, memory_order_relaxed);

	if (known < 0) {
		known = journal_reads();
		atomic_store_explicit(&to_journal, known, memory_order_relaxed);
	}
	return known;
}

/* Bytes of a well-formed UTF-8 letter that is no control character, or 0. */
static size_t
letter(const unsigned char *s, size_t length)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t size = *s < 0x80   ? 1
		      : *s < 0xc2 ? 0
		      : *s < 0xe0 ? 2
		      : *s < 0xf0 ? 3
		      : *s < 0xf5 ? 4
				  : 0;
	uint32_t code = size < 2 ? *s : *s & (0xffU >> (size + 1));

	if (!size || size > length)
		return 0;
	for (size_t i = 1; i < size; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (s[i] & 0x3f);
	}
	if (code < 0x20 || (code >= 0x7f && code < 0xa0) || code < least[size] ||
	    code > 0x10ffff)
		return 0;
	if ((code >= 0xd800 && code < 0xe000) || code == 0x2028 || code == 0x2029 ||
	    (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069))
		return 0; /* surrogates, line ends, and marks that turn the reading
			     direction */
	return size;
}

static void
put_escaped(struct text_builder *b, const char *text, size_t length)
{
	for (size_t i = 0; i < length;) {
		size_t size = letter((const unsigned char *)text + i, length - i);

		if (size) {
			text_put(b, (struct coven_slice){text + i, size});
			i += size;
		} else {
			text_put(b, TEXT("\\x"));
			text_put_hex(b, text + i++, 1);
		}
	}
}

static void
put_date(struct text_builder *b)
{
	struct timespec now;
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	text_print(b, "%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ ", tm.tm_year + 1900,
		   tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
		   now.tv_nsec / 1000000);
}

static const char *
level_name(enum log_level level)
{
	switch (level) {
	case LOG_LEVEL_ERROR:
		return "error";
	case LOG_LEVEL_WARN:
		return "warn";
	case LOG_LEVEL_INFO:
		return "info";
	case LOG_LEVEL_DEBUG:
		return "debug";
	}
	return "debug";
}

static char
journal_level(enum log_level level)
{
	return level >= LOG_LEVEL_INFO ? (char)('3' + level) : (char)('2' + level);
}

__attribute__((format(printf, 4, 0))) static void
put_line(enum log_level level, const char *part, uint32_t lost, const char *fmt,
	 va_list list)
{
	char text[LOG_TEXT_MAX], line[LOG_LINE_MAX];
	int keep = errno; /* logging an error must not change it */
	int length = vsnprintf(text, sizeof text, fmt, list);
	struct text_builder b;
	ssize_t written;

	if (length < 0)
		return;
	text_begin(&b, line, sizeof line - 8);
	if (journal())
		text_print(&b, "<%c>", journal_level(level));
	else
		put_date(&b);
	text_print(&b, "%s %s: ", level_name(level), part);
	put_escaped(&b, text,
		    (size_t)length < sizeof text ? (size_t)length : sizeof text - 1);
	if (lost)
		text_print(&b, " (%u more left out)", lost);
	if (b.full || (size_t)length >= sizeof text)
		for (unsigned dots = 0; dots < 3; dots++)
			line[b.length++] = '.';
	line[b.length++] = '\n';
	written = write(STDERR_FILENO, line, b.length);
	(void)written; /* there is no other place to say it */
	errno = keep;
}

void
log_vline(enum log_level level, const char *part, const char *fmt, va_list list)
{
	if (level <= log_level())
		put_line(level, part, 0, fmt, list);
}

void
log_line(enum log_level level, const char *part, const char *fmt, ...)
{
	va_list list;

	if (level > log_level())
		return;
	va_start(list, fmt);
	put_line(level, part, 0, fmt, list);
	va_end(list);
}

/* Two threads that meet at the turn of a second may count a line too many: that is
 * harmless. */
static bool
over_limit(struct log_cause *cause)
{
	struct timespec now;
	int64_t second;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	second = atomic_load_explicit(&cause->second, memory_order_relaxed);
	if (second != now.tv_sec + 1 &&
	    atomic_compare_exchange_strong(&cause->second, &second, now.tv_sec + 1))
		atomic_store_explicit(&cause->lines, 0, memory_order_relaxed);
	if (atomic_fetch_add_explicit(&cause->lines, 1, memory_order_relaxed) <
	    LOG_PER_SECOND)
		return false;
	atomic_fetch_add_explicit(&cause->lost, 1, memory_order_relaxed);
	return true;
}

void
log_often(struct log_cause *cause, enum log_level level, const char *part,
	  const char *fmt, ...)
{
	va_list list;

	if (level > log_level() || over_limit(cause))
		return;
	va_start(list, fmt);
	put_line(level, part, atomic_exchange(&cause->lost, 0), fmt, list);
	va_end(list);
}

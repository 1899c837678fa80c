/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lex: the small steps that all readers of header values share: blanks, tokens, quoted
 * strings, parameters, addresses.  Pointers into the caller's bytes; nothing is copied.
 * RFC 3261 section 25.1. */
#ifndef SIP_LEX_H
#define SIP_LEX_H

#include "sip/message.h"
#include <endian.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Sixteen bytes looked at together; compilers make the machine's vector instructions of
 * it. */
typedef uint8_t lex_block __attribute__((vector_size(16)));

/* Is any byte of a comparison's result set?  And the number of the first one; 16: none.
 * The only steps without a portable form of one instruction: they are a third of the
 * scanner's work. */
#ifdef __SSE2__
static inline bool
lex_any(lex_block hits)
{
	return _mm_movemask_epi8((__m128i)hits) != 0;
}

static inline unsigned
lex_first(lex_block hits)
{
	return (unsigned)__builtin_ctz((unsigned)_mm_movemask_epi8((__m128i)hits) |
				       0x10000);
}
#else
static inline bool
lex_any(lex_block hits)
{
	uint64_t half[2];

	memcpy(half, &hits, sizeof half);
	return (half[0] | half[1]) != 0;
}

static inline unsigned
lex_first(lex_block hits)
{
	uint64_t half[2];

	memcpy(half, &hits, sizeof half);
	if (half[0])
		return (unsigned)__builtin_ctzll(le64toh(half[0])) >> 3;
	if (half[1])
		return 8 + ((unsigned)__builtin_ctzll(le64toh(half[1])) >> 3);
	return 16;
}
#endif

static inline lex_block
lex_load(const char *p)
{
	lex_block block;

	memcpy(&block, p, sizeof block);
	return block;
}

/* A search: the first byte in [p, end) for which `hit` is true of the block (and `one` of
 * the byte c), or end. Bytes up to limit may be read, so that blocks can be taken to the
 * end of a value inside a message. */
#define LEX_SEARCH(name, hit, one)                                              \
	static inline const char *name(const char *p, const char *end,          \
				       const char *limit)                       \
	{                                                                       \
		const char *stop = limit - end >= 15 ? end                      \
				   : limit - p >= 16 ? limit - 15               \
						     : p;                       \
                                                                                \
		for (; p < stop; p += 16) {                                     \
			lex_block block = lex_load(p), hits = (lex_block)(hit); \
                                                                                \
			if (lex_any(hits)) {                                    \
				p += lex_first(hits);                           \
				return p < end ? p : end;                       \
			}                                                       \
		}                                                               \
		for (; p < end; p++) {                                          \
			uint8_t c = (uint8_t)*p;                                \
                                                                                \
			if (one)                                                \
				return p;                                       \
		}                                                               \
		return end;                                                     \
	}

/* A control byte but TAB. */
LEX_SEARCH(lex_control, (block < ' ') & ~(block == '\t'), c < ' ' && c != '\t')
/* A blank or control byte. */
LEX_SEARCH(lex_gap, (block <= ' ') | (block == 0x7f), c <= ' ' || c == 0x7f)
/* " < > or a comma; < and > differ in one bit. */
LEX_SEARCH(lex_special, (block == '"') | (block == ',') | ((block | 2) == '>'),
	   c == '"' || c == ',' || c == '<' || c == '>')
/* What cannot stand between angle brackets, and their end. */
LEX_SEARCH(lex_bracket,
	   (block <= ' ') | (block == 0x7f) | (block == '"') | ((block | 2) == '>'),
	   c <= ' ' || c == 0x7f || c == '"' || c == '<' || c == '>')
/* What cannot stand in a parameter's value without quotes; also what cannot in addr-spec
 * without brackets. */
LEX_SEARCH(lex_stop,
	   (block <= ' ') | (block == 0x7f) | (block == '"') | (block == ',') |
		   (block == ';') | ((block | 2) == '>'),
	   c <= ' ' || c == 0x7f || c == '"' || c == ',' || c == ';' || c == '<' ||
		   c == '>')
LEX_SEARCH(lex_quote, (block == '"') | (block == '\\'), c == '"' || c == '\\')

/* How many commas stand in [p, end). */
static inline unsigned
lex_commas(const char *p, const char *end)
{
	unsigned count = 0;

	while (end - p >= 16) {
		lex_block sum = { 0 };
		uint64_t half[2];
		int blocks;

		for (blocks = 0; blocks < 8 && end - p >= 16; blocks++, p += 16)
			sum -= (lex_block)(lex_load(p) == ',');
		memcpy(half, &sum, sizeof half);
		count += (unsigned)((half[0] + half[1]) * 0x0101010101010101u >>
				    56); /* at most 128 */
	}
	for (; p < end; p++)
		count += *p == ',';
	return count;
}

/* What is left when s spells the word `lower` of letters, '-' and '/' in any case is 0:
 * letters have bit 6, so that bit 5 is set in their places alone. */
#define LEX_FOLD(type, s, lower)                                                         \
	({                                                                               \
		type given, want;                                                        \
		memcpy(&given, (s), sizeof given);                                       \
		memcpy(&want, (lower), sizeof want);                                     \
		(type)((type)(given | (type)((want & (type)0x4040404040404040u) >> 1)) ^ \
		       want);                                                            \
	})

/* Do the n > 1 bytes at s spell that word?  `lower` is a literal of length n, so that all
 * of this becomes one to four comparisons. */
static inline __attribute__((always_inline)) bool
lex_spells(const char *s, const char *lower, size_t n)
{
	size_t i;

	if (n >= 8) {
		for (i = 0; i + 8 <= n; i += 8)
			if (LEX_FOLD(uint64_t, s + i, lower + i))
				return false;
		return n % 8 == 0 || !LEX_FOLD(uint64_t, s + n - 8, lower + n - 8);
	}
	if (n >= 4)
		return !(LEX_FOLD(uint32_t, s, lower) |
			 LEX_FOLD(uint32_t, s + n - 4, lower + n - 4));
	return !(LEX_FOLD(uint16_t, s, lower) |
		 LEX_FOLD(uint16_t, s + n - 2, lower + n - 2));
}

/* The same for bytes from p to end. */
#define LEX_IS(p, end, lower)                          \
	((size_t)((end) - (p)) == sizeof(lower) - 1 && \
	 lex_spells((p), (lower), sizeof(lower) - 1))

static inline bool
lex_is_blank(char c)
{
	return (uint8_t)c <= ' ' && (c == ' ' || c == '\t' || c == '\r' || c == '\n');
}

/* Where the blanks at p end; folds are blanks. */
static inline const char *
lex_blank(const char *p, const char *end)
{
	while (p < end && lex_is_blank(*p))
		p++;
	return p;
}

/* Where the value that ends at `end` ends without the blanks. */
static inline const char *
lex_trim(const char *p, const char *end)
{
	while (p < end && lex_is_blank(end[-1]))
		end--;
	return end;
}

/* Where the host name or IPv4 address at p ends; p: there is none. */
const char *lex_host(const char *p, const char *end);

/* Where the token at p ends; p: there is none. */
const char *lex_token(const char *p, const char *end);

/* The value of a hexadecimal digit, and the byte that the escape "%41" at p means; -1: it
 * is not one. */
int lex_hex(char c);
int lex_escape(const char *p, const char *end);

/* Behind the closing quote of the string that begins at p; NULL: it is not closed. */
const char *lex_quoted(const char *p, const char *end, const char *limit);

/* Where the value of a list that begins at p ends: at its comma or the end.  Quotes and
 * angle brackets are understood; what is not closed goes on to the end, and *broken is
 * set. */
const char *lex_value(const char *p, const char *end, const char *limit, bool *broken);

/* A number of digits only, at most `max`, which is below 2^60.  -1: it is not. */
int lex_number(const char *p, const char *end, uint64_t max, uint64_t *number);

/* One parameter.  value NULL: there is no '='. */
struct lex_param {
	const char *name, *name_end;
	const char *value, *value_end; /* a quoted one with its quotes */
};
/* Reads the parameter behind the ';' at *p and moves on to the next ';', to a comma or
 * the end. 1: there is one, 0: *p is at a comma or the end, -1: it is malformed. */
int lex_param(const char **p, const char *end, const char *limit,
	      struct lex_param *param);

/* name-addr or addr-spec, with its parameters: one value of From, To, Contact, Route, ...
 */
struct lex_address {
	const char *display, *display_end; /* NULL: none; with its quotes */
	const char *uri, *uri_end;         /* without angle brackets */
	const char *params;                /* the first ';', or where the value ends */
	bool bracketed;
};
/* Reads up to the parameters.  -1: it is malformed. */
int lex_address(const char *p, const char *end, const char *limit,
		struct lex_address *address);

#endif

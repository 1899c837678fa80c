/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Passwords and texts in hex become hashes, and hashes texts. */
#include "proof.h"
#include "name.h"

#include <string.h>

static int
digit(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

static int
from_hex(struct coven_slice hex, uint8_t *to, size_t size)
{
	if (hex.length != 2 * size)
		return -1;
	for (size_t i = 0; i < hex.length; i++) {
		if (digit(hex.at[i]) < 0)
			return -1;
		to[i / 2] = (uint8_t)(to[i / 2] << 4 | digit(hex.at[i]));
	}
	return 0;
}

static size_t
to_hex(const uint8_t *bytes, size_t size, char *to)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < size; i++) {
		to[2 * i] = digits[bytes[i] >> 4];
		to[2 * i + 1] = digits[bytes[i] & 15];
	}
	return 2 * size;
}

static void
hash(struct proof_hash *to, struct coven_slice user, struct coven_slice realm,
     struct coven_slice password)
{
	char room[COVEN_HASH_TEXT];
	struct coven_slice hex = { room, 0 };

	hex.length = coven_digest_ha1(COVEN_MD5, user, realm, password, room);
	to->has_md5 = from_hex(hex, to->md5, sizeof to->md5) == 0;
	hex.length = coven_digest_ha1(COVEN_SHA256, user, realm, password, room);
	to->has_sha256 = from_hex(hex, to->sha256, sizeof to->sha256) == 0;
	explicit_bzero(room, sizeof room);
}

void
proof_of_password(struct proof *p, struct coven_slice aor, struct coven_slice password)
{
	struct coven_slice realm = name_domain(aor);

	*p = (struct proof){ .only = 0 };
	hash(&p->hashes[PROOF_SHORT], name_user(aor), realm, password);
	hash(&p->hashes[PROOF_LONG], name_long(aor), realm, password);
}

const char *
proof_of_hex(struct proof *p, struct coven_slice md5, struct coven_slice sha256)
{
	struct proof_hash *to = &p->hashes[PROOF_SHORT];

	*p = (struct proof){ .only = 0 };
	if (md5.length) {
		to->has_md5 = from_hex(md5, to->md5, sizeof to->md5) == 0;
		if (!to->has_md5)
			return "the MD5 hash is not 32 hex digits";
	}
	if (sha256.length) {
		to->has_sha256 = from_hex(sha256, to->sha256, sizeof to->sha256) == 0;
		if (!to->has_sha256)
			return "the SHA-256 hash is not 64 hex digits";
	}
	if (!md5.length && !sha256.length)
		return "there is no hash";
	if (!md5.length || !sha256.length)
		p->only = md5.length ? COVEN_MD5 : COVEN_SHA256;
	return NULL;
}

static void
forget_md5(struct proof_hash *h)
{
	explicit_bzero(h->md5, sizeof h->md5);
	h->has_md5 = false;
}

static void
forget_sha256(struct proof_hash *h)
{
	explicit_bzero(h->sha256, sizeof h->sha256);
	h->has_sha256 = false;
}

int
proof_restrict(struct proof *p, uint32_t only)
{
	const struct proof_hash *brief = &p->hashes[PROOF_SHORT];

	if ((only != COVEN_SHA256 && brief->has_md5) ||
	    (only != COVEN_MD5 && brief->has_sha256))
		p->only = only;
	else
		return -1;
	for (int i = 0; i < PROOF_SPELLINGS; i++) {
		if (only == COVEN_SHA256)
			forget_md5(&p->hashes[i]);
		if (only == COVEN_MD5)
			forget_sha256(&p->hashes[i]);
	}
	return 0;
}

size_t
proof_hex(const struct proof *p, enum proof_spelling spelling, uint32_t hash,
	  char room[COVEN_HASH_TEXT])
{
	const struct proof_hash *from = &p->hashes[spelling];

	if (hash == COVEN_MD5 && from->has_md5)
		return to_hex(from->md5, sizeof from->md5, room);
	if (hash == COVEN_SHA256 && from->has_sha256)
		return to_hex(from->sha256, sizeof from->sha256, room);
	return 0;
}

const char *
proof_word(uint32_t only)
{
	return only == COVEN_MD5 ? "md5" : only == COVEN_SHA256 ? "sha256" : "any";
}

int
proof_only(struct coven_slice word, uint32_t *only)
{
	static const uint32_t hashes[] = { 0, COVEN_MD5, COVEN_SHA256 };

	for (size_t i = 0; i < sizeof hashes / sizeof hashes[0]; i++)
		if (coven_is(word, proof_word(hashes[i]))) {
			*only = hashes[i];
			return 0;
		}
	return -1;
}

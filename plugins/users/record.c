/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Accounts and aliases as bytes. */
#include "record.h"

#include <assert.h>
#include <string.h>

#define ACCOUNT_HEAD 4
#define ALIAS_HEAD 2
#define HASHES 4

_Static_assert(ACCOUNT_HEAD + 2 * (PROOF_MD5_SIZE + PROOF_SHA256_SIZE) <= RECORD_MAX,
	       "an account fits");

/* The nth hash of an account. */
struct place {
	bool *has;
	uint8_t *bytes;
	size_t size;
};

static struct place
place(struct proof *p, unsigned nth)
{
	struct proof_hash *h = &p->hashes[nth / 2 ? PROOF_LONG : PROOF_SHORT];

	if (nth % 2)
		return (struct place){ &h->has_sha256, h->sha256, sizeof h->sha256 };
	return (struct place){ &h->has_md5, h->md5, sizeof h->md5 };
}

static size_t
write_account(const struct record *r, uint8_t room[RECORD_MAX])
{
	struct proof p = r->proof;
	size_t length = ACCOUNT_HEAD;

	room[2] = (uint8_t)p.only;
	room[3] = 0;
	for (unsigned i = 0; i < HASHES; i++) {
		struct place at = place(&p, i);

		if (!*at.has)
			continue;
		room[3] |= (uint8_t)(1u << i);
		memcpy(room + length, at.bytes, at.size);
		length += at.size;
	}
	explicit_bzero(&p, sizeof p);
	return length;
}

size_t
record_write(const struct record *r, uint8_t room[RECORD_MAX])
{
	room[0] = RECORD_VERSION;
	room[1] = (uint8_t)r->kind;
	if (r->kind == RECORD_ACCOUNT)
		return write_account(r, room);
	assert(r->target.length <= NAME_AOR_MAX);
	memcpy(room + ALIAS_HEAD, r->target.at, r->target.length);
	return ALIAS_HEAD + r->target.length;
}

static int
read_account(struct coven_slice value, struct record *r)
{
	size_t at = ACCOUNT_HEAD;
	unsigned bits;

	if (value.length < ACCOUNT_HEAD)
		return -1;
	r->proof.only = (uint8_t)value.at[2];
	bits = (uint8_t)value.at[3];
	if (r->proof.only > COVEN_SHA256 || bits >> HASHES)
		return -1;
	for (unsigned i = 0; i < HASHES; i++) {
		struct place to = place(&r->proof, i);

		if (!(bits >> i & 1))
			continue;
		if (value.length - at < to.size)
			return -1;
		*to.has = true;
		memcpy(to.bytes, value.at + at, to.size);
		at += to.size;
	}
	return at == value.length ? 0 : -1;
}

/* An AoR as name_spell() makes it. */
static bool
is_aor(struct coven_slice text)
{
	return text.length > NAME_SCHEME_BYTES + 1 && text.length <= NAME_AOR_MAX &&
	       memcmp(text.at, NAME_SCHEME, NAME_SCHEME_BYTES) == 0 &&
	       name_user(text).length > 0 && name_domain(text).length > 0 &&
	       !memchr(text.at, '\0', text.length);
}

int
record_read(struct coven_slice value, struct record *r)
{
	*r = (struct record){ .kind = RECORD_ACCOUNT };
	if (value.length < ALIAS_HEAD || value.at[0] != RECORD_VERSION)
		return -1;
	if (value.at[1] == RECORD_ACCOUNT)
		return read_account(value, r);
	r->kind = RECORD_ALIAS;
	r->target = (struct coven_slice){ value.at + ALIAS_HEAD,
					  value.length - ALIAS_HEAD };
	return value.at[1] == RECORD_ALIAS && is_aor(r->target) ? 0 : -1;
}

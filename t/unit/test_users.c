/* SPDX-License-Identifier: GPL-3.0-or-later */
/* users: hashes, records of the store, lines of an import. */
#include "../../plugins/users/csv.h"
#include "../../plugins/users/record.h"
#include "../tap.h"

#define S(text) ((struct coven_slice){ (text), strlen(text) })
#define AOR S("sip:bob@example.com")

static void
is_hex(const struct proof *p, enum proof_spelling spelling, uint32_t hash, const char *want)
{
	char room[COVEN_HASH_TEXT];
	size_t length = proof_hex(p, spelling, hash, room);

	is_bytes(room, length, want, strlen(want), "%s, spelling %d", coven_hash_name(hash),
		 (int)spelling);
}

static void
proofs(void)
{
	struct proof p;

	proof_of_password(&p, AOR, S("secret"));
	is_hex(&p, PROOF_SHORT, COVEN_MD5, "2664cba6663a734ef3a6fefc0c0d0821");
	is_hex(&p, PROOF_LONG, COVEN_MD5, "563dd2977d5c3d6b11c5582a9701f9b3");
	is_hex(&p, PROOF_SHORT, COVEN_SHA256,
	       "baf9ceb3dcf070665c835868f20bd230ca09393a0c44efca3690ee35eaebee0b");
	is_hex(&p, PROOF_LONG, COVEN_SHA256,
	       "ef9cf4835e6cf53a002a16f3d04b15189a9878e03309f592f63951897f090ea0");
	is_int(proof_restrict(&p, COVEN_MD5), 0, "MD5 alone");
	is_hex(&p, PROOF_LONG, COVEN_SHA256, "");
	is_int(proof_restrict(&p, COVEN_SHA256), -1, "then SHA-256 is gone");
	ok(proof_of_hex(&p, S("0123456789abcdefFEDCBA9876543210"), S("")) == NULL, "in hex");
	is_int(p.only, COVEN_MD5, "the hash that there is");
	is_hex(&p, PROOF_SHORT, COVEN_MD5, "0123456789abcdeffedcba9876543210");
	is_hex(&p, PROOF_LONG, COVEN_MD5, "");
	ok(proof_of_hex(&p, S("0123"), S("")) != NULL, "too short");
	ok(proof_of_hex(&p, S(""), S("")) != NULL, "none at all");
}

static void
same(const struct record *a, const struct record *b, const char *name)
{
	ok(a->kind == b->kind && memcmp(&a->proof, &b->proof, sizeof a->proof) == 0 &&
		   coven_same(a->target, b->target),
	   "%s comes back", name);
}

/* Whatever is cut off or changed, nothing but a whole record is one. */
static void
spoil(struct coven_slice bytes, const char *name)
{
	struct record r;
	char room[RECORD_MAX + 1];
	int taken = 0;

	for (size_t i = 0; i < bytes.length; i++)
		taken += record_read((struct coven_slice){ bytes.at, i }, &r) == 0;
	is_int(taken, bytes.at[1] == RECORD_ALIAS ? 10 : 0, "%s cut off", name);
	memcpy(room, bytes.at, bytes.length);
	room[0] = 2;
	is_int(record_read((struct coven_slice){ room, bytes.length }, &r), -1,
	       "%s of a newer version", name);
	room[0] = RECORD_VERSION;
	room[1] = 9;
	is_int(record_read((struct coven_slice){ room, bytes.length }, &r), -1,
	       "%s of an unknown kind", name);
	room[1] = bytes.at[1];
	room[bytes.length] = '\0';
	is_int(record_read((struct coven_slice){ room, bytes.length + 1 }, &r), -1,
	       "%s with something behind", name);
}

static void
records(void)
{
	static const uint32_t only[] = { 0, COVEN_MD5, COVEN_SHA256 };
	uint8_t bytes[RECORD_MAX];
	struct coven_slice value = { (const char *)bytes, 0 };
	struct record r, back;

	for (size_t i = 0; i < 3; i++) {
		r = (struct record){ .kind = RECORD_ACCOUNT };
		proof_of_password(&r.proof, AOR, S("secret"));
		proof_restrict(&r.proof, only[i]);
		value.length = record_write(&r, bytes);
		ok(record_read(value, &back) == 0, "an account, %s", proof_word(only[i]));
		same(&back, &r, "an account");
		spoil(value, "an account");
	}
	r = (struct record){ .kind = RECORD_ALIAS, .target = AOR };
	value.length = record_write(&r, bytes);
	ok(record_read(value, &back) == 0, "an alias");
	same(&back, &r, "an alias");
	spoil(value, "an alias");
}

static void
is_line(const char *line, size_t count, const char *last)
{
	struct csv c;

	ok(csv_read(&c, S(line)) == NULL && c.count == count &&
		   coven_is(c.fields[count - 1], last),
	   "%s", line);
}

static void
is_wrong(const char *line, const char *why)
{
	struct csv c;
	const char *fault = csv_read(&c, S(line));

	ok(fault && strstr(fault, why), "%s: %s", line, fault ? fault : "-");
}

static void
lines(void)
{
	char room[CSV_LINE_MAX + 2];

	is_line("alice,secret", 2, "secret");
	is_line("alice, secret ", 2, " secret ");
	is_line("alice,\"se,cret\"", 2, "se,cret");
	is_line("alice,\"se\"\"cret\",1", 3, "1");
	is_line("alice,\"a\"\"\"", 2, "a\"");
	is_line("alice,", 2, "");
	is_line(",,", 3, "");
	is_line("\"\"", 1, "");
	is_line("al\"ice", 1, "al\"ice");
	is_wrong("", "empty");
	is_wrong("\"", "not closed");
	is_wrong("a,\"b\"\"", "not closed");
	is_wrong("\"a\"b", "behind a closing quote");
	memset(room, 'x', sizeof room);
	room[CSV_LINE_MAX + 1] = '\0';
	is_wrong(room, "longer");
	room[CSV_LINE_MAX] = '\0';
	room[40] = '\0';
	memset(room, ',', 32);
	is_wrong(room, "fields");
}

int
main(void)
{
	proofs();
	records();
	lines();
	return done();
}

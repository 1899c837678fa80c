/* SPDX-License-Identifier: GPL-3.0-or-later */
/* digest: credentials read, hashed and compared.  Read by own code: libosipparser2
 * forgets fields that it does not know and takes the last of doubled ones. */
#include "sip/digest.h"
#include "base/text.h"
#include "sip/lex.h"
#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>

#define FIELDS_MAX 32 /* of one value */

static const struct {
	const char *name, *library;
	size_t text; /* bytes in hex */
} hashes[] = {
	[COVEN_MD5] = { "MD5", "MD5", 32 },
	[COVEN_SHA256] = { "SHA-256", "SHA2-256", 64 },
	[COVEN_SHA512_256] = { "SHA-512-256", "SHA2-512/256", 64 },
};
#define HASHES (sizeof hashes / sizeof *hashes)

const char *
coven_hash_name(uint32_t hash)
{
	return hash < HASHES ? hashes[hash].name : NULL;
}

uint32_t
coven_hash_of(struct coven_slice name)
{
	uint32_t hash;

	for (hash = 1; hash < HASHES; hash++)
		if (text_is_alike(name, hashes[hash].name))
			return hash;
	return 0;
}

/* The field of the name from p to end, or NULL. */
static struct coven_slice *
field_of(struct coven_credentials_given *given, const char *p, const char *end)
{
	if (LEX_IS(p, end, "username"))
		return &given->username;
	if (LEX_IS(p, end, "realm"))
		return &given->realm;
	if (LEX_IS(p, end, "nonce"))
		return &given->nonce;
	if (LEX_IS(p, end, "uri"))
		return &given->uri;
	if (LEX_IS(p, end, "response"))
		return &given->response;
	if (LEX_IS(p, end, "algorithm"))
		return &given->algorithm;
	if (LEX_IS(p, end, "cnonce"))
		return &given->cnonce;
	if (LEX_IS(p, end, "opaque"))
		return &given->opaque;
	if (LEX_IS(p, end, "qop"))
		return &given->qop;
	if (LEX_IS(p, end, "nc"))
		return &given->nc;
	return NULL;
}

/* Reads `name = value` at p, without the value's quotes.  Behind it, or NULL. */
static const char *
read_field(const char *p, const char *end, struct coven_credentials_given *given)
{
	const char *name = p, *value;
	struct coven_slice *field, text;

	p = lex_token(p, end);
	if (p == name)
		return NULL;
	field = field_of(given, name, p);
	p = lex_blank(p, end);
	if (p == end || *p != '=')
		return NULL;
	value = lex_blank(p + 1, end);
	if (value < end && *value == '"') {
		p = lex_quoted(value, end, end);
		if (p == NULL)
			return NULL;
		text = (struct coven_slice){ value + 1, (size_t)(p - value - 2) };
	} else {
		p = lex_token(value, end);
		if (p == value)
			return NULL;
		text = (struct coven_slice){ value, (size_t)(p - value) };
	}
	if (field == NULL)
		return p;
	if (field->at != NULL)
		return NULL; /* doubled */
	*field = text;
	return p;
}

static bool
is_hex(struct coven_slice s, size_t length)
{
	size_t i;

	for (i = 0; i < s.length; i++) {
		char c = s.at[i] | 0x20;

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
			return false;
	}
	return s.length == length;
}

/* Is what was read complete and of the right form? */
static int
check_form(struct coven_credentials_given *given)
{
	given->hash = given->algorithm.at ? coven_hash_of(given->algorithm) : COVEN_MD5;
	if (given->username.at == NULL || given->realm.at == NULL ||
	    given->nonce.length == 0 || given->uri.length == 0 ||
	    given->response.length == 0)
		return -1;
	if (given->hash && !is_hex(given->response, hashes[given->hash].text))
		return -1;
	if (given->nc.at && !is_hex(given->nc, 8))
		return -1;
	if (given->qop.at && (given->nc.at == NULL || given->cnonce.length == 0))
		return -1;
	return 0;
}

static int
read_fields(const char *p, const char *end, struct coven_credentials_given *given)
{
	int count;

	for (count = 0; count < FIELDS_MAX; count++) {
		p = read_field(p, end, given);
		if (p == NULL)
			return -1;
		p = lex_blank(p, end);
		if (p == end)
			return 0;
		if (*p != ',')
			return -1;
		p = lex_blank(p + 1, end);
	}
	return -1;
}

int
coven_digest_read(struct coven_slice value, struct coven_credentials_given *given)
{
	struct coven_credentials_given all = { .size = given->size };
	const char *p = value.at, *end;

	assert(given->size >= sizeof given->size);
	if (value.length < 7 || strncasecmp(p, "Digest", 6) != 0)
		return -1;
	end = p + value.length;
	if (lex_blank(p + 6, end) == p + 6)
		return -1;
	if (read_fields(lex_blank(p + 6, end), end, &all) < 0 || check_form(&all) < 0)
		return -1;
	memcpy(given, &all, given->size < sizeof all ? given->size : sizeof all);
	return 0;
}

static void
put_hex(const unsigned char *bytes, size_t count, char *out)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < count; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[2 * count] = '\0';
}

/* The library's own tables are fetched once for the process: each fetch costs as much as the
 * hashes of a whole check.  They never change and are never given back. */
static EVP_MD *fetched[HASHES];
static pthread_once_t fetching = PTHREAD_ONCE_INIT;

static void
fetch(void)
{
	for (size_t i = 1; i < HASHES; i++)
		fetched[i] = EVP_MD_fetch(NULL, hashes[i].library, NULL);
}

/* One computation. */
struct hasher {
	const EVP_MD *md;
	EVP_MD_CTX *context;
};

static int
hasher_open(struct hasher *h, uint32_t hash)
{
	pthread_once(&fetching, fetch);
	h->md = fetched[hash];
	h->context = EVP_MD_CTX_new();
	return h->context && h->md ? 0 : -1;
}

static void
hasher_close(struct hasher *h)
{
	EVP_MD_CTX_free(h->context); /* wipes its state */
}

/* The hash of the parts with colons between them, in hex.  Its length, 0: failed. */
static size_t
hasher_run(struct hasher *h, const struct coven_slice *parts, size_t count,
	   char out[COVEN_HASH_TEXT])
{
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned length = 0;
	size_t i;

	if (!EVP_DigestInit_ex2(h->context, h->md, NULL))
		return 0;
	for (i = 0; i < count; i++)
		if ((i > 0 && !EVP_DigestUpdate(h->context, ":", 1)) ||
		    (parts[i].length &&
		     !EVP_DigestUpdate(h->context, parts[i].at, parts[i].length)))
			return 0;
	if (!EVP_DigestFinal_ex(h->context, bytes, &length) ||
	    2 * length >= COVEN_HASH_TEXT)
		return 0;
	put_hex(bytes, length, out);
	OPENSSL_cleanse(bytes, sizeof bytes);
	return 2 * length;
}

size_t
coven_digest_ha1(uint32_t hash, struct coven_slice user, struct coven_slice realm,
		 struct coven_slice password, char room[COVEN_HASH_TEXT])
{
	const struct coven_slice parts[] = { user, realm, password };
	struct hasher h;
	size_t length = 0;

	if (coven_hash_name(hash) == NULL)
		return 0;
	if (hasher_open(&h, hash) == 0)
		length = hasher_run(&h, parts, 3, room);
	hasher_close(&h);
	return length;
}

/* The response that these credentials should have.  Its length, 0: failed. */
static size_t
expected(const struct coven_credentials_given *given, struct coven_slice ha1,
	 struct coven_slice method, char out[COVEN_HASH_TEXT])
{
	const struct coven_slice a2[] = { method, given->uri };
	char ha2[COVEN_HASH_TEXT];
	struct hasher h;
	size_t length = 0;

	if (hasher_open(&h, given->hash) == 0)
		length = hasher_run(&h, a2, 2, ha2);
	if (length) {
		const struct coven_slice end = { ha2, length };
		const struct coven_slice plain[] = { ha1, given->nonce, end };
		const struct coven_slice with_qop[] = { ha1,        given->nonce,
							given->nc,  given->cnonce,
							given->qop, end };

		length = given->qop.at ? hasher_run(&h, with_qop, 6, out)
				       : hasher_run(&h, plain, 3, out);
	}
	hasher_close(&h);
	return length;
}

bool
coven_digest_check(const struct coven_credentials_given *given, struct coven_slice ha1,
		   struct coven_slice method)
{
	char want[COVEN_HASH_TEXT], got[COVEN_HASH_TEXT];
	size_t length, i;
	bool right;

	if (coven_hash_name(given->hash) == NULL ||
	    !is_hex(ha1, hashes[given->hash].text) ||
	    !is_hex(given->response, hashes[given->hash].text))
		return false;
	if (given->qop.at && !text_is_alike(given->qop, "auth"))
		return false;
	length = expected(given, ha1, method, want);
	for (i = 0; i < given->response.length; i++) /* digits stay: they have that bit */
		got[i] = given->response.at[i] | 0x20;
	right = text_secret_same((struct coven_slice){ want, length },
				 (struct coven_slice){ got, given->response.length });
	OPENSSL_cleanse(want, sizeof want);
	return right;
}

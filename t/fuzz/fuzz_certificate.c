/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The names of certificates that strangers show: DER in, host names out, and nothing else. */
#include "base/text.h"
#include "net/tls_names.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void
must(bool true_)
{
	if (!true_)
		abort();
}

static void
check(const X509 *x)
{
	struct net_tls_name names[NET_TLS_NAMES_MAX];
	char room[NET_TLS_NAMES_MAX][NET_TLS_NAME_MAX + 1];
	bool more;
	size_t n = tls_names_read(x, names, NET_TLS_NAMES_MAX, room, &more);

	must(n <= NET_TLS_NAMES_MAX);
	for (size_t i = 0; i < n; i++) {
		struct coven_slice text = names[i].text;

		must(tls_name_valid(text) && strlen(text.at) == text.length);
		must(!memchr(text.at, '*', text.length) && !memchr(text.at, '@', text.length));
		must(tls_names_has(x, text));
		for (size_t c = 0; c < text.length; c++)
			must(text.at[c] < 'A' || text.at[c] > 'Z');
	}
	must(!tls_names_has(x, TEXT("")) && !tls_names_has(x, TEXT("*.a.example")));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const unsigned char *at = bytes;
	X509 *x = d2i_X509(NULL, &at, (long)size);

	tls_name_valid((struct coven_slice){ (const char *)bytes, size });
	if (x)
		check(x);
	X509_free(x);
	return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is read as an address is the same after it was printed and read again. */
#include "base/address.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool right)
{
	if (!right)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct coven_slice s = {(const char *)data, size};
	struct coven_address a, b;
	struct sockaddr_storage sa;
	char room[ADDRESS_TEXT];

	if (address_parse(s, &a) == 0) {
		struct coven_slice host = address_print_host(&a, room);

		check(address_parse(host, &b) == 0);
		b.scope = a.scope; /* no part of a host */
		check(address_same(&a, &b));
		check(!address_is_loopback(&a) || address_is_private(&a));
		check(!address_is_any(&a) || !address_is_unicast(&a));
	}
	if (address_parse_port(s, &a) == 0) {
		check(address_parse_port(address_print(&a, room), &b) == 0 &&
		      address_same(&a, &b));
		check(address_to_socket(&a, &sa) > 0);
		check(address_from_socket((struct sockaddr *)&sa, &b) == 0 &&
		      address_same(&a, &b));
	}
	return 0;
}

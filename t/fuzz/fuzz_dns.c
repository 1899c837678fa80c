/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers of name servers: what is read lies in the room, is no more than may be, ends where it says, and can be read again. */
#include "../../plugins/dns/wire.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct wire_answer answer;

static void
check(bool right)
{
	if (!right)
		abort();
}

static void
check_host(const char *host)
{
	struct wire_name name;
	char again[WIRE_HOST_MAX + 1];

	check(strlen(host) < sizeof again);
	if (!*host)
		return;
	check(wire_name_read((struct coven_slice){ host, strlen(host) }, &name) == 0);
	check(wire_name_text(&name, again) == 0 && strcmp(host, again) == 0);
}

static void
check_records(uint16_t type)
{
	for (size_t i = 0; i < answer.count; i++) {
		struct coven_slice r = answer.rdata[i];
		struct wire_srv srv;
		struct wire_naptr naptr;
		struct wire_tlsa tlsa;

		check(r.at >= answer.room && r.at + r.length <= answer.room + answer.used);
		if (type == WIRE_A)
			check(r.length == 4);
		if (type == WIRE_AAAA)
			check(r.length == 16);
		if (type == WIRE_SRV && wire_srv(r, &srv) == 0)
			check_host(srv.target);
		if (type == WIRE_NAPTR && wire_naptr(r, &naptr) == 0)
			check_host(naptr.replacement);
		if (type == WIRE_TLSA && wire_tlsa(r, &tlsa) == 0)
			check(tlsa.data.at + tlsa.data.length == r.at + r.length && (wire_tlsa_usable(&tlsa) || 1));
	}
}

/* Two bytes of type, one of how the question's name is taken, then the message. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct coven_slice packet = { (const char *)data + 2, size - 2 };
	struct wire_name question;
	size_t at = 12;
	uint16_t type;

	if (size < 2)
		return 0;
	type = (uint16_t)(data[0] << 8 | data[1]);
	if (wire_name(packet, &at, &question) != 0 &&
	    wire_name_read((struct coven_slice){ "a.example", 9 }, &question) != 0)
		return 0;
	if (wire_read(packet, &question, type, &answer) != 0) {
		check(answer.count == 0);
		return 0;
	}
	check(answer.count <= WIRE_RECORDS_MAX && answer.used <= WIRE_ROOM);
	check_records(type);
	return 0;
}

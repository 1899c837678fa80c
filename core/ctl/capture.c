/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pcapng (draft-ietf-opsawg-pcapng): one section, one interface of raw IP, a packet a message. */
#include "ctl/capture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SECTION 0x0A0D0D0Au
#define INTERFACE 1u
#define PACKET 6u
#define LINK_RAW_IP 101
#define OPTION_COMMENT 1
#define OPTION_FLAGS 2
#define HEADS_MAX 48      /* IPv6 and UDP */
#define DATAGRAM_MAX 65507
#define COMMENT_MAX 120

struct capture {
	FILE *to;
	const char *path;
};

struct place {
	int family; /* AF_INET, AF_INET6 */
	uint8_t ip[16];
	uint16_t port;
};

/* Numbers as this machine has them: the section's first word says which way that is. */
static void
put32(FILE *to, uint32_t n)
{
	fwrite(&n, sizeof n, 1, to);
}

static void
put16(FILE *to, uint16_t n)
{
	fwrite(&n, sizeof n, 1, to);
}

static void
put_padded(FILE *to, const void *bytes, size_t length)
{
	static const char none[4];

	fwrite(bytes, 1, length, to);
	fwrite(none, 1, -length & 3, to);
}

static void
put_beginning(FILE *to)
{
	put32(to, SECTION);
	put32(to, 28);
	put32(to, 0x1A2B3C4D);
	put16(to, 1);
	put16(to, 0);
	put32(to, UINT32_MAX); /* how long the section is: not known */
	put32(to, UINT32_MAX);
	put32(to, 28);
	put32(to, INTERFACE);
	put32(to, 20);
	put16(to, LINK_RAW_IP);
	put16(to, 0);
	put32(to, 0); /* packets of any length */
	put32(to, 20);
}

struct capture *
capture_open(const char *path)
{
	struct capture *c = calloc(1, sizeof *c);

	/* who called whom is nobody else's business */
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (c) {
		c->path = path;
		c->to = fd < 0 ? NULL : fdopen(fd, "w");
	}
	if (!c || !c->to) {
		fprintf(stderr, "covenctl: cannot write %s: %s\n", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		free(c);
		return NULL;
	}
	put_beginning(c->to);
	fflush(c->to);
	return c;
}

int
capture_close(struct capture *c)
{
	int error = ferror(c->to) ? EIO : 0;

	if (fclose(c->to) != 0)
		error = errno;
	if (error)
		fprintf(stderr, "covenctl: cannot write %s: %s\n", c->path, strerror(error));
	free(c);
	return error ? -1 : 0;
}

/* -- a message */

static int
nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static uint8_t *
from_hex(const char *hex, size_t *length)
{
	size_t n = strlen(hex) / 2;
	uint8_t *bytes = malloc(n + 1);

	for (size_t i = 0; bytes && i < n; i++) {
		int high = nibble(hex[2 * i]), low = nibble(hex[2 * i + 1]);

		if (high < 0 || low < 0) {
			free(bytes);
			return NULL;
		}
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	*length = n;
	return bytes;
}

/* "192.0.2.1:5060", "[2001:db8::1]:5060", "[fe80::1%2]:5060" */
static int
read_place(const json_t *row, const char *field, struct place *p)
{
	const char *text = json_string_value(json_object_get(row, field));
	const char *port = text ? strrchr(text, ':') : NULL;
	char room[64];
	size_t length;

	if (!port || (size_t)(port - text) >= sizeof room)
		return -1;
	p->port = (uint16_t)strtoul(port + 1, NULL, 10);
	p->family = *text == '[' ? AF_INET6 : AF_INET;
	length = *text == '[' ? strcspn(text + 1, "%]") : (size_t)(port - text);
	memcpy(room, text + (*text == '['), length);
	room[length] = '\0';
	return inet_pton(p->family, room, p->ip) == 1 ? 0 : -1;
}

static uint16_t
checksum(uint32_t sum, const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		sum += i & 1 ? bytes[i] : (uint32_t)bytes[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void
big16(uint8_t *at, size_t n)
{
	at[0] = (uint8_t)(n >> 8);
	at[1] = (uint8_t)n;
}

/* The heads of a datagram; the UDP checksum is right for IPv4 without one, and IPv6 must have it. */
static size_t
write_heads(uint8_t *at, const struct place *from, const struct place *to, const uint8_t *bytes, size_t length)
{
	size_t head = from->family == AF_INET ? 20 : 40;
	uint8_t *udp = at + head;
	uint32_t sum = 17 + (uint32_t)length + 8;

	memset(at, 0, HEADS_MAX);
	if (from->family == AF_INET) {
		at[0] = 0x45;
		big16(at + 2, 28 + length);
		at[8] = 64;
		at[9] = 17;
		memcpy(at + 12, from->ip, 4);
		memcpy(at + 16, to->ip, 4);
		big16(at + 10, checksum(0, at, 20));
	} else {
		at[0] = 0x60;
		big16(at + 4, 8 + length);
		at[6] = 17;
		at[7] = 64;
		memcpy(at + 8, from->ip, 16);
		memcpy(at + 24, to->ip, 16);
	}
	big16(udp, from->port);
	big16(udp + 2, to->port);
	big16(udp + 4, 8 + length);
	if (from->family == AF_INET6) {
		for (size_t i = 0; i < 32; i += 2)
			sum += (uint32_t)at[8 + i] << 8 | at[9 + i];
		for (size_t i = 0; i < 8; i += 2)
			sum += (uint32_t)udp[i] << 8 | udp[i + 1];
		sum = checksum(sum, bytes, length);
		big16(udp + 6, sum ? sum : 0xffff);
	}
	return head + 8;
}

static void
put_packet(FILE *to, const json_t *row, const uint8_t *heads, size_t head, const uint8_t *bytes, size_t length,
           bool out)
{
	uint64_t time = (uint64_t)json_integer_value(json_object_get(row, "time_us"));
	const char *transport = json_string_value(json_object_get(row, "transport"));
	char comment[COMMENT_MAX];
	size_t said = (size_t)snprintf(comment, sizeof comment, "%.16s, worker %d", transport ? transport : "-",
	                               (int)json_integer_value(json_object_get(row, "worker")));
	size_t whole = 32 + ((head + length + 3) & ~(size_t)3) + 4 + ((said + 3) & ~(size_t)3) + 8 + 4;

	put32(to, PACKET);
	put32(to, (uint32_t)whole);
	put32(to, 0);
	put32(to, (uint32_t)(time >> 32));
	put32(to, (uint32_t)time);
	put32(to, (uint32_t)(head + length));
	put32(to, (uint32_t)(head + length));
	fwrite(heads, 1, head, to);
	fwrite(bytes, 1, length, to);
	for (size_t i = head + length; i & 3; i++)
		fputc(0, to);
	put16(to, OPTION_COMMENT);
	put16(to, (uint16_t)said);
	put_padded(to, comment, said);
	put16(to, OPTION_FLAGS);
	put16(to, 4);
	put32(to, out ? 2 : 1);
	put32(to, 0); /* no more options */
	put32(to, (uint32_t)whole);
	fflush(to);
}

int
capture_row(struct capture *c, const json_t *row)
{
	const char *hex = json_string_value(json_object_get(row, "bytes"));
	const char *direction = json_string_value(json_object_get(row, "direction"));
	bool out = direction && !strcmp(direction, "out");
	struct place local, peer;
	uint8_t heads[HEADS_MAX], *bytes;
	size_t length, head;

	if (!hex || read_place(row, "local", &local) < 0 || read_place(row, "peer", &peer) < 0 ||
	    local.family != peer.family)
		return -1;
	bytes = from_hex(hex, &length);
	if (!bytes)
		return -1;
	if (length > DATAGRAM_MAX)
		length = DATAGRAM_MAX; /* of a stream: the rest has no place in a datagram */
	head = write_heads(heads, out ? &local : &peer, out ? &peer : &local, bytes, length);
	put_packet(c->to, row, heads, head, bytes, length, out);
	free(bytes);
	return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* capture: a pcapng file of the messages that `trace` has seen.  Each is written as one datagram with the addresses and
 * ports it had, also when it came on a stream, for that is what Wireshark takes apart by itself; a comment says how it
 * really went. */
#ifndef CTL_CAPTURE_H
#define CTL_CAPTURE_H

#include <jansson.h>

struct capture;

struct capture *capture_open(const char *path); /* NULL: said on stderr */
int capture_row(struct capture *c, const json_t *row); /* -1: no message, not taken */
int capture_close(struct capture *c); /* -1: not all could be written; said */

#endif

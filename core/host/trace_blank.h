/* SPDX-License-Identifier: GPL-3.0-or-later */
/* trace_blank: what a trace may not show: digest responses and nonces, passwords, keys of media. */
#ifndef HOST_TRACE_BLANK_H
#define HOST_TRACE_BLANK_H

#include <stddef.h>

/* In place, byte by byte, so that every length in the message stays true. */
void trace_blank(char *bytes, size_t length);

#endif

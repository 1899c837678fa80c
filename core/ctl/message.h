/* SPDX-License-Identifier: GPL-3.0-or-later */
/* message: a SIP message that `trace` has seen, for people. */
#ifndef CTL_MESSAGE_H
#define CTL_MESSAGE_H

#include <jansson.h>
#include <stdio.h>

/* A line of when and where, the message indented, and an empty line. */
void message_print(const json_t *row, FILE *to);

#endif

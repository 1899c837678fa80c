/* SPDX-License-Identifier: GPL-3.0-or-later */
/* secret: a password that stands neither on the command line nor on the screen. */
#ifndef CTL_SECRET_H
#define CTL_SECRET_H

#define SECRET_MAX 512

/* From the terminal, twice, without echo; else one line of stdin.  -1: said on stderr. */
int secret_read(char room[SECRET_MAX]);

#endif

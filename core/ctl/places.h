/* SPDX-License-Identifier: GPL-3.0-or-later */
/* places: where covend and covenctl look when nobody tells them.  The same rules for both:
 *
 * root       the folders of configure; the control socket is in the data folder
 * others     where XDG puts the files of an ordinary user
 * systemd    the folder of StateDirectory= ($STATE_DIRECTORY) goes before either */
#ifndef CTL_PLACES_H
#define CTL_PLACES_H

#include <stdbool.h>

#define PLACES_PATH 4096

struct places {
	bool own;                  /* an ordinary user's: what is missing is made, and needs no configuration */
	char config[PLACES_PATH];  /* "": cannot be told */
	char data[PLACES_PATH];
	char control[PLACES_PATH]; /* while the data are there: see places_control() */
};

void places_find(struct places *p);
/* The control socket of the server that keeps its data in `data`. */
void places_control(const struct places *p, const char *data, char room[PLACES_PATH]);
/* The folder of this path, and those above it, for their owner alone; what is there is left as it is.  -1: errno. */
int places_make(const char *path);
/* The socket that covenctl asks: an ordinary user's own; the system's, if that is the one that is there. */
void places_ask(char room[PLACES_PATH]);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asks for a password. */
#include "ctl/secret.h"

#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static int
refuse(const char *why)
{
	fprintf(stderr, "covenctl: %s\n", why);
	return -1;
}

/* A line without its end. */
static int
read_line(char room[SECRET_MAX])
{
	size_t length;

	if (!fgets(room, SECRET_MAX, stdin))
		return refuse("no password on standard input");
	length = strlen(room);
	if (length == SECRET_MAX - 1 && room[length - 1] != '\n')
		return refuse("the password is too long");
	while (length && (room[length - 1] == '\n' || room[length - 1] == '\r'))
		room[--length] = '\0';
	return length ? 0 : refuse("an empty password is none");
}

static int
ask(const char *prompt, char room[SECRET_MAX])
{
	int rc;

	fputs(prompt, stderr);
	rc = read_line(room);
	fputc('\n', stderr);
	return rc;
}

int
secret_read(char room[SECRET_MAX])
{
	struct termios before, quiet;
	char again[SECRET_MAX];
	int rc;

	if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &before) < 0)
		return read_line(room);
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	rc = ask("Password: ", room);
	if (rc == 0)
		rc = ask("Again: ", again);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	if (rc == 0 && strcmp(room, again) != 0)
		rc = refuse("the two are not the same");
	explicit_bzero(again, sizeof again);
	return rc;
}

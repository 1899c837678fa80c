#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Makes configure and the Makefile.in files. Two runs at once wait for each other.
set -e
cd "$(dirname "$0")"
exec 9>.autogen.lock
command -v flock >/dev/null && flock 9
autoreconf --force --install --warnings=all,no-portability,no-obsolete "$@" 9>&-

dnl SPDX-License-Identifier: MIT
dnl For plugins that are built with autotools outside of Coven's tree.
dnl
dnl COVEN_PLUGIN([MINIMUM-VERSION]) sets COVEN_CFLAGS, coven_plugindir, COVEN_ABI and
dnl COVEN_PLUGIN_LDFLAGS; LT_INIT comes first. In Makefile.am:
dnl	plugindir = $(coven_plugindir)
dnl	plugin_LTLIBRARIES = mine.la
dnl	mine_la_SOURCES = mine.c
dnl	mine_la_CFLAGS = $(COVEN_CFLAGS)
dnl	mine_la_LDFLAGS = $(COVEN_PLUGIN_LDFLAGS)
AC_DEFUN([COVEN_PLUGIN], [
AC_REQUIRE([PKG_PROG_PKG_CONFIG])
PKG_CHECK_MODULES([COVEN], [coven m4_ifval([$1], [>= $1])])
PKG_CHECK_VAR([coven_plugindir], [coven], [plugindir])
PKG_CHECK_VAR([COVEN_ABI], [coven], [abi])
AC_SUBST([COVEN_PLUGIN_LDFLAGS],
	["-module -avoid-version -shared -export-symbols-regex '^coven_plugin\$\$'"])
])

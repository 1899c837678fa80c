dnl SPDX-License-Identifier: GPL-3.0-or-later
dnl Compiler flags and libraries, for Coven's own configure.ac.

dnl COVEN_FLAGS(VARIABLE, FLAGS): append those of FLAGS that the compiler takes. They are
dnl tried together first, which is the usual case and costs one run of the compiler.
AC_DEFUN([COVEN_FLAGS], [
AC_MSG_CHECKING([for flags of $1])
coven_save=$CFLAGS coven_taken=
for coven_try in "m4_normalize([$2])" m4_normalize([$2])
do
	CFLAGS="$coven_save -Werror $coven_try"
	AC_COMPILE_IFELSE([AC_LANG_PROGRAM([])], [coven_taken="$coven_taken $coven_try"], [continue])
	AS_CASE([$coven_try], [*\ *], [break])
done
CFLAGS=$coven_save
$1="$$1$coven_taken"
AC_MSG_RESULT([${coven_taken:- none}])
])

dnl COVEN_FORTIFY(VARIABLE): the highest _FORTIFY_SOURCE that gives no warning; none if the
dnl user's CFLAGS switch optimisation off.
AC_DEFUN([COVEN_FORTIFY], [
AC_MSG_CHECKING([for _FORTIFY_SOURCE])
coven_save=$CFLAGS coven_taken=no
for coven_try in 3 2
do
	CFLAGS="$coven_save -Werror -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$coven_try"
	AC_COMPILE_IFELSE([AC_LANG_PROGRAM([#include <stdio.h>])], [coven_taken=$coven_try; break])
done
CFLAGS=$coven_save
AS_IF([test $coven_taken != no],
	[$1="$$1 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$coven_taken"])
AC_MSG_RESULT([$coven_taken])
])

dnl COVEN_LINKS(FLAG): stop here rather than at the first link if FLAG does not work.
AC_DEFUN([COVEN_LINKS], [
AC_MSG_CHECKING([whether $CC links with $1])
coven_save=$CFLAGS
CFLAGS="$CFLAGS $1"
AC_LINK_IFELSE([AC_LANG_PROGRAM([])], [AC_MSG_RESULT([yes])],
	[AC_MSG_RESULT([no])
	AC_MSG_ERROR([$CC cannot link with $1])])
CFLAGS=$coven_save
])

dnl COVEN_LIB(PREFIX, LIBRARY, FUNCTION, HEADER, NAME): a library without a usable .pc file;
dnl sets PREFIX_LIBS.
AC_DEFUN([COVEN_LIB], [
AC_CHECK_HEADER([$4], [], [AC_MSG_ERROR([$5: header $4 is missing])])
AC_CHECK_LIB([$2], [$3], [:], [AC_MSG_ERROR([$5: lib$2 is missing])])
AC_SUBST([$1_LIBS], [-l$2])
])

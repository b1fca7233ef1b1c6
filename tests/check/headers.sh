#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every public header compiles alone, as C99 and as C++11, without a warning,
# with every compiler that is here.
. "${srcdir:-$(dirname "$0")/../..}/tests/check/tap.subr"

compilers=
for name in gcc clang; do
	command -v $name >/dev/null 2>&1 && compilers="$compilers $name"
done
test -n "$compilers" || compilers=cc

cxx_of() {
	case $1 in gcc) echo g++ ;; clang) echo clang++ ;; *) echo c++ ;; esac
}

set -- "$srcdir"/include/uow/*.h
words=$(echo $compilers | wc -w)
plan $(($# * words * 2))
flags="-pedantic -Wall -Wextra -Wshadow -Wundef -Werror -fsyntax-only"
for cc in $compilers; do
	cxx=$(cxx_of "$cc")
	for header; do
		name=${header##*/}
		verdict "$name alone, C99, $cc" "$(
			echo "#include <uow/$name>" |
			$cc -std=c99 $flags -Wstrict-prototypes \
				-I"$srcdir/include" -x c - 2>&1)"
		if ! command -v "$cxx" >/dev/null 2>&1; then
			skip "$name alone, C++11, $cxx" "no $cxx"
			continue
		fi
		verdict "$name alone, C++11, $cxx" "$(
			echo "#include <uow/$name>" |
			$cxx -std=c++11 $flags -I"$srcdir/include" \
				-x c++ - 2>&1)"
	done
done
exit $tap_failed

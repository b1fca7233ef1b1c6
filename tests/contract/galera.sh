#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
. "${srcdir:-$(dirname "$0")/../..}/tests/contract/server.subr"
# What a locale could change has been seen with one server.
: "${UOW_TEST_FILTER:=galera/C/*}"
on_server galera

#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
. "${srcdir:-$(dirname "$0")/../..}/tests/contract/server.subr"
# One locale, the one that has shown more; by hand UOW_TEST_FILTER='virtuoso/*'.
: "${UOW_TEST_FILTER:=virtuoso/de/*}"
on_server virtuoso

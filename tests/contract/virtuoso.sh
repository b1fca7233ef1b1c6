#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
. "${srcdir:-$(dirname "$0")/../..}/tests/contract/server.subr"
on_server virtuoso

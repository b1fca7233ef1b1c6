#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Each 7th point, unless told otherwise: a point takes longer on a server.
. "${srcdir:-$(dirname "$0")/../..}/tests/contract/server.subr"
UOW_TORTURE_ON=postgresql UOW_TORTURE_STEP=${UOW_TORTURE_SERVER_STEP:-7}
export UOW_TORTURE_ON UOW_TORTURE_STEP
on_server postgresql tests/torture/torture

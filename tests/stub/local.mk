# SPDX-License-Identifier: BSD-2-Clause
# A driver of our own, for what no good one shows. -rpath makes libtool build
# a shared object that is not installed.
check_LTLIBRARIES += %D%/stub.la
tests_stub_stub_la_SOURCES = %D%/driver.c
tests_stub_stub_la_LDFLAGS = -module -avoid-version -shared -rpath /nowhere

if HAVE_CMOCKA
check_PROGRAMS += %D%/test-stub
endif
EXTRA_tests_stub_test_stub_DEPENDENCIES = %D%/stub.la
tests_stub_test_stub_SOURCES = %D%/test-stub.c

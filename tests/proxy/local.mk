# SPDX-License-Identifier: BSD-2-Clause
# A proxy that loses connections when it is told to; see proxy.c.
noinst_PROGRAMS += %D%/proxy
tests_proxy_proxy_SOURCES = \
	%D%/proxy.c \
	%D%/relay.c \
	%D%/relay.h
tests_proxy_proxy_LDADD =

# For tests that tell it so.
proxy_client = \
	tests/proxy/client.c \
	tests/proxy/proxy.h

if HAVE_CMOCKA
check_PROGRAMS += %D%/test-proxy
endif
EXTRA_tests_proxy_test_proxy_DEPENDENCIES = %D%/proxy
tests_proxy_test_proxy_SOURCES = \
	%D%/test-proxy.c \
	$(proxy_client)
tests_proxy_test_proxy_LDADD = $(CMOCKA_LIBS)

# SPDX-License-Identifier: BSD-2-Clause
# What a program outside of the tree sees: public headers, libuow.so.
example_cppflags = -D_POSIX_C_SOURCE=200809L -I$(top_srcdir)/include

noinst_PROGRAMS += %D%/transfer/transfer
examples_transfer_transfer_SOURCES = \
	%D%/transfer/bank.c \
	%D%/transfer/bank.h \
	%D%/transfer/journal.c \
	%D%/transfer/journal.h \
	%D%/transfer/main.c \
	%D%/transfer/progress.c \
	%D%/transfer/progress.h \
	%D%/transfer/report.c \
	%D%/transfer/report.h \
	%D%/transfer/transfer.c \
	%D%/transfer/transfer.h
examples_transfer_transfer_CPPFLAGS = $(example_cppflags)
examples_transfer_transfer_LDADD = libuow.la
EXTRA_DIST += \
	%D%/transfer/make-journal \
	%D%/transfer/run

noinst_PROGRAMS += %D%/register/register
examples_register_register_SOURCES = \
	%D%/register/register.c
examples_register_register_CPPFLAGS = $(example_cppflags)
examples_register_register_LDADD = libuow.la

noinst_PROGRAMS += %D%/blog/blog
examples_blog_blog_SOURCES = \
	%D%/blog/blog.c
examples_blog_blog_CPPFLAGS = $(example_cppflags)
examples_blog_blog_LDADD = libuow.la

# Its own tests, as a program beside ours would have them.
examples_test_without_db_test_bank_SOURCES = \
	%D%/test-without-db/test-bank.c \
	%D%/transfer/bank.c \
	%D%/transfer/bank.h \
	%D%/transfer/journal.h \
	%D%/transfer/transfer.c \
	%D%/transfer/transfer.h
examples_test_without_db_test_bank_CPPFLAGS = $(example_cppflags)
examples_test_without_db_test_bank_LDADD = libuow.la $(CMOCKA_LIBS)
if HAVE_CMOCKA
check_PROGRAMS += %D%/test-without-db/test-bank
endif
EXTRA_DIST += \
	%D%/test-without-db/fixtures/accounts.csv \
	%D%/test-without-db/fixtures/loyalty.csv \
	%D%/test-without-db/fixtures/opening.csv

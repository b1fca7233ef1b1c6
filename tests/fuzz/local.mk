# SPDX-License-Identifier: BSD-2-Clause
# What is read from outside, given anything. "make check" runs the corpus and
# inputs near it; "make fuzz" looks for others (clang's libFuzzer).
fuzz_tests = \
	%D%/criterion \
	%D%/csv \
	%D%/mapping \
	%D%/profile \
	%D%/redact \
	%D%/values
check_PROGRAMS += $(fuzz_tests)
EXTRA_DIST += %D%/corpus %D%/fuzz.sh

fuzz_common = %D%/fuzz.h %D%/replay.c
tests_fuzz_criterion_SOURCES = %D%/criterion.c $(fuzz_common)
tests_fuzz_csv_SOURCES = %D%/csv.c $(fuzz_common)
tests_fuzz_mapping_SOURCES = %D%/mapping.c $(fuzz_common)
tests_fuzz_profile_SOURCES = %D%/profile.c $(fuzz_common)
tests_fuzz_redact_SOURCES = %D%/redact.c $(fuzz_common)
tests_fuzz_values_SOURCES = %D%/values.c $(fuzz_common)

# So long for each of the programs above; fuzz.sh knows FUZZ_JOBS and others.
FUZZ_SECONDS = 60
fuzz_cflags = -D_POSIX_C_SOURCE=200809L -I$(abs_top_srcdir)/include \
	-I$(abs_top_srcdir)/src $(INIH_CFLAGS)
fuzz:
	srcdir='$(srcdir)' FUZZ_CFLAGS='$(fuzz_cflags)' \
		FUZZ_LIBS='$(INIH_LIBS) $(PTHREAD_LIBS)' \
		FUZZ_FOLDER='$(abs_builddir)/%D%/found' \
		$(SHELL) $(srcdir)/%D%/fuzz.sh $(FUZZ_SECONDS)
.PHONY: fuzz

clean-local: clean-fuzz
clean-fuzz:
	-rm -rf %D%/found
.PHONY: clean-fuzz

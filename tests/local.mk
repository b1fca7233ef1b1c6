# SPDX-License-Identifier: BSD-2-Clause
# Programs and scripts report in TAP. UOW_TEST_REQUIRED=1 in the environment
# turns a test that would be skipped into a failure.
TEST_EXTENSIONS = .sh
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) \
	$(top_srcdir)/build-aux/tap-driver.sh
LOG_COMPILER = $(SHELL) $(srcdir)/%D%/tap-fix.sh
SH_LOG_DRIVER = $(LOG_DRIVER)
SH_LOG_COMPILER = $(SHELL)
AM_TESTS_ENVIRONMENT = \
	CMOCKA_MESSAGE_OUTPUT=TAP; export CMOCKA_MESSAGE_OUTPUT; \
	UOW_DRIVERS_PATH='$(abs_top_srcdir)/drivers-config'; \
	export UOW_DRIVERS_PATH; \
	srcdir='$(srcdir)'; export srcdir; \
	AWK='$(AWK)'; NM='$(NM)'; SED='$(SED)'; export AWK NM SED; \
	CC='$(CC)'; PKG_CONFIG='$(PKG_CONFIG)'; export CC PKG_CONFIG; \
	UOW_LINK_CFLAGS='$(UOW_LINK_CFLAGS)'; export UOW_LINK_CFLAGS; \
	$(sanitizer_environment) $(locale_environment)

# Driver managers and drivers keep memory until the process ends.
sanitizer_environment = \
	LSAN_OPTIONS=suppressions='$(abs_top_srcdir)/%D%/lsan.supp':print_suppressions=0; \
	export LSAN_OPTIONS; \
	TSAN_OPTIONS=suppressions='$(abs_top_srcdir)/%D%/tsan.supp':$$TSAN_OPTIONS; \
	export TSAN_OPTIONS;

# A locale that writes a comma in numbers, made here: systems often have none.
locale_environment = \
	if test -d %D%/locale/de_DE.UTF-8; then \
		LOCPATH='$(abs_top_builddir)/%D%/locale'; export LOCPATH; \
	fi;
check_DATA = %D%/locale/made
%D%/locale/made:
	$(AM_V_at)rm -rf %D%/locale && $(MKDIR_P) %D%/locale
	$(AM_V_GEN)localedef -c -i de_DE -f UTF-8 %D%/locale/de_DE.UTF-8 \
		>/dev/null 2>&1 || \
		echo 'no localedef, or nothing for it: some tests will skip'
	$(AM_V_at)echo made >$@
clean-local: clean-locale
clean-locale:
	-rm -rf %D%/locale
.PHONY: clean-locale

# Tests see the inside of the library; the programs below link its twin.
LDADD = libuow-core.la $(CMOCKA_LIBS)

EXTRA_DIST += %D%/tap-fix.sh %D%/lsan.supp %D%/tsan.supp \
	%D%/valgrind.supp %D%/check/tap.subr

include %D%/unit/local.mk
include %D%/servers/local.mk
include %D%/proxy/local.mk
include %D%/contract/local.mk
include %D%/stub/local.mk
include %D%/torture/local.mk
include %D%/fuzz/local.mk
include %D%/live/local.mk
include %D%/check/local.mk
include %D%/model/local.mk
include %D%/bench/local.mk

memcheck_flags = --quiet --leak-check=full --errors-for-leak-kinds=definite \
	--show-leak-kinds=definite --error-exitcode=99 --keep-debuginfo=yes \
	--suppressions=$(abs_top_srcdir)/%D%/valgrind.supp

# MEMCHECK_TESTS=... for some of them. The torture tests visit each 20th point.
MEMCHECK_TESTS = $(check_PROGRAMS)
memcheck: all
	@test -n '$(VALGRIND)' || { echo 'valgrind is not installed'; exit 1; }
	UOW_TORTURE_STEP=$${UOW_TORTURE_STEP-20} \
		$(MAKE) $(AM_MAKEFLAGS) check TESTS='$(MEMCHECK_TESTS)' \
		LOG_COMPILER='$(LOG_COMPILER) $(SHELL) ./libtool \
		--mode=execute $(VALGRIND) $(memcheck_flags)'
.PHONY: memcheck

# Lines of src/ that the tests ran; fewer than this many percent is an error.
COVERAGE_MINIMUM = 90
coverage:
if COVERAGE
	@test -n '$(GCOVR)' || { echo 'gcovr is not installed'; exit 1; }
	-find . -name '*.gcda' -exec rm -f {} +
	$(MAKE) $(AM_MAKEFLAGS) check
	top=`cd $(srcdir) && pwd` && $(GCOVR) --root "$$top" \
		--filter "$$top/src/" --txt coverage.txt --print-summary \
		--fail-under-line $(COVERAGE_MINIMUM) .
	@echo 'line by line: coverage.txt'
else
	@echo 'configure with --enable-coverage first'; exit 1
endif
.PHONY: coverage

clean-local: clean-coverage
clean-coverage:
	-rm -f coverage.txt
	-find . '(' -name '*.gcda' -o -name '*.gcno' ')' -exec rm -f {} +
.PHONY: clean-coverage

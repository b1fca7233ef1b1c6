# SPDX-License-Identifier: BSD-2-Clause
# exactly_once in Promela, all orders of events tried.
tree_tests += %D%/model.sh
EXTRA_DIST += \
	%D%/README.md \
	%D%/list \
	%D%/model.sh \
	%D%/once.pml

# All of the list, two minutes.
model:
	UOW_TEST_MODEL=all srcdir='$(srcdir)' CC='$(CC)' \
		$(SHELL) $(srcdir)/%D%/model.sh
.PHONY: model

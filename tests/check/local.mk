# SPDX-License-Identifier: BSD-2-Clause
# Properties of the tree itself.
dist_check_SCRIPTS += \
	%D%/headers.sh \
	%D%/install.sh \
	%D%/layers.sh \
	%D%/names.sh \
	%D%/profiles.sh \
	%D%/security.sh \
	%D%/symbols.sh \
	%D%/torture.sh \
	%D%/types.sh

# The same whatever was built, and not quick.
tree_tests = \
	%D%/seeded.sh \
	%D%/sources.sh \
	%D%/style.sh
dist_check_SCRIPTS += $(tree_tests)

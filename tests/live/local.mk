# SPDX-License-Identifier: BSD-2-Clause
# What only a real database shows.
dist_check_SCRIPTS += \
	%D%/examples.sh \
	%D%/iodbc.sh \
	%D%/servers.sh \
	%D%/transfer-kill.sh

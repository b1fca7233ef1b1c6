# SPDX-License-Identifier: BSD-2-Clause
manual_pages = %D%/uow.1 %D%/libuow.3 %D%/uow_run.3 %D%/uow-profile.5 \
	%D%/libuow-types.7
EXTRA_DIST += %D%/uow.1.scd %D%/libuow.3.scd %D%/uow_run.3.scd \
	%D%/uow-profile.5.scd %D%/libuow-types.7.scd
EXTRA_DIST += $(manual_pages)
MAINTAINERCLEANFILES = $(manual_pages)
if HAVE_MAN
man_MANS = $(manual_pages)
endif

make_page = $(AM_V_GEN)$(MKDIR_P) %D% && rm -f $@ && \
	$(SCDOC) <$(srcdir)/$@.scd >$@.tmp && mv $@.tmp $@
%D%/uow.1: %D%/uow.1.scd
	$(make_page)
%D%/libuow.3: %D%/libuow.3.scd
	$(make_page)
%D%/uow_run.3: %D%/uow_run.3.scd
	$(make_page)
%D%/uow-profile.5: %D%/uow-profile.5.scd
	$(make_page)
%D%/libuow-types.7: %D%/libuow-types.7.scd
	$(make_page)

docs: %D%/Doxyfile
	@test -n '$(DOXYGEN)' || { echo 'doxygen is not installed'; exit 1; }
	$(DOXYGEN) %D%/Doxyfile
	@echo 'reference: %D%/html/index.html'
# Targets of folders' names are phony: a folder docs/ exists.
.PHONY: docs

clean-local: clean-docs
clean-docs:
	-rm -rf %D%/html
.PHONY: clean-docs

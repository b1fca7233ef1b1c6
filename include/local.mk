# SPDX-License-Identifier: BSD-2-Clause
uowincludedir = $(includedir)/uow
uowinclude_HEADERS = \
	%D%/uow/cancel.h \
	%D%/uow/common.h \
	%D%/uow/db.h \
	%D%/uow/entity.h \
	%D%/uow/error.h \
	%D%/uow/memory.h \
	%D%/uow/odbc.h \
	%D%/uow/repository.h \
	%D%/uow/schema.h \
	%D%/uow/spec.h \
	%D%/uow/unit.h \
	%D%/uow/uow.h \
	%D%/uow/value.h

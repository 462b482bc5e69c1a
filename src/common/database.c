/*
 * database.c
 *		Which database this is, as objects at a gateway are marked with it.
 */
#include "common/paycore.h"

#include "common/database.h"
#include "common/secrets.h"
#include "miscadmin.h"

const char *
pc_database_mark(void)
{
	static char mark[256];

	snprintf(mark, sizeof(mark), "%s/%u", pc_instance_name(), MyDatabaseId);
	return mark;
}

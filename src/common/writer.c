/*
 * writer.c
 *		In whose name and through what door rows are being written.
 */
#include "common/paycore.h"

#include "catalog/namespace.h"
#include "common/writer.h"
#include "miscadmin.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"

#define SAFE_SEARCH_PATH "pg_catalog, pg_temp"

static PcWriter current_writer;

static int
trigger_depth(void)
{
	return DatumGetInt32(DirectFunctionCall1(pg_trigger_depth, (Datum) 0));
}

PcWriter
pc_writer_push(PcWriter writer)
{
	PcWriter	saved = current_writer;

	current_writer = writer;
	current_writer.trigger_depth = trigger_depth();
	return saved;
}

void
pc_writer_restore(PcWriter saved)
{
	current_writer = saved;
}

PcWriter
pc_writer_for_trigger(void)
{
	static const PcWriter nobody = {.source = PC_SOURCE_SQL};

	return current_writer.trigger_depth + 1 == trigger_depth() ? current_writer : nobody;
}

const char *
pc_source_name(PcSource source)
{
	switch (source)
	{
		case PC_SOURCE_API:
			return "api";
		case PC_SOURCE_WEBHOOK:
			return "webhook";
		case PC_SOURCE_RESPONSE:
			return "response";
		case PC_SOURCE_POLL:
			return "poll";
		case PC_SOURCE_SQL:
			break;
	}
	return "sql";
}

int
pc_search_path_pin(void)
{
	int			level;

	if (strcmp(namespace_search_path, SAFE_SEARCH_PATH) == 0)
		return 0;
	level = NewGUCNestLevel();
	(void) set_config_option("search_path", SAFE_SEARCH_PATH, PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	return level;
}

void
pc_search_path_unpin(int guc_level)
{
	if (guc_level > 0)
		AtEOXact_GUC(true, guc_level);
}

void
pc_identity_assume(PcIdentity *saved, Oid owner)
{
	int			context;

	GetUserIdAndSecContext(&saved->user, &saved->context);
	/* One who stays themselves keeps their search_path, and with it the plans of their foreign keys. */
	saved->guc_level = saved->user != owner ? pc_search_path_pin() : 0;

	context = saved->context | SECURITY_LOCAL_USERID_CHANGE | SECURITY_NOFORCE_RLS;
	if (saved->user != owner && superuser_arg(saved->user) && !superuser_arg(owner))
		context |= SECURITY_RESTRICTED_OPERATION;
	SetUserIdAndSecContext(owner, context);
}

void
pc_identity_drop(const PcIdentity *saved)
{
	SetUserIdAndSecContext(saved->user, saved->context);
	pc_search_path_unpin(saved->guc_level);
}

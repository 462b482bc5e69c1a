/*
 * writer.c
 *		In whose name and through what door rows are being written.
 */
#include "common/paycore.h"

#include "common/search_path.h"
#include "common/writer.h"
#include "miscadmin.h"
#include "utils/fmgrprotos.h"

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

void
pc_identity_assume(PcIdentity *saved, Oid owner)
{
	int			context;

	GetUserIdAndSecContext(&saved->user, &saved->context);
	/* One who stays themselves keeps a search_path of their own, and with it the plans of their foreign keys. */
	saved->guc_level = saved->user != owner || !pc_search_path_is_private() ? pc_settings_fence() : 0;

	context = saved->context | SECURITY_LOCAL_USERID_CHANGE | SECURITY_NOFORCE_RLS;
	if (saved->user != owner && superuser_arg(saved->user) && !superuser_arg(owner))
		context |= SECURITY_RESTRICTED_OPERATION;
	SetUserIdAndSecContext(owner, context);
}

void
pc_identity_lower(PcIdentity *saved, Oid owner)
{
	saved->user = InvalidOid;
	if (superuser() && !superuser_arg(owner))
		pc_identity_assume(saved, owner);
}

void
pc_identity_drop(const PcIdentity *saved)
{
	if (!OidIsValid(saved->user))
		return;
	SetUserIdAndSecContext(saved->user, saved->context);
	pc_settings_unfence(saved->guc_level);
}

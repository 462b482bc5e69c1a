/*
 * install.c
 *		paycore.init(): makes the tables, or brings them up to the extension's version.
 */
#include "common/paycore.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_namespace.h"
#include "commands/extension.h"
#include "common/catalog.h"
#include "common/guarded.h"
#include "common/hooks.h"
#include "common/plan.h"
#include "common/writer.h"
#include "install/install.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "parser/parser.h"
#include "storage/lmgr.h"
#include "storage/proc.h"
#include "utils/builtins.h"
#include "utils/guc.h"

#define INIT_LOCK_TIMEOUT "10s"
#define MOST_DEADLOCKS 5

static const char script[] =
#include "install/script.inc"
;

/* The owner of a table that is there and is not the caller's; InvalidOid where there is none. */
static Oid
other_owner(void)
{
	for (int i = 0; i < PC_NTABLES; i++)
	{
		Oid			owner = pc_table_owner((PcTable) i);

		if (OidIsValid(owner))
			return owner;
	}
	return InvalidOid;
}

/* What is run over a table runs what its owner has put there: a table by somebody else is not taken over. */
static void
check_may_create(Oid schema)
{
	Oid			owner = other_owner();
	char	   *role = GetUserNameFromId(GetUserId(), false);

	if (pc_schema_aclcheck(schema, GetUserId(), ACL_CREATE) != ACLCHECK_OK)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("role \"%s\" may not create tables in schema paycore", role),
				 errhint("As a superuser: GRANT USAGE, CREATE ON SCHEMA paycore TO %s.", quote_identifier(role))));
	if (OidIsValid(owner) && owner != GetUserId())
		ereport(ERROR,
				(errcode(ERRCODE_PC_NOT_OWNER),
				 errmsg("only the owner of paycore's tables may run paycore.init()"),
				 errdetail("They belong to role \"%s\"; this is role \"%s\".", GetUserNameFromId(owner, false), role),
				 errhint("SET ROLE %s first.", quote_identifier(GetUserNameFromId(owner, false)))));
}

/* Waits for nobody for long, tells nothing of what exists, and looks nowhere but where names say. */
static int
enter_settings(void)
{
	int			level = NewGUCNestLevel();

	(void) set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	(void) set_config_option("client_min_messages", "warning", PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	if (LockTimeout == 0)
		(void) set_config_option("lock_timeout", INIT_LOCK_TIMEOUT, PGC_USERSET, PGC_S_SESSION,
								 GUC_ACTION_SAVE, true, 0, false);
	return level;
}

static void
run_script(void *arg)
{
	PcInstallReport *report = (PcInstallReport *) arg;
	List	   *statements = raw_parser(script, RAW_PARSE_DEFAULT);
	ListCell   *cell;

	memset(report, 0, sizeof(*report));
	foreach(cell, statements)
	{
		CHECK_FOR_INTERRUPTS();
		pc_install_statement(lfirst_node(RawStmt, cell), script, statements, report);
	}
}

/* So that the first charge needs no configuration, and reaches nobody. */
static bool
add_default_gateway_account(void)
{
	static PcPlan plan = PC_PLAN("",
								 "INSERT INTO paycore.gateway_accounts (name, gateway, livemode) "
								 "SELECT 'default', 'mock', false "
								 "WHERE NOT EXISTS (SELECT 1 FROM paycore.gateway_accounts WHERE name = 'default')");
	volatile uint64 added;

	PC_WRITE_AS(.source = PC_SOURCE_API, .through_api = true, .reason = "init");
	{
		added = pc_execute(&plan, NULL, NULL, false, 0);
	}
	PC_WRITE_END;
	return added > 0;
}

static void
say(StringInfo text, int count, const char *one, const char *many)
{
	if (count > 0)
		appendStringInfo(text, "%s%d %s", text->len > 0 ? ", " : "", count, count == 1 ? one : many);
}

static text *
report_text(const PcInstallReport *report)
{
	StringInfoData text;

	initStringInfo(&text);
	say(&text, report->tables, "table", "tables");
	say(&text, report->columns, "column", "columns");
	say(&text, report->constraints, "constraint", "constraints");
	say(&text, report->indexes, "index", "indexes");
	say(&text, report->triggers, "trigger", "triggers");
	say(&text, report->policies, "policy", "policies");
	say(&text, report->views, "view", "views");
	if (text.len > 0)
		appendStringInfoString(&text, " created");
	if (report->gateway_account)
		appendStringInfo(&text, "%sgateway account default (mock) added", text.len > 0 ? "; " : "");
	if (report->marked)
		appendStringInfo(&text, "%sdatabase marked for the worker", text.len > 0 ? "; " : "");
	if (text.len == 0)
		appendStringInfoString(&text, "nothing to do");
	return cstring_to_text(text.data);
}

PG_FUNCTION_INFO_V1(paycore_init);
PGDLLEXPORT Datum
paycore_init(PG_FUNCTION_ARGS)
{
	PcInstallReport report;
	Oid			schema = get_namespace_oid(PC_SCHEMA, false);
	int			settings;

	check_may_create(schema);
	settings = enter_settings();

	/* One init() at a time; nobody else takes this lock on a schema. */
	LockDatabaseObject(NamespaceRelationId, schema, 0, ShareUpdateExclusiveLock);

	/* The worker, and whoever else works, locks tables in other orders. */
	pc_run_despite_deadlocks(run_script, &report, MOST_DEADLOCKS);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "paycore: SPI_connect failed");
	report.gateway_account = add_default_gateway_account();
	report.marked = pc_install_mark_database();
	pc_grant_functions(GetUserNameFromId(GetUserId(), false), pc_access_rank("admin"));
	SPI_finish();
	if (pc_wake_launcher_at_commit != NULL)
		pc_wake_launcher_at_commit();

	AtEOXact_GUC(true, settings);
	PG_RETURN_TEXT_P(report_text(&report));
}

/*
 * statement.c
 *		One statement of init()'s script: run, unless what it makes is there.
 *
 * The statements go to the utility processor as trees, so that of an ALTER
 * TABLE only those parts need run that are not yet so: what the owner has
 * changed besides (other defaults, other storage settings) stays.
 */
#include "common/paycore.h"

#include "access/htup_details.h"
#include "access/reloptions.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "commands/policy.h"
#include "commands/trigger.h"
#include "install/install.h"
#include "nodes/makefuncs.h"
#include "tcop/dest.h"
#include "tcop/utility.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

static Oid
relation_of(const RangeVar *name)
{
	return RangeVarGetRelid(name, NoLock, true);
}

static bool
has_reloptions(Oid table, List *options)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(table));
	bool		isnull;
	Datum		stored;
	bool		all = true;
	ListCell   *cell;
	List	   *present = NIL;

	if (!HeapTupleIsValid(tuple))
		return false;
	stored = SysCacheGetAttr(RELOID, tuple, Anum_pg_class_reloptions, &isnull);
	if (!isnull)
		present = untransformRelOptions(stored);
	foreach(cell, options)
	{
		bool		found = false;
		ListCell   *have;

		foreach(have, present)
			found |= strcmp(lfirst_node(DefElem, have)->defname, lfirst_node(DefElem, cell)->defname) == 0;
		all &= found;
	}
	ReleaseSysCache(tuple);
	return all;
}

static bool
row_security_enabled(Oid table)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(table));
	bool		enabled = false;

	if (HeapTupleIsValid(tuple))
	{
		enabled = ((Form_pg_class) GETSTRUCT(tuple))->relrowsecurity;
		ReleaseSysCache(tuple);
	}
	return enabled;
}

/* Whether the column has a default, or is NOT NULL; false where there is no such column (yet). */
static bool
column_has(Oid table, const char *column, AlterTableType what)
{
	HeapTuple	tuple = SearchSysCacheAttName(table, column);
	bool		has = false;

	if (!HeapTupleIsValid(tuple))
		return false;
	if (what == AT_ColumnDefault)
		has = ((Form_pg_attribute) GETSTRUCT(tuple))->atthasdef;
	else
		has = ((Form_pg_attribute) GETSTRUCT(tuple))->attnotnull;
	ReleaseSysCache(tuple);
	return has;
}

static const char *
altered_constraint(const AlterTableCmd *cmd)
{
#if PG_VERSION_NUM >= 180000
	return castNode(ATAlterConstraint, cmd->def)->conname;
#else
	return castNode(Constraint, cmd->def)->conname;
#endif
}

/* Nothing else of a constraint is altered. */
static bool
is_deferrable(Oid table, const char *name)
{
	Oid			constraint = get_relation_constraint_oid(table, name, true);
	HeapTuple	tuple = OidIsValid(constraint) ? SearchSysCache1(CONSTROID, ObjectIdGetDatum(constraint)) : NULL;
	bool		deferrable;

	if (!HeapTupleIsValid(tuple))
		return false;
	deferrable = ((Form_pg_constraint) GETSTRUCT(tuple))->condeferrable;
	ReleaseSysCache(tuple);
	return deferrable;
}

static bool
already_so(Oid table, const AlterTableCmd *cmd)
{
	switch (cmd->subtype)
	{
		case AT_ColumnDefault:
		case AT_SetNotNull:
			return column_has(table, cmd->name, cmd->subtype);
		case AT_AddConstraint:
			return pc_constraint_exists(table, castNode(Constraint, cmd->def)->conname);
		case AT_AlterConstraint:
			return is_deferrable(table, altered_constraint(cmd));
		case AT_DropConstraint:
			return !pc_constraint_exists(table, cmd->name);
		case AT_EnableRowSecurity:
			return row_security_enabled(table);
		case AT_SetRelOptions:
			return has_reloptions(table, castNode(List, cmd->def));
		default:
			return false;
	}
}

/* Leaves the parts that are not yet so; false where none is. */
static bool
trim_alter_table(AlterTableStmt *alter, PcInstallReport *report)
{
	Oid			table = relation_of(alter->relation);
	List	   *left = NIL;
	ListCell   *cell;

	if (!OidIsValid(table))
		return true;
	foreach(cell, alter->cmds)
	{
		AlterTableCmd *cmd = lfirst_node(AlterTableCmd, cell);

		if (already_so(table, cmd))
			continue;
		left = lappend(left, cmd);
		if (cmd->subtype == AT_AddConstraint)
			report->constraints++;
	}
	alter->cmds = left;
	return left != NIL;
}

/* Nobody has rights on a new table but its owner, whatever ALTER DEFAULT PRIVILEGES says of PUBLIC. */
static void
revoke_from_public(RangeVar *relation, ObjectType kind)
{
	GrantStmt  *revoke = makeNode(GrantStmt);
	RoleSpec   *everybody = makeNode(RoleSpec);

	everybody->roletype = ROLESPEC_PUBLIC;
	everybody->location = -1;
	revoke->is_grant = false;
	revoke->targtype = ACL_TARGET_OBJECT;
	revoke->objtype = kind;
	revoke->objects = list_make1(relation);
	revoke->grantees = list_make1(everybody);
	revoke->behavior = DROP_RESTRICT;
	pc_install_execute((Node *) revoke, "REVOKE", -1, 0);
}

static bool
must_run_create_table(CreateStmt *create, List *all, PcInstallReport *report)
{
	Oid			table = relation_of(create->relation);

	if (OidIsValid(table))
	{
		pc_install_upgrade_table(create, table, all, report);
		return false;
	}
	report->tables++;
	return true;
}

static bool
must_run_trigger(CreateTrigStmt *trigger, PcInstallReport *report)
{
	Oid			table = relation_of(trigger->relation);

	/* Replaced each time: an upgrade may have changed its arguments. */
	if (OidIsValid(table) && !OidIsValid(get_trigger_oid(table, trigger->trigname, true)))
		report->triggers++;
	return true;
}

static bool
must_run(Node *statement, List *all, PcInstallReport *report)
{
	switch (nodeTag(statement))
	{
		case T_CreateStmt:
			return must_run_create_table((CreateStmt *) statement, all, report);
		case T_AlterTableStmt:
			return trim_alter_table((AlterTableStmt *) statement, report);
		case T_IndexStmt:
			{
				IndexStmt  *index = (IndexStmt *) statement;
				RangeVar   *name = makeRangeVar(index->relation->schemaname, index->idxname, -1);

				if (OidIsValid(relation_of(name)))
					return false;
				report->indexes++;
				return true;
			}
		case T_CreatePolicyStmt:
			{
				CreatePolicyStmt *policy = (CreatePolicyStmt *) statement;
				Oid			table = relation_of(policy->table);

				if (OidIsValid(table) && OidIsValid(get_relation_policy_oid(table, policy->policy_name, true)))
					return false;
				report->policies++;
				return true;
			}
		case T_CreateSeqStmt:
			return !OidIsValid(relation_of(((CreateSeqStmt *) statement)->sequence));
		case T_CreateTrigStmt:
			return must_run_trigger((CreateTrigStmt *) statement, report);
		case T_ViewStmt:
			report->views += !OidIsValid(relation_of(((ViewStmt *) statement)->view));
			return true;
		default:
			return true;
	}
}

void
pc_install_statement(RawStmt *raw, const char *script, List *all, PcInstallReport *report)
{
	RangeVar   *made = NULL;
	ObjectType	kind = OBJECT_TABLE;

	if (!must_run(raw->stmt, all, report))
		return;
	if (IsA(raw->stmt, CreateStmt))
		made = copyObject(((CreateStmt *) raw->stmt)->relation);
	else if (IsA(raw->stmt, CreateSeqStmt))
	{
		made = copyObject(((CreateSeqStmt *) raw->stmt)->sequence);
		kind = OBJECT_SEQUENCE;
	}
	else if (IsA(raw->stmt, ViewStmt) && !OidIsValid(relation_of(((ViewStmt *) raw->stmt)->view)))
		made = copyObject(((ViewStmt *) raw->stmt)->view);

	pc_install_execute(raw->stmt, script, raw->stmt_location, raw->stmt_len);
	if (made != NULL)
		revoke_from_public(made, kind);
}

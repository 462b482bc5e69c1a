/*
 * catalog.c
 *		Oids of paycore's own types and tables, cached per backend.
 */
#include "common/paycore.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "common/catalog.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

static const struct
{
	const char *table;
	const char *row_type;
}			table_names[PC_NTABLES] = {
	[PC_GATEWAY_ACCOUNTS] = {"gateway_accounts", "gateway_account"},
	[PC_BILLING_ACCOUNTS] = {"billing_accounts", "billing_account"},
	[PC_PAYMENT_METHODS] = {"payment_methods", "payment_method"},
	[PC_PAYMENT_INTENTS] = {"payment_intents", "payment_intent"},
	[PC_PAYMENT_ATTEMPTS] = {"payment_attempts", "payment_attempt"},
	[PC_PAYMENTS] = {"payments", "payment"},
	[PC_REFUNDS] = {"refunds", "refund"},
	[PC_STATUS_CHANGES] = {"status_changes", "status_change"},
	[PC_IDEMPOTENCY_KEYS] = {"idempotency_keys", "idempotency_key"},
	[PC_OUTBOX] = {"outbox", "outbox_row"},
	[PC_WEBHOOK_EVENTS] = {"webhook_events", "webhook_event"},
};

static const char *const type_names[PC_NTYPES] = {
	[PC_TYPE_MONEY] = "money_cents",
	[PC_TYPE_CURRENCY] = "currency",
	[PC_TYPE_INTENT_STATUS] = "intent_status",
	[PC_TYPE_PAYMENT_STATUS] = "payment_status",
	[PC_TYPE_REFUND_STATUS] = "refund_status",
};

static struct
{
	bool		callbacks;
	uint64		generation;
	Oid			tables[PC_NTABLES];
	Oid			owner;
	Oid			types[PC_NTYPES];
	uint32		type_hashes[PC_NTYPES];
	char	   *column_lists[PC_NTABLES];
}			cache = {.generation = 1};

static void
forget_all(void)
{
	memset(cache.tables, 0, sizeof(cache.tables));
	memset(cache.types, 0, sizeof(cache.types));
	memset(cache.column_lists, 0, sizeof(cache.column_lists));
	cache.owner = InvalidOid;
	cache.generation++;
}

static void
relation_changed(Datum arg, Oid relation)
{
	if (relation == InvalidOid)
	{
		memset(cache.tables, 0, sizeof(cache.tables));
		cache.owner = InvalidOid;
		return;
	}
	for (int i = 0; i < PC_NTABLES; i++)
	{
		if (cache.tables[i] == relation)
		{
			cache.tables[i] = InvalidOid;
			cache.owner = InvalidOid;
		}
	}
}

static void
type_changed(Datum arg, int cacheid, uint32 hash)
{
	for (int i = 0; i < PC_NTYPES; i++)
	{
		if (OidIsValid(cache.types[i]) && (hash == 0 || hash == cache.type_hashes[i]))
		{
			forget_all();
			return;
		}
	}
}

static void
register_callbacks(void)
{
	if (cache.callbacks)
		return;
	CacheRegisterRelcacheCallback(relation_changed, (Datum) 0);
	CacheRegisterSyscacheCallback(TYPEOID, type_changed, (Datum) 0);
	cache.callbacks = true;
}

const char *
pc_table_name(PcTable table)
{
	return table_names[table].table;
}

const char *
pc_row_type_name(PcTable table)
{
	return table_names[table].row_type;
}

static Oid
schema_oid(bool missing_ok)
{
	return get_namespace_oid(PC_SCHEMA, missing_ok);
}

Oid
pc_table_oid(PcTable table, bool missing_ok)
{
	Oid			schema;

	register_callbacks();
	if (OidIsValid(cache.tables[table]))
		return cache.tables[table];

	schema = schema_oid(true);
	if (OidIsValid(schema))
		cache.tables[table] = get_relname_relid(table_names[table].table, schema);
	if (!OidIsValid(cache.tables[table]) && !missing_ok)
		ereport(ERROR,
				(errcode(ERRCODE_PC_NOT_INITIALISED),
				 errmsg("table paycore.%s does not exist in this database", table_names[table].table),
				 errhint("Run SELECT paycore.init() as the role that shall own the tables.")));
	return cache.tables[table];
}

static Oid
relation_owner(Oid relation)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
	Oid			owner = InvalidOid;

	if (HeapTupleIsValid(tuple))
	{
		owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
		ReleaseSysCache(tuple);
	}
	return owner;
}

Oid
pc_table_owner(PcTable table)
{
	Oid			relation = pc_table_oid(table, true);

	return OidIsValid(relation) ? relation_owner(relation) : InvalidOid;
}

Oid
pc_owner(bool missing_ok)
{
	if (!OidIsValid(cache.owner))
	{
		Oid			outbox = pc_table_oid(PC_OUTBOX, missing_ok);

		if (OidIsValid(outbox))
			cache.owner = relation_owner(outbox);
	}
	return cache.owner;
}

Oid
pc_type_oid(PcType type)
{
	register_callbacks();
	if (!OidIsValid(cache.types[type]))
	{
		Oid			schema = schema_oid(true);
		Oid			found = InvalidOid;

		if (OidIsValid(schema))
			found = GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid,
									CStringGetDatum(type_names[type]), ObjectIdGetDatum(schema));
		if (!OidIsValid(found))
			ereport(ERROR,
					(errcode(ERRCODE_PC_NOT_INITIALISED),
					 errmsg("type paycore.%s does not exist in this database", type_names[type]),
					 errhint("Run CREATE EXTENSION paycore.")));
		cache.type_hashes[type] = GetSysCacheHashValue1(TYPEOID, ObjectIdGetDatum(found));
		cache.types[type] = found;
	}
	return cache.types[type];
}

static Oid
row_type_oid(PcTable table)
{
	Oid			found = GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid,
										CStringGetDatum(table_names[table].row_type),
										ObjectIdGetDatum(schema_oid(false)));

	if (!OidIsValid(found))
		ereport(ERROR,
				(errcode(ERRCODE_PC_NOT_INITIALISED),
				 errmsg("type paycore.%s does not exist in this database", table_names[table].row_type),
				 errhint("Run CREATE EXTENSION paycore.")));
	return found;
}

TupleDesc
pc_row_desc(PcTable table)
{
	return lookup_rowtype_tupdesc_copy(row_type_oid(table), -1);
}

const char *
pc_column_list(PcTable table)
{
	StringInfoData list;
	TupleDesc	desc;

	(void) pc_type_oid(PC_TYPE_MONEY);	/* so that a dropped extension empties the cache */
	if (cache.column_lists[table] != NULL)
		return cache.column_lists[table];

	desc = pc_row_desc(table);
	initStringInfo(&list);
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (att->attisdropped)
			continue;
		appendStringInfo(&list, "%s%s", list.len > 0 ? ", " : "", quote_identifier(NameStr(att->attname)));
	}
	cache.column_lists[table] = MemoryContextStrdup(TopMemoryContext, list.data);
	pfree(list.data);
	return cache.column_lists[table];
}

uint64
pc_catalog_generation(void)
{
	return cache.generation;
}

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
#include "miscadmin.h"
#include "parser/parse_coerce.h"
#include "utils/acl.h"
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
	[PC_PAYOUTS] = {"payouts", "payout"},
	[PC_BALANCE_TRANSACTIONS] = {"balance_transactions", "balance_transaction"},
	[PC_GATEWAY_FEEDS] = {"gateway_feeds", "gateway_feed"},
	[PC_ACCOUNT_TRANSACTIONS] = {"account_transactions", "account_transaction"},
	[PC_ACCOUNT_BALANCES] = {"account_balances", "account_balance"},
	[PC_LEDGER_ACCOUNTS] = {"ledger_accounts", "ledger_account"},
	[PC_LEDGER_ENTRIES] = {"ledger_entries", "ledger_entry"},
	[PC_LEDGER_BALANCES] = {"ledger_balances", "ledger_balance_row"},
	[PC_LEDGER_PERIODS] = {"ledger_periods", "ledger_period"},
	[PC_LEDGER_DAYS] = {"ledger_days", "ledger_day"},
	[PC_LEDGER_CLOCK] = {"ledger_clock", "ledger_clock_row"},
	[PC_SETUP_INTENTS] = {"setup_intents", "setup_intent"},
	[PC_MANDATES] = {"mandates", "mandate"},
	[PC_CHANGE_CONSUMERS] = {"change_consumers", "change_consumer"},
	[PC_DISPUTES] = {"disputes", "dispute"},
	[PC_EARLY_FRAUD_WARNINGS] = {"early_fraud_warnings", "early_fraud_warning"},
	[PC_REVIEWS] = {"reviews", "review"},
	[PC_SELLERS] = {"sellers", "seller"},
	[PC_RECEIPTS] = {"receipts", "receipt"},
	[PC_WEBHOOK_ENDPOINTS] = {"webhook_endpoints", "webhook_endpoint"},
	[PC_PRODUCTS] = {"products", "product"},
	[PC_PRODUCT_FEATURES] = {"product_features", "product_feature"},
	[PC_PRICES] = {"prices", "price"},
	[PC_PRICE_CURRENCIES] = {"price_currencies", "price_currency"},
	[PC_METERS] = {"meters", "meter"},
	[PC_USAGE_EVENTS] = {"usage_events", "usage_event"},
	[PC_USAGE_SUMS] = {"usage_sums", "usage_sum"},
	[PC_USAGE_VALUES] = {"usage_values", "usage_value"},
	[PC_USAGE_HORIZONS] = {"usage_horizons", "usage_horizon_row"},
	[PC_USAGE_PERIODS] = {"usage_periods", "usage_period"},
	[PC_USAGE_THRESHOLDS] = {"usage_thresholds", "usage_threshold"},
	[PC_USAGE_ALERTS] = {"usage_alerts", "usage_alert"},
	[PC_TAX_RATES] = {"tax_rates", "tax_rate"},
	[PC_PRODUCT_TAX_RATES] = {"product_tax_rates", "product_tax_rate"},
	[PC_TEST_CLOCKS] = {"test_clocks", "test_clock"},
	[PC_SUBSCRIPTIONS] = {"subscriptions", "subscription"},
	[PC_SUBSCRIPTION_ITEMS] = {"subscription_items", "subscription_item"},
	[PC_COUPONS] = {"coupons", "coupon"},
	[PC_PROMOTION_CODES] = {"promotion_codes", "promotion_code"},
	[PC_DISCOUNTS] = {"discounts", "discount"},
	[PC_BILLING_SCHEDULES] = {"billing_schedules", "billing_schedule"},
	[PC_INVOICE_SERIES] = {"invoice_series", "invoice_series_row"},
	[PC_INVOICES] = {"invoices", "invoice"},
	[PC_INVOICE_LINES] = {"invoice_lines", "invoice_line"},
	[PC_INVOICE_LINE_DISCOUNTS] = {"invoice_line_discounts", "invoice_line_discount"},
	[PC_EXTRA_CHARGES] = {"extra_charges", "extra_charge"},
	[PC_MRR_MOVEMENTS] = {"mrr_movements", "mrr_movement"},
	[PC_SUBSCRIPTION_CHANGES] = {"subscription_changes", "subscription_change"},
	[PC_INVOICE_PAYMENTS] = {"invoice_payments", "invoice_payment"},
	[PC_CREDIT_NOTES] = {"credit_notes", "credit_note"},
	[PC_CREDIT_NOTE_LINES] = {"credit_note_lines", "credit_note_line"},
	[PC_DUNNING_POLICIES] = {"dunning_policies", "dunning_policy"},
	[PC_COLLECTIONS] = {"collections", "collection"},
	[PC_DUNNING_STEPS] = {"dunning_steps", "dunning_step"},
};

/* The columns that are never null. */
static const struct
{
	const char *table;
	const char *column;
}			not_null[] = {
#include "common/not_null.inc"
};

static const char *const type_names[PC_NTYPES] = {
	[PC_TYPE_MONEY] = "money_cents",
	[PC_TYPE_CURRENCY] = "currency",
	[PC_TYPE_INTENT_STATUS] = "intent_status",
	[PC_TYPE_PAYMENT_STATUS] = "payment_status",
	[PC_TYPE_REFUND_STATUS] = "refund_status",
	[PC_TYPE_PAYOUT_STATUS] = "payout_status",
	[PC_TYPE_SETUP_STATUS] = "setup_intent_status",
	[PC_TYPE_MANDATE_STATUS] = "mandate_status",
	[PC_TYPE_DISPUTE_STATUS] = "dispute_status",
	[PC_TYPE_BILLING_INTERVAL] = "billing_interval",
	[PC_TYPE_SUBSCRIPTION_STATUS] = "subscription_status",
	[PC_TYPE_INVOICE_STATUS] = "invoice_status",
};

static struct
{
	bool		callbacks;
	uint64		generation;
	uint64		epoch;			/* grows with the changes of each table */
	bool		checked[PC_NTABLES];
	Oid			tables[PC_NTABLES];
	uint64		changes[PC_NTABLES];
	Oid			keys[PC_NTABLES];	/* pc_announced_key(), of tables whose rows are remembered */
	uint64		row_changes[PC_NTABLES];
	uint64		function_changes;
	Oid			owner;
	Oid			types[PC_NTYPES];
	uint32		type_hashes[PC_NTYPES];
	char	   *column_lists[PC_NTABLES];
}			cache = {.generation = 1, .epoch = 1};

static void
forget_tables(void)
{
	for (int i = 0; i < PC_NTABLES; i++)
		cache.changes[i]++;
	memset(cache.tables, 0, sizeof(cache.tables));
	memset(cache.keys, 0, sizeof(cache.keys));
	memset(cache.checked, false, sizeof(cache.checked));
	cache.owner = InvalidOid;
	cache.epoch++;
}

static void
forget_all(void)
{
	forget_tables();
	memset(cache.types, 0, sizeof(cache.types));
	memset(cache.column_lists, 0, sizeof(cache.column_lists));
	cache.generation++;
}

static void
relation_changed(Datum arg, Oid relation)
{
	if (relation == InvalidOid)
	{
		forget_tables();
		return;
	}
	for (int i = 0; i < PC_NTABLES; i++)
	{
		if (cache.tables[i] == relation)
		{
			cache.changes[i]++;
			cache.tables[i] = InvalidOid;
			cache.keys[i] = InvalidOid;
			cache.owner = InvalidOid;
			cache.checked[i] = false;
			cache.epoch++;
		}
		else if (cache.keys[i] == relation)
		{
			cache.row_changes[i]++;
			cache.keys[i] = InvalidOid;
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
function_changed(Datum arg, int cacheid, uint32 hash)
{
	cache.function_changes++;
}

static void
register_callbacks(void)
{
	if (cache.callbacks)
		return;
	CacheRegisterRelcacheCallback(relation_changed, (Datum) 0);
	CacheRegisterSyscacheCallback(TYPEOID, type_changed, (Datum) 0);
	CacheRegisterSyscacheCallback(PROCOID, function_changed, (Datum) 0);
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

PcTable
pc_table_by_name(const char *name, size_t length)
{
	PcTable		table = 0;

	while (table < PC_NTABLES &&
		   (strncmp(table_names[table].table, name, length) != 0 || table_names[table].table[length] != '\0'))
		table++;
	return table;
}

PcTable
pc_table_of_row_type(const char *name)
{
	PcTable		table = 0;

	while (table < PC_NTABLES && strcmp(table_names[table].row_type, name) != 0)
		table++;
	return table;
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

uint64
pc_table_changes(PcTable table)
{
	(void) pc_table_oid(table, false);
	return cache.changes[table] + 1;
}

uint64
pc_function_changes(void)
{
	register_callbacks();
	return cache.function_changes;
}

Oid
pc_announced_key(Oid schema, const char *table)
{
	char	   *name = psprintf("%s_pkey", table);
	Oid			key = get_relname_relid(name, schema);

	pfree(name);
	return key;
}

uint64
pc_row_changes(PcTable table)
{
	Oid			relation = pc_table_oid(table, false);

	if (!OidIsValid(cache.keys[table]))
		cache.keys[table] = pc_announced_key(get_rel_namespace(relation), table_names[table].table);
	return cache.changes[table] + cache.row_changes[table] + 1;
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

bool
pc_has_owner_rights(void)
{
	return has_privs_of_role(GetUserId(), pc_owner(false));
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
					 errhint("Run CREATE EXTENSION paycore CASCADE.")));
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
				 errhint("Run CREATE EXTENSION paycore CASCADE.")));
	return found;
}

TupleDesc
pc_row_desc(PcTable table)
{
	return lookup_rowtype_tupdesc_copy(row_type_oid(table), -1);
}

TupleDesc
pc_row_desc_held(PcTable table)
{
	return lookup_rowtype_tupdesc(row_type_oid(table), -1);
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

static bool
is_never_null(PcTable table, const char *column)
{
	for (size_t i = 0; i < lengthof(not_null); i++)
	{
		if (strcmp(not_null[i].table, table_names[table].table) == 0 && strcmp(not_null[i].column, column) == 0)
			return true;
	}
	return false;
}

static void
check_column(PcTable table, Oid relation, Form_pg_attribute wanted)
{
	HeapTuple	tuple = SearchSysCacheAttName(relation, NameStr(wanted->attname));
	Oid			type = InvalidOid;
	bool		nullable = false;

	if (HeapTupleIsValid(tuple))
	{
		type = ((Form_pg_attribute) GETSTRUCT(tuple))->atttypid;
		nullable = !((Form_pg_attribute) GETSTRUCT(tuple))->attnotnull;
		ReleaseSysCache(tuple);
	}
	if (!OidIsValid(type) || !IsBinaryCoercible(type, wanted->atttypid))
		ereport(ERROR,
				(errcode(ERRCODE_PC_NOT_INITIALISED),
				 errmsg("column \"%s\" of table paycore.%s is not of type %s",
						NameStr(wanted->attname), table_names[table].table, format_type_be_qualified(wanted->atttypid)),
				 OidIsValid(type) ? errdetail("It is of type %s.", format_type_be_qualified(type)) :
				 errdetail("There is no such column."),
				 errhint("Run SELECT paycore.init() as the owner of the tables, or give the column its type back.")));
	if (nullable && is_never_null(table, NameStr(wanted->attname)))
		ereport(ERROR,
				(errcode(ERRCODE_PC_NOT_INITIALISED),
				 errmsg("column \"%s\" of table paycore.%s may be null", NameStr(wanted->attname), table_names[table].table),
				 errhint("Run SELECT paycore.init() as the owner of the tables: it makes the column NOT NULL again.")));
}

static void
check_table(PcTable table)
{
	Oid			relation = pc_table_oid(table, false);
	char		kind = get_rel_relkind(relation);
	TupleDesc	wanted;

	if (kind != RELKIND_RELATION && kind != RELKIND_PARTITIONED_TABLE)
		ereport(ERROR,
				(errcode(ERRCODE_PC_NOT_INITIALISED),
				 errmsg("paycore.%s is not a table", table_names[table].table),
				 errhint("Put the table back, and run SELECT paycore.init() as its owner.")));
	wanted = pc_row_desc(table);
	for (int i = 0; i < wanted->natts; i++)
	{
		if (!TupleDescAttr(wanted, i)->attisdropped)
			check_column(table, relation, TupleDescAttr(wanted, i));
	}
	FreeTupleDesc(wanted);
}

void
pc_table_check(PcTable table)
{
	if (cache.checked[table])
		return;
	cache.checked[table] = true;	/* before the look: what changes meanwhile unsets it */
	PG_TRY();
	{
		check_table(table);
	}
	PG_CATCH();
	{
		cache.checked[table] = false;
		PG_RE_THROW();
	}
	PG_END_TRY();
}

void
pc_tables_check(void)
{
	for (int i = 0; i < PC_NTABLES; i++)
		pc_table_check((PcTable) i);
}

uint64
pc_tables_epoch(void)
{
	return cache.epoch;
}

uint64
pc_catalog_generation(void)
{
	return cache.generation;
}

/*
 * chart.c
 *		Accounts of the ledger, remembered per backend: their rows never change
 *		in what is kept here, and never go away.
 */
#include "common/paycore.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_class.h"
#include "common/hashfn.h"
#include "common/insert.h"
#include "common/writer.h"
#include "ledger/internal.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "types/uuid.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#define MAX_REMEMBERED 50000

static PcPlan find_plan = PC_PLAN("tct",
	"SELECT id FROM paycore.ledger_accounts WHERE code OPERATOR(pg_catalog.=) $1"
	" AND currency OPERATOR(paycore.=) $2 AND tenant_id OPERATOR(pg_catalog.=) $3");

static PcPlan open_plan = PC_PLAN("uttttct",
	"INSERT INTO paycore.ledger_accounts (id, tenant_id, code, name, kind, currency, normal_side)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (code, currency, tenant_id) DO NOTHING");

static PcPlan currency_plan = PC_PLAN("ut",
	"SELECT currency FROM paycore.ledger_accounts"
	" WHERE id OPERATOR(pg_catalog.=) $1 AND tenant_id OPERATOR(pg_catalog.=) $2");

/* Hashes only lead to an entry: the names themselves are compared. */
typedef struct ChartKey
{
	int			account;
	int			currency;
	uint64		names;
} ChartKey;

typedef struct ChartEntry
{
	ChartKey	key;
	char	   *tenant;
	char	   *code;
	pg_uuid_t	id;
} ChartEntry;

typedef struct AccountEntry
{
	pg_uuid_t	id;				/* key */
	char	   *tenant;
	PcCurrency	currency;
} AccountEntry;

static struct
{
	bool		callbacks;
	MemoryContext context;		/* NULL: nothing is remembered */
	uint64		changes;
	char	   *last_tenant;
	HTAB	   *chart;
	HTAB	   *accounts;
}			cache;

static void
forget(void)
{
	if (cache.context != NULL)
		MemoryContextDelete(cache.context);
	cache.context = NULL;
}

/* What this transaction opened may be gone. */
static void
transaction_ends(XactEvent event, void *arg)
{
	if (event == XACT_EVENT_ABORT)
		forget();
}

static void
subtransaction_ends(SubXactEvent event, SubTransactionId mine, SubTransactionId parent, void *arg)
{
	if (event == SUBXACT_EVENT_ABORT_SUB)
		forget();
}

static HTAB *
make_table(const char *name, Size key, Size entry)
{
	HASHCTL		ctl = {.keysize = key, .entrysize = entry, .hcxt = cache.context};

	return hash_create(name, 128, &ctl, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

static void
begin(void)
{
	uint64		changes = pc_table_changes(PC_LEDGER_ACCOUNTS);

	if (!cache.callbacks)
	{
		RegisterXactCallback(transaction_ends, NULL);
		RegisterSubXactCallback(subtransaction_ends, NULL);
		cache.callbacks = true;
	}
	if (cache.context != NULL && cache.changes == changes && hash_get_num_entries(cache.accounts) < MAX_REMEMBERED &&
		hash_get_num_entries(cache.chart) < MAX_REMEMBERED)
		return;
	forget();
	cache.context = AllocSetContextCreate(TopMemoryContext, "paycore ledger accounts", ALLOCSET_DEFAULT_SIZES);
	cache.chart = make_table("paycore chart", sizeof(ChartKey), sizeof(ChartEntry));
	cache.accounts = make_table("paycore ledger accounts", sizeof(pg_uuid_t), sizeof(AccountEntry));
	cache.last_tenant = NULL;
	cache.changes = changes;
}

/* Mostly one tenant follows itself. */
static char *
keep_tenant(const char *tenant)
{
	if (cache.last_tenant == NULL || strcmp(cache.last_tenant, tenant) != 0)
		cache.last_tenant = MemoryContextStrdup(cache.context, tenant);
	return cache.last_tenant;
}

static const char *
code_of(const PcFactOf *of, PcChartAccount account)
{
	const char *code = pc_chart_row(account, of->manual)->code;

	return account == PC_CHART_FUNDS ? psprintf("%s:%s", code, of->gateway_account) : code;
}

static bool
find(const PcFactOf *of, const char *code, PcCurrency currency, pg_uuid_t *id)
{
	Datum		values[3] = {CStringGetTextDatum(code), PcCurrencyGetDatum(currency), CStringGetTextDatum(of->tenant)};

	if (pc_execute(&find_plan, values, NULL, false, 1) == 0)
		return false;
	*id = pc_get_id(0, 1);
	return true;
}

static void
open_chart_rows(const PcFactOf *of, PcCurrency currency)
{
	for (int i = 0; i < PC_NCHART; i++)
	{
		const PcChartRow *row = pc_chart_row(i, of->manual);
		pg_uuid_t	id;
		Datum		values[7] = {
			UUIDPGetDatum(&id), CStringGetTextDatum(of->tenant), (Datum) 0, CStringGetTextDatum(row->name),
			CStringGetTextDatum(row->kind), PcCurrencyGetDatum(currency), CStringGetTextDatum(row->normal_side)
		};

		if (i == PC_CHART_FUNDS && of->gateway_account == NULL)
			continue;
		values[2] = CStringGetTextDatum(code_of(of, i));
		pc_uuid_v7(&id);
		(void) pc_execute(&open_plan, values, NULL, false, 0);
	}
}

/*
 * Sessions that open the same accounts in another order would wait in a circle
 * at the unique index: so one session at a time, until it has committed.
 */
static void
open_chart(const PcFactOf *of, PcCurrency currency)
{
	LOCKTAG		tag;

	SET_LOCKTAG_OBJECT(tag, MyDatabaseId, RelationRelationId, pc_table_oid(PC_LEDGER_ACCOUNTS, false), 0);
	(void) LockAcquire(&tag, ExclusiveLock, false, false);
	PC_WRITE_AS(.source = PC_SOURCE_SQL, .through_api = true)
	{
		open_chart_rows(of, currency);
	}
	PC_WRITE_END;
}

static pg_uuid_t
find_or_open(const PcFactOf *of, PcChartAccount account, PcCurrency currency)
{
	const char *code = code_of(of, account);
	pg_uuid_t	id;

	SPI_connect();
	if (!find(of, code, currency, &id))
	{
		open_chart(of, currency);
		if (!find(of, code, currency, &id))
			pc_row_vetoed(PC_LEDGER_ACCOUNTS);
	}
	SPI_finish();
	return id;
}

static uint64
hash_text(const char *text)
{
	return text != NULL ? DatumGetUInt64(hash_any_extended((const unsigned char *) text, (int) strlen(text), 0)) : 0;
}

/* "cash:" and "gateway_balance:" of one name are two. */
static bool
is_meant(const ChartEntry *entry, const PcFactOf *of, PcChartAccount account)
{
	if (strcmp(entry->tenant, of->tenant) != 0)
		return false;
	return account != PC_CHART_FUNDS || strcmp(entry->code, of->gateway_account) == 0;
}

pg_uuid_t
pc_chart_account(const PcFactOf *of, PcChartAccount account, PcCurrency currency)
{
	ChartKey	key;
	ChartEntry *entry;
	pg_uuid_t	id;
	bool		found;

	if (account == PC_CHART_FUNDS && of->gateway_account == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_NOT_NULL_VIOLATION),
				 errmsg("money that has moved is at some gateway account"),
				 errhint("Give the row its gateway_account.")));
	begin();
	memset(&key, 0, sizeof(key));
	key.account = account == PC_CHART_FUNDS && of->manual ? PC_NCHART : (int) account;
	key.currency = currency;
	key.names = hash_text(of->tenant) ^ (account == PC_CHART_FUNDS ? hash_text(of->gateway_account) * 31 : 0);
	entry = hash_search(cache.chart, &key, HASH_FIND, NULL);
	if (entry != NULL && is_meant(entry, of, account))
		return entry->id;

	id = find_or_open(of, account, currency);
	begin();
	entry = hash_search(cache.chart, &key, HASH_ENTER, &found);
	entry->tenant = keep_tenant(of->tenant);
	entry->code = account == PC_CHART_FUNDS ? MemoryContextStrdup(cache.context, of->gateway_account) : NULL;
	entry->id = id;
	return id;
}

/* By a statement: the table is not as init() made it. */
static bool
read_by_statement(const char *tenant, const pg_uuid_t *id, PcCurrency *currency)
{
	Datum		values[2] = {UUIDPGetDatum(id), CStringGetTextDatum(tenant)};
	bool		isnull;
	bool		found;

	SPI_connect();
	found = pc_execute(&currency_plan, values, NULL, false, 1) > 0;
	if (found)
		*currency = DatumGetPcCurrency(pc_get(0, 1, &isnull));
	SPI_finish();
	return found;
}

static bool
is_meant_row(Relation table, HeapTuple row, const char *tenant, PcCurrency *currency)
{
	TupleDesc	desc = RelationGetDescr(table);
	bool		isnull;
	Datum		owner = heap_getattr(row, SPI_fnumber(desc, "tenant_id"), desc, &isnull);

	if (isnull || strcmp(TextDatumGetCString(owner), tenant) != 0)
		return false;
	*currency = DatumGetPcCurrency(heap_getattr(row, SPI_fnumber(desc, "currency"), desc, &isnull));
	return !isnull;
}

static bool
read_by_key(Relation table, Oid index, const char *tenant, const pg_uuid_t *id, PcCurrency *currency)
{
	Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	row;
	bool		found = false;

	ScanKeyInit(&key, SPI_fnumber(RelationGetDescr(table), "id"), BTEqualStrategyNumber, F_UUID_EQ, UUIDPGetDatum(id));
	scan = systable_beginscan(table, index, true, snapshot, 1, &key);
	while (!found && (row = systable_getnext(scan)) != NULL)
		found = is_meant_row(table, row, tenant, currency);
	systable_endscan(scan);
	UnregisterSnapshot(snapshot);
	return found;
}

/* The primary key, where it starts with the id. */
static Oid
key_of(Relation table)
{
	Oid			index = table->rd_rel->relkind == RELKIND_RELATION ? pc_primary_key(table) : InvalidOid;
	Relation	key;
	bool		by_id;

	if (!OidIsValid(index))
		return InvalidOid;
	key = index_open(index, AccessShareLock);
	by_id = key->rd_index->indkey.values[0] == SPI_fnumber(RelationGetDescr(table), "id");
	index_close(key, AccessShareLock);
	return by_id ? index : InvalidOid;
}

static bool
read_account(const char *tenant, const pg_uuid_t *id, PcCurrency *currency)
{
	Relation	table;
	Oid			index;
	bool		found;

	pc_table_check(PC_LEDGER_ACCOUNTS);
	table = table_open(pc_table_oid(PC_LEDGER_ACCOUNTS, false), AccessShareLock);
	index = key_of(table);
	found = OidIsValid(index) ? read_by_key(table, index, tenant, id, currency) : read_by_statement(tenant, id, currency);
	table_close(table, AccessShareLock);
	return found;
}

bool
pc_ledger_account(const char *tenant, const pg_uuid_t *id, PcCurrency *currency)
{
	AccountEntry *entry;
	bool		found;

	begin();
	entry = hash_search(cache.accounts, id, HASH_FIND, NULL);
	if (entry != NULL && strcmp(entry->tenant, tenant) == 0)
	{
		*currency = entry->currency;
		return true;
	}
	if (!read_account(tenant, id, currency))
		return false;
	begin();
	entry = hash_search(cache.accounts, id, HASH_ENTER, &found);
	entry->tenant = keep_tenant(tenant);
	entry->currency = *currency;
	return true;
}

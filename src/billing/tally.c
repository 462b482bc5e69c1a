/*
 * tally.c
 *		paycore.tally(at, since, until, unit, time_zone, kind, amount, second): sums
 *		of amounts by period, kind and currency, in one aggregate.
 *
 * GROUP BY over millions of rows is planned by how many groups there might be,
 * which of times is about as many as rows: so it is not done in parallel.
 * An aggregate without groups is.  What one row costs is what a report of
 * millions takes, so the aggregate also knows the calendar, by the unit and the
 * time zone of its first row.
 */
#include "common/paycore.h"

#include "billing/bucket.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "common/int.h"
#include "fmgr.h"
#include "funcapi.h"
#include "types/money.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

#define FIRST_SLOTS 256			/* a power of 2 */

typedef struct Entry
{
	DateADT		period;
	int32		kind;
	PcCurrency	currency;		/* 0: the slot is free */
	int64		times;
	int64		sum;
} Entry;

typedef struct Tally
{
	int			slots;			/* a power of 2, less than half of them in use */
	int			used;
	Entry	   *entries;
	Entry	   *last[2];		/* those that were found last: neighbours are alike */
	PcBuckets  *buckets;		/* NULL: nothing was added but other tallies */
} Tally;

static Tally *
new_tally(MemoryContext context, int slots)
{
	Tally	   *tally = MemoryContextAllocZero(context, sizeof(Tally));

	tally->slots = slots;
	tally->entries = MemoryContextAllocZero(context, sizeof(Entry) * slots);
	return tally;
}

static inline bool
is_of(const Entry *entry, DateADT period, int32 kind, PcCurrency currency)
{
	return entry->currency == currency && entry->period == period && entry->kind == kind;
}

/* The entry of a key, or the free slot for it. */
static Entry *
look_up(const Tally *tally, DateADT period, int32 kind, PcCurrency currency)
{
	uint32		at = murmurhash32((uint32) period ^ ((uint32) kind << 20) ^ ((uint32) currency << 10));

	for (;; at++)
	{
		Entry	   *entry = &tally->entries[at & (tally->slots - 1)];

		if (entry->currency == 0 || is_of(entry, period, kind, currency))
			return entry;
	}
}

static void
grow(Tally *tally)
{
	Entry	   *old = tally->entries;
	int			slots = tally->slots;

	tally->slots *= 2;
	memset(tally->last, 0, sizeof(tally->last));
	tally->entries = MemoryContextAllocZero(GetMemoryChunkContext(old), sizeof(Entry) * tally->slots);
	for (int i = 0; i < slots; i++)
	{
		if (old[i].currency != 0)
			*look_up(tally, old[i].period, old[i].kind, old[i].currency) = old[i];
	}
	pfree(old);
}

static void
add(Tally *tally, int nth, DateADT period, int32 kind, PcCurrency currency, int64 times, int64 sum)
{
	Entry	   *entry = tally->last[nth];

	if (entry == NULL || !is_of(entry, period, kind, currency))
	{
		if (tally->used * 2 >= tally->slots)
			grow(tally);
		entry = look_up(tally, period, kind, currency);
		if (entry->currency == 0)
		{
			entry->period = period;
			entry->kind = kind;
			entry->currency = currency;
			tally->used++;
		}
		tally->last[nth] = entry;
	}
	entry->times += times;
	if (unlikely(pg_add_s64_overflow(entry->sum, sum, &entry->sum)))
		pc_money_overflow(currency);
}

static MemoryContext
aggregate_context(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "paycore: tally() was called outside of an aggregate");
	return context;
}

enum
{
	ARG_STATE, ARG_AT, ARG_SINCE, ARG_UNTIL, ARG_UNIT, ARG_ZONE, ARG_KIND, ARG_AMOUNT, ARG_SECOND
};

static void
set_calendar(FunctionCallInfo fcinfo, Tally *tally)
{
	PcZoneCache zones = {0};

	if (PG_ARGISNULL(ARG_SINCE) || PG_ARGISNULL(ARG_UNTIL) || PG_ARGISNULL(ARG_UNIT) || PG_ARGISNULL(ARG_ZONE))
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("since, until, unit or time_zone is missing")));
	tally->buckets = MemoryContextAllocZero(aggregate_context(fcinfo), sizeof(PcBuckets));
	pc_buckets_set(tally->buckets, &zones, PG_GETARG_TEXT_PP(ARG_UNIT), PG_GETARG_TEXT_PP(ARG_ZONE));
}

/* What was before since is all of one period, -infinity; the second amount is of the next kind. */
PG_FUNCTION_INFO_V1(paycore_tally_add);
PGDLLEXPORT Datum
paycore_tally_add(PG_FUNCTION_ARGS)
{
	Tally	   *tally = PG_ARGISNULL(ARG_STATE) ? NULL : (Tally *) PG_GETARG_POINTER(ARG_STATE);
	TimestampTz at;
	DateADT		period;

	if (unlikely(tally == NULL))
		tally = new_tally(aggregate_context(fcinfo), FIRST_SLOTS);
	if (unlikely(tally->buckets == NULL))
		set_calendar(fcinfo, tally);
	if (PG_ARGISNULL(ARG_AT) || PG_ARGISNULL(ARG_KIND) || PG_GETARG_TIMESTAMPTZ(ARG_AT) >= PG_GETARG_TIMESTAMPTZ(ARG_UNTIL))
		PG_RETURN_POINTER(tally);
	at = PG_GETARG_TIMESTAMPTZ(ARG_AT);
	period = at >= PG_GETARG_TIMESTAMPTZ(ARG_SINCE) ? pc_bucket(tally->buckets, at) : DATEVAL_NOBEGIN;
	for (int i = 0; i <= ARG_SECOND - ARG_AMOUNT; i++)
	{
		PcMoney		amount = PG_GETARG_PC_MONEY(ARG_AMOUNT + i);

		if (!PG_ARGISNULL(ARG_AMOUNT + i))
			add(tally, i, period, PG_GETARG_INT32(ARG_KIND) + i, pc_money_currency(amount), 1, pc_money_amount(amount));
	}
	PG_RETURN_POINTER(tally);
}

static void
add_all(Tally *tally, const Entry *entries, int n)
{
	for (int i = 0; i < n; i++)
	{
		if (entries[i].currency != 0)
			add(tally, 0, entries[i].period, entries[i].kind, entries[i].currency, entries[i].times, entries[i].sum);
	}
}

PG_FUNCTION_INFO_V1(paycore_tally_combine);
PGDLLEXPORT Datum
paycore_tally_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	Tally	   *tally = PG_ARGISNULL(0) ? new_tally(context, FIRST_SLOTS) : (Tally *) PG_GETARG_POINTER(0);

	if (!PG_ARGISNULL(1))
	{
		const Tally *other = (const Tally *) PG_GETARG_POINTER(1);

		add_all(tally, other->entries, other->slots);
	}
	PG_RETURN_POINTER(tally);
}

/* Between processes of one server. */
PG_FUNCTION_INFO_V1(paycore_tally_serial);
PGDLLEXPORT Datum
paycore_tally_serial(PG_FUNCTION_ARGS)
{
	const Tally *tally = (const Tally *) PG_GETARG_POINTER(0);
	Size		size = sizeof(Entry) * tally->used;
	bytea	   *result = palloc0(VARHDRSZ + size);
	int			n = 0;

	(void) aggregate_context(fcinfo);
	SET_VARSIZE(result, VARHDRSZ + size);
	for (int i = 0; i < tally->slots; i++)
	{
		if (tally->entries[i].currency != 0)
			memcpy(VARDATA(result) + sizeof(Entry) * n++, &tally->entries[i], sizeof(Entry));
	}
	PG_RETURN_BYTEA_P(result);
}

PG_FUNCTION_INFO_V1(paycore_tally_deserial);
PGDLLEXPORT Datum
paycore_tally_deserial(PG_FUNCTION_ARGS)
{
	bytea	   *serial = PG_GETARG_BYTEA_PP(0);
	Size		size = VARSIZE_ANY_EXHDR(serial);
	Entry	   *entries = palloc(Max(size, 1));
	Tally	   *tally;

	(void) aggregate_context(fcinfo);
	memcpy(entries, VARDATA_ANY(serial), size);
	tally = new_tally(CurrentMemoryContext, FIRST_SLOTS);
	add_all(tally, entries, (int) (size / sizeof(Entry)));
	PG_RETURN_POINTER(tally);
}

/* An array of rows of period, kind, currency, times, amount. */
PG_FUNCTION_INFO_V1(paycore_tally_rows);
PGDLLEXPORT Datum
paycore_tally_rows(PG_FUNCTION_ARGS)
{
	const Tally *tally = PG_ARGISNULL(0) ? NULL : (const Tally *) PG_GETARG_POINTER(0);
	Oid			row_type = get_element_type(get_func_rettype(fcinfo->flinfo->fn_oid));
	TupleDesc	desc = lookup_rowtype_tupdesc(row_type, -1);
	Datum	   *rows = palloc(sizeof(Datum) * Max(tally != NULL ? tally->used : 0, 1));
	bool		nulls[5] = {false};
	int			n = 0;

	(void) aggregate_context(fcinfo);
	for (int i = 0; tally != NULL && i < tally->slots; i++)
	{
		const Entry *entry = &tally->entries[i];
		Datum		values[5] = {
			DateADTGetDatum(entry->period), Int32GetDatum(entry->kind), PcCurrencyGetDatum(entry->currency), Int64GetDatum(entry->times)
		};

		if (entry->currency == 0)
			continue;
		values[4] = PcMoneyGetDatum(pc_money_make(entry->currency, entry->sum));
		rows[n++] = HeapTupleGetDatum(heap_form_tuple(desc, values, nulls));
	}
	ReleaseTupleDesc(desc);
	PG_RETURN_ARRAYTYPE_P(construct_array(rows, n, row_type, -1, false, TYPALIGN_DOUBLE));
}

/*
 * catalog.h
 *		Oids of paycore's own types and tables, cached per backend and dropped
 *		whenever the catalogs say so.
 */
#ifndef PAYCORE_CATALOG_H
#define PAYCORE_CATALOG_H

#include "common/paycore.h"
#include "access/tupdesc.h"

typedef enum PcTable
{
	PC_GATEWAY_ACCOUNTS,
	PC_BILLING_ACCOUNTS,
	PC_PAYMENT_METHODS,
	PC_PAYMENT_INTENTS,
	PC_PAYMENT_ATTEMPTS,
	PC_PAYMENTS,
	PC_REFUNDS,
	PC_STATUS_CHANGES,
	PC_IDEMPOTENCY_KEYS,
	PC_OUTBOX,
	PC_WEBHOOK_EVENTS,
	PC_PAYOUTS,
	PC_BALANCE_TRANSACTIONS,
	PC_GATEWAY_FEEDS,
	PC_ACCOUNT_TRANSACTIONS,
	PC_ACCOUNT_BALANCES,
	PC_LEDGER_ACCOUNTS,
	PC_LEDGER_ENTRIES,
	PC_LEDGER_BALANCES,
	PC_LEDGER_PERIODS,
	PC_LEDGER_DAYS,
	PC_LEDGER_CLOCK,
	PC_SETUP_INTENTS,
	PC_MANDATES,
	PC_CHANGE_CONSUMERS,
	PC_DISPUTES,
	PC_EARLY_FRAUD_WARNINGS,
	PC_REVIEWS,
	PC_SELLERS,
	PC_RECEIPTS,
	PC_WEBHOOK_ENDPOINTS,
	PC_PRODUCTS,
	PC_PRODUCT_FEATURES,
	PC_PRICES,
	PC_PRICE_CURRENCIES,
	PC_METERS,
	PC_USAGE_EVENTS,
	PC_USAGE_SUMS,
	PC_USAGE_VALUES,
	PC_USAGE_HORIZONS,
	PC_USAGE_PERIODS,
	PC_USAGE_THRESHOLDS,
	PC_USAGE_ALERTS,
	PC_TAX_RATES,
	PC_PRODUCT_TAX_RATES,
	PC_TEST_CLOCKS,
	PC_SUBSCRIPTIONS,
	PC_SUBSCRIPTION_ITEMS,
	PC_COUPONS,
	PC_PROMOTION_CODES,
	PC_DISCOUNTS,
	PC_BILLING_SCHEDULES,
	PC_INVOICE_SERIES,
	PC_INVOICES,
	PC_INVOICE_LINES,
	PC_INVOICE_LINE_DISCOUNTS,
	PC_EXTRA_CHARGES,
	PC_MRR_MOVEMENTS,
	PC_SUBSCRIPTION_CHANGES,
	PC_INVOICE_PAYMENTS,
	PC_CREDIT_NOTES,
	PC_CREDIT_NOTE_LINES,
	PC_DUNNING_POLICIES,
	PC_COLLECTIONS,
	PC_DUNNING_STEPS,
	PC_NTABLES
} PcTable;

typedef enum PcType
{
	PC_TYPE_MONEY,
	PC_TYPE_CURRENCY,
	PC_TYPE_INTENT_STATUS,
	PC_TYPE_PAYMENT_STATUS,
	PC_TYPE_REFUND_STATUS,
	PC_TYPE_PAYOUT_STATUS,
	PC_TYPE_SETUP_STATUS,
	PC_TYPE_MANDATE_STATUS,
	PC_TYPE_DISPUTE_STATUS,
	PC_TYPE_BILLING_INTERVAL,
	PC_TYPE_SUBSCRIPTION_STATUS,
	PC_TYPE_INVOICE_STATUS,
	PC_NTYPES
} PcType;

/* Table name without schema ("payments") and row type name ("payment"). */
extern const char *pc_table_name(PcTable table);
extern const char *pc_row_type_name(PcTable table);

/* The table of that name; PC_NTABLES where there is none. */
extern PcTable pc_table_by_name(const char *name, size_t length);

/* The table of a row type of that name; PC_NTABLES where there is none. */
extern PcTable pc_table_of_row_type(const char *name);

/* Raises PY070 where init() has not been run; with missing_ok: InvalidOid. */
extern Oid	pc_table_oid(PcTable table, bool missing_ok);

/* The owner of a table; InvalidOid where init() has not made it. */
extern Oid	pc_table_owner(PcTable table);

/*
 * A number that rises whenever the servers' relation cache is told of a change
 * of the table, and is never 0: what was read under another number is to be
 * read again.
 */
extern uint64 pc_table_changes(PcTable table);

/* A number that grows with every change of a function. */
extern uint64 pc_function_changes(void);

/* The same of a table whose rows are announced (guards/announce.c): it rises with a change of a row, too. */
extern uint64 pc_row_changes(PcTable table);

/*
 * The index whose invalidation says that rows of the table have changed: its
 * primary key, by name, since plans depend on the table itself and would all be
 * made again.  InvalidOid where there is none of that name: the table itself says it then.
 */
extern Oid	pc_announced_key(Oid schema, const char *table);

/* The owner of paycore.outbox, in whose name plumbing is written; InvalidOid if no table and missing_ok. */
extern Oid	pc_owner(bool missing_ok);

/* Whether the current user has that owner's rights: no tenant bounds it. */
extern bool pc_has_owner_rights(void);

/* Raises if the extension is not installed in this database. */
extern Oid	pc_type_oid(PcType type);

/* "a, b, c": the row type's columns in order, quoted; cached; for SELECT lists and RETURNING. */
extern const char *pc_column_list(PcTable table);

/* Row type of a table, freshly copied into the current context. */
extern TupleDesc pc_row_desc(PcTable table);
extern TupleDesc pc_row_desc_held(PcTable table);	/* not copied: for ReleaseTupleDesc() */

/*
 * Raises PY070 where the table lacks a column of its row type, has it in another
 * type, or is no table: what C reads is what it takes it for.  Cheap until
 * the table changes.
 */
extern void pc_table_check(PcTable table);
extern void pc_tables_check(void);	/* all of them: a first time takes a hundredth of a second */

/* A number that grows with each change of any of the tables, and is never 0. */
extern uint64 pc_tables_epoch(void);

/* Rises with each invalidation; plans made under an older generation are remade. */
extern uint64 pc_catalog_generation(void);

#endif							/* PAYCORE_CATALOG_H */

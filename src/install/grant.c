/*
 * grant.c
 *		paycore.grant_access(): what a role may do with paycore, in four levels.
 *
 *	reader		its tenant's rows, without what is for the payer's browser only
 *	app			the API, and nothing else: direct writes end at the guard require_api()
 *	operator	and sees the plumbing and runs it
 *	admin		and decides about gateway accounts and copied requests
 *
 * A call sets the level: what an earlier, higher one gave is taken back.
 */
#include "common/paycore.h"

#include "common/plan.h"
#include "common/writer.h"
#include "install/install.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"

/* Least level at which a role may read, and write, a table; NULL = none. */
static const struct
{
	PcTable		table;
	const char *read;
	const char *write;
}			rights[] = {
	{PC_BILLING_ACCOUNTS, "reader", "app"},
	{PC_PAYMENT_METHODS, "reader", "app"},
	{PC_PAYMENT_INTENTS, "reader", "app"},
	{PC_PAYMENT_ATTEMPTS, "reader", NULL},
	{PC_PAYMENTS, "reader", "app"},
	{PC_REFUNDS, "reader", "app"},
	{PC_SETUP_INTENTS, "reader", "app"},
	{PC_MANDATES, "reader", NULL},
	{PC_STATUS_CHANGES, "reader", NULL},
	{PC_CHANGE_CONSUMERS, "app", "app"},
	{PC_GATEWAY_ACCOUNTS, "operator", "admin"},
	{PC_OUTBOX, "operator", NULL},
	{PC_IDEMPOTENCY_KEYS, "operator", NULL},
	{PC_WEBHOOK_EVENTS, "operator", NULL},
	{PC_PAYOUTS, "reader", NULL},
	{PC_BALANCE_TRANSACTIONS, "reader", NULL},
	{PC_GATEWAY_FEEDS, "operator", NULL},
	{PC_ACCOUNT_TRANSACTIONS, "reader", "app"},
	{PC_ACCOUNT_BALANCES, "reader", "app"},
	{PC_LEDGER_ACCOUNTS, "reader", "app"},
	{PC_LEDGER_ENTRIES, "reader", "app"},
	{PC_LEDGER_BALANCES, "reader", NULL},
	{PC_LEDGER_PERIODS, "reader", NULL},
	{PC_LEDGER_DAYS, "reader", NULL},
	{PC_DISPUTES, "reader", "app"},
	{PC_EARLY_FRAUD_WARNINGS, "reader", NULL},
	{PC_REVIEWS, "reader", NULL},
	{PC_SELLERS, "reader", "admin"},
	{PC_RECEIPTS, "reader", "app"},
	{PC_WEBHOOK_ENDPOINTS, "operator", "admin"},
	{PC_PRODUCTS, "reader", "admin"},
	{PC_PRODUCT_FEATURES, "reader", "admin"},
	{PC_PRICES, "reader", "admin"},
	{PC_PRICE_CURRENCIES, "reader", "admin"},
	{PC_METERS, "reader", "admin"},
	{PC_USAGE_EVENTS, "reader", "app"},
	{PC_USAGE_SUMS, "reader", NULL},
	{PC_USAGE_VALUES, "reader", NULL},
	{PC_USAGE_HORIZONS, "reader", NULL},
	{PC_USAGE_PERIODS, "reader", "app"},
	{PC_USAGE_THRESHOLDS, "reader", "app"},
	{PC_USAGE_ALERTS, "reader", "app"},
	{PC_TAX_RATES, "reader", "admin"},
	{PC_PRODUCT_TAX_RATES, "reader", "admin"},
	{PC_TEST_CLOCKS, "reader", "admin"},
	{PC_SUBSCRIPTIONS, "reader", "app"},
	{PC_SUBSCRIPTION_ITEMS, "reader", "app"},
	{PC_COUPONS, "reader", "admin"},
	{PC_PROMOTION_CODES, "reader", "admin"},
	{PC_DISCOUNTS, "reader", "app"},
	{PC_BILLING_SCHEDULES, "operator", NULL},
	{PC_INVOICE_SERIES, "reader", "app"},
	{PC_INVOICES, "reader", "app"},
	{PC_INVOICE_LINES, "reader", "app"},
	{PC_INVOICE_LINE_DISCOUNTS, "reader", "app"},
	{PC_EXTRA_CHARGES, "reader", "app"},
	{PC_MRR_MOVEMENTS, "reader", NULL},
	{PC_SUBSCRIPTION_CHANGES, "reader", "app"},
	{PC_INVOICE_PAYMENTS, "reader", "app"},
	{PC_CREDIT_NOTES, "reader", "app"},
	{PC_CREDIT_NOTE_LINES, "reader", "app"},
	{PC_DUNNING_POLICIES, "reader", "admin"},
	{PC_COLLECTIONS, "reader", "app"},
	{PC_DUNNING_STEPS, "reader", "app"},
};

/* Least level at which a role may read a view. */
static const struct
{
	const char *name;
	const char *read;
}			views[] = {
	{"payments_overview", "reader"},
	{"payment_intents_overview", "reader"},
	{"payment_attempts_overview", "reader"},
	{"foreign_outbox", "operator"},
	{"ledger_postings", "reader"},
	{"open_invoices", "reader"},
	{"mrr_by_account", "reader"},
	{"backfill_progress", "operator"},
	{"billing_progress", "operator"},
};

/* With them a payment can be taken over by whoever reads them. */
static const char *const secret_columns[] = {"client_secret", "next_action"};

/* What grant_access() says of each level, by rank. */
static const char *const limits[] = {
	"may read its tenant's rows, but no client_secret and no next_action; may not write, nor see outbox, idempotency_keys, webhook_events or gateway_accounts",
	"may call the API for its tenant and read its rows; may not write to a table otherwise, nor see outbox, idempotency_keys, webhook_events or gateway_accounts",
	"may call the API, read everything of its tenant and run the outbox; may not write to a table otherwise, nor change gateway accounts, nor adopt a copied outbox",
	"may do all that functions do for its tenant; may not write to a table otherwise, nor run init(), grant_access() or repair_counters()",
};

static bool
is_secret(const char *column)
{
	for (size_t i = 0; i < lengthof(secret_columns); i++)
	{
		if (strcmp(column, secret_columns[i]) == 0)
			return true;
	}
	return false;
}

/* Columns of the row type only: what users add, they grant. */
static char *
readable_columns(PcTable table)
{
	TupleDesc	desc = pc_row_desc(table);
	StringInfoData list;

	initStringInfo(&list);
	for (int i = 0; i < desc->natts; i++)
	{
		char	   *name = NameStr(TupleDescAttr(desc, i)->attname);

		if (!TupleDescAttr(desc, i)->attisdropped && !is_secret(name))
			appendStringInfo(&list, "%s%s", list.len > 0 ? ", " : "", quote_identifier(name));
	}
	return list.data;
}

static void
grant_table(int i, int rank, const char *role)
{
	const char *table = pc_table_name(rights[i].table);

	pc_install_run(psprintf("REVOKE ALL ON TABLE paycore.%s FROM %s", table, role));
	if (rank == 0 && pc_access_rank(rights[i].read) == 0)
		pc_install_run(psprintf("GRANT SELECT (%s) ON TABLE paycore.%s TO %s",
								readable_columns(rights[i].table), table, role));
	else if (rank >= pc_access_rank(rights[i].read))
		pc_install_run(psprintf("GRANT SELECT ON TABLE paycore.%s TO %s", table, role));
	if (rights[i].write != NULL && rank >= pc_access_rank(rights[i].write))
		pc_install_run(psprintf("GRANT INSERT, UPDATE ON TABLE paycore.%s TO %s", table, role));
}

static void
grant_tables(const char *role, int rank)
{
	PcIdentity	saved;

	pc_identity_assume(&saved, pc_owner(false));
	for (int i = 0; i < (int) lengthof(rights); i++)
		grant_table(i, rank, role);
	for (int i = 0; i < (int) lengthof(views); i++)
	{
		bool		may = rank >= pc_access_rank(views[i].read);

		pc_install_run(psprintf("%s SELECT ON TABLE paycore.%s %s %s", may ? "GRANT" : "REVOKE",
								views[i].name, may ? "TO" : "FROM", role));
	}
	pc_identity_drop(&saved);
}

static void
check_may_grant(Oid role)
{
	Oid			owner = pc_owner(false);

	if (!pc_has_owner_rights())
		ereport(ERROR,
				(errcode(ERRCODE_PC_NOT_OWNER),
				 errmsg("only the owner of paycore's tables may grant access to them"),
				 errhint("SET ROLE %s first.", quote_identifier(GetUserNameFromId(owner, false)))));
	if (has_privs_of_role(role, owner))
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("role \"%s\" has all the rights of the owner of paycore's tables",
						GetUserNameFromId(role, false)),
				 errhint("Grant access to a role that is neither a superuser nor a member of \"%s\".",
						 GetUserNameFromId(owner, false))));
}

PG_FUNCTION_INFO_V1(paycore_grant_access);
PGDLLEXPORT Datum
paycore_grant_access(PG_FUNCTION_ARGS)
{
	char	   *role = text_to_cstring(PG_GETARG_TEXT_PP(0));
	char	   *level = text_to_cstring(PG_GETARG_TEXT_PP(1));
	int			rank = pc_access_rank(level);

	if (rank < 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("there is no level of access \"%s\"", level),
				 errhint("Levels: reader, app, operator, admin.")));
	check_may_grant(get_role_oid(role, false));
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "paycore: SPI_connect failed");
	grant_tables(quote_identifier(role), rank);
	pc_grant_functions(role, rank);
	SPI_finish();
	PG_RETURN_TEXT_P(cstring_to_text(psprintf(
		"%s: %s. Its tenant is that of the setting paycore.tenant, which it may set only after GRANT SET ON PARAMETER paycore.tenant TO %s",
		role, limits[rank], quote_identifier(role))));
}

/*
 * adopt.c
 *		Objects that paycore did not make: gateway_accounts.adopt says whether
 *		they get rows, and here is the billing account that those hang on.
 */
#include "common/paycore.h"

#include "access/xact.h"
#include "reduce/internal.h"

/* A name may exist in several tenants; the caller's comes first, then the oldest. */
static PcPlan home = PC_PLAN("tt",
	"SELECT tenant_id, adopt FROM paycore.gateway_accounts WHERE name OPERATOR(pg_catalog.=) $1"
	" ORDER BY (tenant_id OPERATOR(pg_catalog.=) $2) DESC, created_at, id LIMIT 1");

static PcPlan insert_account = PC_PLAN("tttctt",
	"INSERT INTO paycore.billing_accounts (tenant_id, gateway_account, name, currency, psp_customer_id, external_ref)"
	" VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING");

static PcPlan account_by_ref = PC_PLAN("tt",
	"SELECT id FROM paycore.billing_accounts"
	" WHERE tenant_id OPERATOR(pg_catalog.=) $1 AND external_ref OPERATOR(pg_catalog.=) $2");

typedef enum Adopt
{
	ADOPT_NONE,
	ADOPT_KNOWN_CUSTOMERS,
	ADOPT_ALL
} Adopt;

#define MAX_REMEMBERED 63

/*
 * The last gateway account asked for: a list brings thousands of objects of one.
 * An old snapshot's row may be older than a change that we have heard of.
 */
static struct
{
	bool		filled;
	uint64		changes;		/* pc_row_changes() when it was read */
	char		name[MAX_REMEMBERED + 1];
	char		asking[MAX_REMEMBERED + 1]; /* the tenant whose account comes first */
	char		tenant[MAX_REMEMBERED + 1];
	Adopt		adopt;
}			last;

static void
remember(const char *name, const char *asking, const char *tenant, Adopt adopt, uint64 changes)
{
	last.filled = !IsolationUsesXactSnapshot() &&
		strlen(name) <= MAX_REMEMBERED && strlen(asking) <= MAX_REMEMBERED && strlen(tenant) <= MAX_REMEMBERED;
	last.changes = changes;
	strlcpy(last.name, name, sizeof(last.name));
	strlcpy(last.asking, asking, sizeof(last.asking));
	strlcpy(last.tenant, tenant, sizeof(last.tenant));
	last.adopt = adopt;
}

static bool
find_home(const PcSighting *s, char **tenant, Adopt *adopt)
{
	const char *asking = s->tenant != NULL ? s->tenant : pc_current_tenant();
	uint64		changes = pc_row_changes(PC_GATEWAY_ACCOUNTS);
	PcArgs		a = {0};
	char	   *word;

	if (last.filled && last.changes == changes &&
		strcmp(last.name, s->gateway_account) == 0 && strcmp(last.asking, asking) == 0)
	{
		*tenant = pstrdup(last.tenant);
		*adopt = last.adopt;
		return true;
	}
	pc_arg_text(&a, s->gateway_account);
	pc_arg_text(&a, asking);
	if (pc_execute_args(&home, &a, true) == 0)
		return false;
	*tenant = pc_get_cstring(0, 1);
	word = pc_get_cstring(0, 2);
	*adopt = strcmp(word, "all") == 0 ? ADOPT_ALL :
		strcmp(word, "known_customers") == 0 ? ADOPT_KNOWN_CUSTOMERS : ADOPT_NONE;
	remember(s->gateway_account, asking, *tenant, *adopt, changes);
	return true;
}

const char *
pc_home_tenant(const PcSighting *s)
{
	char	   *tenant;
	Adopt		adopt;

	return find_home(s, &tenant, &adopt) ? tenant : NULL;
}

bool
pc_may_adopt_unknown(const PcSighting *s)
{
	char	   *tenant;
	Adopt		adopt;

	return find_home(s, &tenant, &adopt) && adopt != ADOPT_NONE;
}

bool
pc_would_adopt(const char *customer_id, const PcSighting *s)
{
	char	   *tenant;
	Adopt		adopt;
	PcAccountRow account;

	if (!find_home(s, &tenant, &adopt) || adopt == ADOPT_NONE)
		return false;
	return adopt == ADOPT_ALL || pc_find_account(customer_id, NULL, s, false, &account);
}

/* Payers without a customer object share one account for each currency. */
static char *
guests_ref(const PcSighting *s, PcMoney amount)
{
	return psprintf("paycore:guests:%s:%s", s->gateway_account,
					pc_currency_by_number(pc_money_currency(amount))->code);
}

static bool
guests_account(const char *tenant, const char *ref, PcAccountRow *row)
{
	PcArgs		a = {0};

	pc_arg_text(&a, tenant);
	pc_arg_text(&a, ref);
	if (pc_execute_args(&account_by_ref, &a, false) == 0)
		return false;
	memset(row, 0, sizeof(*row));
	row->tenant = pstrdup(tenant);
	return pc_get_uuid(0, 1, &row->id);
}

static void
make_account(const char *tenant, const char *customer_id, const char *ref, PcMoney amount, const PcSighting *s)
{
	PcArgs		a = {0};

	pc_arg_text(&a, tenant);
	pc_arg_text(&a, s->gateway_account);
	pc_arg_text(&a, customer_id != NULL ? customer_id : "Guests");
	pc_arg(&a, PcCurrencyGetDatum(pc_money_currency(amount)), false);
	pc_arg_text(&a, customer_id);
	pc_arg_text(&a, ref);
	pc_observe(&insert_account, &a, s);
}

bool
pc_adopting_account(const char *customer_id, PcMoney amount, const PcSighting *s, PcAccountRow *row)
{
	char	   *tenant;
	Adopt		adopt;
	char	   *ref;

	if (!find_home(s, &tenant, &adopt) || adopt == ADOPT_NONE)
		return false;
	if (pc_find_account(customer_id, NULL, s, false, row))
		return true;
	if (adopt != ADOPT_ALL)
		return false;
	if (customer_id != NULL)
	{
		make_account(tenant, customer_id, NULL, amount, s);
		return pc_find_account(customer_id, NULL, s, false, row);
	}
	ref = guests_ref(s, amount);
	if (guests_account(tenant, ref, row))
		return true;
	make_account(tenant, NULL, ref, amount, s);
	return guests_account(tenant, ref, row);
}

/*
 * home.c
 *		The gateway account that an event came for, remembered per backend: the
 *		rows hardly ever change, and every event asks.
 *
 * The table's guard announce_changes() makes every backend look anew.
 */
#include "common/paycore.h"

#include "access/xact.h"
#include "common/catalog.h"
#include "utils/memutils.h"
#include "webhooks/internal.h"

#define MAX_REMEMBERED 16

typedef struct Remembered
{
	char	   *asker;			/* the caller's tenant */
	PcHome		home;
} Remembered;

static struct
{
	MemoryContext context;		/* NULL before the first use */
	uint64		changes;		/* pc_row_changes() when they were read */
	int			n;
	Remembered	homes[MAX_REMEMBERED];
}			cache;

static PcPlan home_plan = PC_PLAN("tt",
	"SELECT tenant_id, gateway, psp_account_id, livemode, livemode IS NOT NULL FROM paycore.gateway_accounts"
	" WHERE name OPERATOR(pg_catalog.=) $1"
	" ORDER BY (tenant_id OPERATOR(pg_catalog.=) $2) DESC, created_at, id LIMIT 1");

static void
begin(void)
{
	uint64		changes = pc_row_changes(PC_GATEWAY_ACCOUNTS);

	if (cache.context == NULL)
		cache.context = AllocSetContextCreate(TopMemoryContext, "paycore gateway accounts", ALLOCSET_SMALL_SIZES);
	else if (cache.changes == changes && cache.n < MAX_REMEMBERED)
		return;
	else
		MemoryContextReset(cache.context);
	cache.n = 0;
	cache.changes = changes;
}

/* A copy in the current context: what is remembered may go at any time. */
static void
copy_home(const PcHome *from, PcHome *to)
{
	*to = *from;
	to->tenant = pstrdup(from->tenant);
	if (from->psp_account_id != NULL)
		to->psp_account_id = pstrdup(from->psp_account_id);
}

static const PcHome *
recall(const char *name, const char *tenant)
{
	for (int i = 0; i < cache.n; i++)
	{
		if (strcmp(cache.homes[i].home.name, name) == 0 && strcmp(cache.homes[i].asker, tenant) == 0)
			return &cache.homes[i].home;
	}
	return NULL;
}

static void
remember(const PcHome *home, const char *asker)
{
	MemoryContext old = MemoryContextSwitchTo(cache.context);
	Remembered *r = &cache.homes[cache.n];

	r->asker = pstrdup(asker);
	copy_home(home, &r->home);
	r->home.name = pstrdup(home->name);
	cache.n++;
	MemoryContextSwitchTo(old);
}

static bool
read_home(const char *name, const char *tenant, PcHome *home)
{
	PcArgs		a = {0};

	pc_arg_text(&a, name);
	pc_arg_text(&a, tenant);
	if (pc_execute_args(&home_plan, &a, false) == 0)
		return false;
	home->tenant = pc_get_cstring(0, 1);
	home->gateway = gw_by_name(pc_get_cstring(0, 2));
	home->psp_account_id = pc_get_cstring(0, 3);
	home->livemode = pc_get_bool(0, 4);
	home->has_livemode = pc_get_bool(0, 5);
	return home->gateway != NULL;
}

/*
 * A row that may be older than a change we have heard of, because the
 * snapshot is or because we heard while reading, is not remembered.
 */
bool
pc_webhook_home(const char *name, const char *tenant, PcHome *home)
{
	const PcHome *known;

	begin();
	known = recall(name, tenant);
	if (known != NULL)
		copy_home(known, home);
	else if (!read_home(name, tenant, home))
		return false;
	home->name = name;
	home->source = PC_SOURCE_WEBHOOK;
	if (known == NULL && cache.changes == pc_row_changes(PC_GATEWAY_ACCOUNTS) && !IsolationUsesXactSnapshot())
		remember(home, tenant);
	return true;
}

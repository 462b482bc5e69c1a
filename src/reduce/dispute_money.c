/*
 * dispute_money.c
 *		What a dispute took and gave back: balance transactions only ever come
 *		to be more, so all that were ever seen count.
 */
#include "common/paycore.h"

#include "catalog/pg_type.h"
#include "reduce/internal.h"
#include "types/movement.h"
#include "utils/array.h"

typedef struct Entry
{
	PcMovement	m;
	bool		known;
	bool		seen;
} Entry;

typedef struct Entries
{
	int			n;
	Entry		entries[PC_MAX_MOVEMENTS];
} Entries;

static Entry *
entry_of(Entries *all, const char *id)
{
	for (int i = 0; i < all->n; i++)
		if (strcmp(all->entries[i].m.id, id) == 0)
			return &all->entries[i];
	if (all->n == PC_MAX_MOVEMENTS)
		return NULL;
	all->entries[all->n].m.id = pstrdup(id);
	return &all->entries[all->n++];
}

static void
add_known(Entries *all, const Jsonb *list)
{
	PcMovement *movements = palloc(sizeof(PcMovement) * PC_MAX_MOVEMENTS);
	int			n = pc_movements(list, movements);

	for (int i = 0; i < n; i++)
	{
		Entry	   *e = entry_of(all, movements[i].id);

		e->m = movements[i];
		e->known = true;
	}
	pfree(movements);
}

static void
add_seen(Entries *all, const GwDispute *d)
{
	for (int i = 0; i < d->nbalances; i++)
	{
		const GwBalance *b = d->balances[i];
		Entry	   *e = entry_of(all, b->id);

		if (e == NULL)
			continue;
		e->seen = true;
		if (e->known)
			continue;
		e->m.category = b->reporting_category;
		e->m.amount = b->amount;
		e->m.fee = b->fee;
		e->m.exchange_rate = b->exchange_rate;
		e->m.available_on = b->available_on;
		e->m.created = b->created;
	}
}

static int
by_time(const void *a, const void *b)
{
	const PcMovement *x = &((const Entry *) a)->m;
	const PcMovement *y = &((const Entry *) b)->m;

	if (x->created != y->created)
		return x->created < y->created ? -1 : 1;
	return strcmp(x->id, y->id);
}

/* Amounts of another currency than the first one's stand in the list only: they cannot be summed. */
static void
add_to(PcMoney *sum, PcCurrency currency, int64 amount)
{
	if (*sum == 0)
		*sum = pc_money_make(currency, 0);
	if (pc_money_currency(*sum) == currency)
		*sum = pc_money_make(currency, pc_money_amount(*sum) + amount);
}

static Datum
text_array(char **texts, int n)
{
	Datum	   *elements = palloc(sizeof(Datum) * Max(n, 1));

	for (int i = 0; i < n; i++)
		elements[i] = CStringGetTextDatum(texts[i]);
	return PointerGetDatum(construct_array(elements, n, TEXTOID, -1, false, TYPALIGN_INT));
}

static void
sum_up(const Entries *all, PcDisputeMoney *money)
{
	char	   *out[PC_MAX_MOVEMENTS];
	char	   *back[PC_MAX_MOVEMENTS];
	int			nout = 0;
	int			nback = 0;

	for (int i = 0; i < all->n; i++)
	{
		const PcMovement *m = &all->entries[i].m;
		PcCurrency	currency = pc_money_currency(m->amount);
		int64		amount = pc_money_amount(m->amount);

		add_to(&money->fee, currency, pc_money_amount(m->fee) - (pc_movement_is_fee(m) ? amount : 0));
		if (pc_movement_is_fee(m) || amount == 0)
			continue;
		if (amount < 0)
		{
			add_to(&money->withdrawn, currency, -amount);
			out[nout++] = m->id;
			if (money->withdrawn_at == 0)
				money->withdrawn_at = pc_from_unix(m->created);
		}
		else
		{
			add_to(&money->reinstated, currency, amount);
			back[nback++] = m->id;
			money->reinstated_at = pc_from_unix(m->created);
		}
	}
	money->withdrawal_ids = nout > 0 ? text_array(out, nout) : (Datum) 0;
	money->reinstatement_ids = nback > 0 ? text_array(back, nback) : (Datum) 0;
}

/* At the rates of each. */
static bool
is_retaken(const Entries *all, PcMoney disputed)
{
	bool		given_back = false;
	int64		taken = 0;
	PcMoney		own;

	for (int i = 0; i < all->n; i++)
	{
		if (pc_movement_is_fee(&all->entries[i].m))
			continue;
		if (!pc_movement_original(&all->entries[i].m, disputed, &own))
			return false;
		if (given_back && pc_money_amount(own) < 0)
			return true;
		given_back = taken > 0 && taken <= pc_money_amount(own);
		taken -= pc_money_amount(own);
	}
	return false;
}

void
pc_dispute_money(const Jsonb *known, const GwDispute *dispute, PcDisputeMoney *money)
{
	Entries    *all = palloc0(sizeof(Entries));
	const Jsonb *items[PC_MAX_MOVEMENTS];

	memset(money, 0, sizeof(*money));
	if (known != NULL)
		add_known(all, known);
	add_seen(all, dispute);
	qsort(all->entries, all->n, sizeof(Entry), by_time);
	for (int i = 0; i < all->n; i++)
	{
		items[i] = pc_movement_stored(&all->entries[i].m);
		money->nnew += !all->entries[i].known;
		money->nunseen += !all->entries[i].seen;
	}
	money->n = all->n;
	money->list = pc_json_array(items, all->n);
	sum_up(all, money);
	money->retaken = is_retaken(all, dispute->amount);
}

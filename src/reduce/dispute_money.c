/*
 * dispute_money.c
 *		What a dispute took and gave back: balance transactions only ever come
 *		to be more, so all that were ever seen count.
 */
#include "common/paycore.h"

#include "catalog/pg_type.h"
#include "reduce/internal.h"
#include "utils/array.h"

#define MAX_ENTRIES 32

typedef struct Entry
{
	char	   *id;
	char	   *category;
	PcMoney		amount;
	PcMoney		fee;
	char	   *exchange_rate;
	int64		available_on;
	int64		created;
	bool		known;
	bool		seen;
} Entry;

typedef struct Entries
{
	int			n;
	Entry		entries[MAX_ENTRIES];
} Entries;

static Entry *
entry_of(Entries *all, const char *id)
{
	for (int i = 0; i < all->n; i++)
		if (strcmp(all->entries[i].id, id) == 0)
			return &all->entries[i];
	if (all->n == MAX_ENTRIES)
		return NULL;
	all->entries[all->n].id = pstrdup(id);
	return &all->entries[all->n++];
}

static PcMoney
stored_money(const Jsonb *item, const char *key)
{
	char	   *code = pc_json_string(item, "currency");
	const PcCurrencyInfo *currency = code != NULL ? pc_currency_by_code(code, strlen(code)) : NULL;
	int64		amount;

	if (currency == NULL || !pc_json_int64(item, key, &amount) || !pc_money_in_range(amount))
		return GW_NO_MONEY;
	return pc_money_pack(currency->numeric_code, amount);
}

static void
add_known(Entries *all, const Jsonb *list)
{
	for (int i = 0; i < pc_json_array_length(list); i++)
	{
		Jsonb	   *item = pc_json_element(list, i);
		char	   *id = pc_json_string(item, "id");
		Entry	   *e = id != NULL ? entry_of(all, id) : NULL;

		if (e == NULL)
			continue;
		e->category = pc_json_string(item, "reporting_category");
		e->amount = stored_money(item, "amount");
		e->fee = stored_money(item, "fee");
		e->exchange_rate = pc_json_string(item, "exchange_rate");
		(void) pc_json_int64(item, "available_on", &e->available_on);
		(void) pc_json_int64(item, "created", &e->created);
		e->known = true;
	}
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
		e->category = b->reporting_category;
		e->amount = b->amount;
		e->fee = b->fee;
		e->exchange_rate = b->exchange_rate;
		e->available_on = b->available_on;
		e->created = b->created;
	}
}

static int
by_time(const void *a, const void *b)
{
	const Entry *x = a;
	const Entry *y = b;

	if (x->created != y->created)
		return x->created < y->created ? -1 : 1;
	return strcmp(x->id, y->id);
}

static Jsonb *
stored(const Entry *e)
{
	PcJsonBuilder b;

	pc_json_begin(&b);
	pc_json_add_text(&b, "id", e->id);
	pc_json_add_text(&b, "reporting_category", e->category);
	pc_json_add_int64(&b, "amount", pc_money_amount(e->amount));
	pc_json_add_int64(&b, "fee", pc_money_amount(e->fee));
	pc_json_add_text(&b, "currency", pc_currency_by_number(pc_money_currency(e->amount))->code);
	pc_json_add_text(&b, "exchange_rate", e->exchange_rate);
	pc_json_add_int64(&b, "available_on", e->available_on);
	pc_json_add_int64(&b, "created", e->created);
	return pc_json_end(&b);
}

static bool
is_fee(const Entry *e)
{
	return e->category != NULL && strcmp(e->category, "fee") == 0;
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
	char	   *out[MAX_ENTRIES];
	char	   *back[MAX_ENTRIES];
	int			nout = 0;
	int			nback = 0;

	for (int i = 0; i < all->n; i++)
	{
		const Entry *e = &all->entries[i];
		PcCurrency	currency = pc_money_currency(e->amount);
		int64		amount = pc_money_amount(e->amount);

		add_to(&money->fee, currency, is_fee(e) ? pc_money_amount(e->fee) - amount : pc_money_amount(e->fee));
		if (is_fee(e) || amount == 0)
			continue;
		if (amount < 0)
		{
			add_to(&money->withdrawn, currency, -amount);
			out[nout++] = e->id;
			if (money->withdrawn_at == 0)
				money->withdrawn_at = pc_from_unix(e->created);
		}
		else
		{
			add_to(&money->reinstated, currency, amount);
			back[nback++] = e->id;
			money->reinstated_at = pc_from_unix(e->created);
		}
	}
	money->withdrawal_ids = nout > 0 ? text_array(out, nout) : (Datum) 0;
	money->reinstatement_ids = nback > 0 ? text_array(back, nback) : (Datum) 0;
}

void
pc_dispute_money(const Jsonb *known, const GwDispute *dispute, PcDisputeMoney *money)
{
	Entries    *all = palloc0(sizeof(Entries));
	const Jsonb *items[MAX_ENTRIES];

	memset(money, 0, sizeof(*money));
	if (known != NULL)
		add_known(all, known);
	add_seen(all, dispute);
	qsort(all->entries, all->n, sizeof(Entry), by_time);
	for (int i = 0; i < all->n; i++)
	{
		items[i] = stored(&all->entries[i]);
		money->nnew += !all->entries[i].known;
		money->nunseen += !all->entries[i].seen;
	}
	money->n = all->n;
	money->list = pc_json_array(items, all->n);
	sum_up(all, money);
}

/*
 * values.c
 *		paycore.require_values('=rule', 'column', ... ['=rule', ...]): what the
 *		values of a row may be, alone and together.
 *
 * A CHECK constraint says the same, but a server reads its expression anew for
 * every statement, which costs more than the row itself.
 */
#include "common/paycore.h"

#include "catalog/pg_type.h"
#include "common/catalog.h"
#include "guards/columns.h"
#include "guards/words.h"
#include "mb/pg_wchar.h"
#include "types/money.h"
#include "utils/builtins.h"
#include "utils/rel.h"

PG_FUNCTION_INFO_V1(paycore_require_values);

/* One rule of a trigger's arguments, and the row it is put to. */
typedef struct Rule
{
	TriggerData *trigger;
	HeapTuple	row;
	const char *parameter;		/* what follows "=name:", or "" */
	const GuardColumn *columns;
	int			n;
} Rule;

static Datum
value_of(const Rule *rule, int i, Oid type, bool *isnull)
{
	if (OidIsValid(type) || rule->columns[i].attnum < 1)
		pc_guard_check_type(rule->trigger, rule->columns[i].attnum, type);
	return pc_guard_get(rule->trigger, rule->row, rule->columns[i].attnum, isnull);
}

static bool
is_null(const Rule *rule, int i)
{
	bool		isnull;

	(void) value_of(rule, i, InvalidOid, &isnull);
	return isnull;
}

/* False where null. */
static bool
money_of(const Rule *rule, int i, PcMoney *amount)
{
	bool		isnull;
	Datum		value = value_of(rule, i, pc_type_oid(PC_TYPE_MONEY), &isnull);

	*amount = isnull ? 0 : DatumGetPcMoney(value);
	return !isnull;
}

pc_noreturn static void
refuse(const Rule *rule, int i, int sqlstate, const char *what, const char *hint)
{
	const GuardColumn *column = &rule->columns[i];

	ereport(ERROR,
			(errcode(sqlstate),
			 errmsg("column \"%s\" of \"%s\" %s", column->argument, RelationGetRelationName(rule->trigger->tg_relation), what),
			 errdetail("It would be %s.", pc_guard_text(rule->trigger, rule->row, column->attnum)),
			 hint != NULL ? errhint("%s", hint) : 0,
			 errtablecol(rule->trigger->tg_relation, column->attnum)));
}

/* =known:list  The list has the word. */
static void
known(const Rule *rule)
{
	for (int i = 0; i < rule->n; i++)
	{
		bool		isnull;
		Datum		value = value_of(rule, i, TEXTOID, &isnull);

		if (!isnull && !pc_word_is_known(rule->parameter, DatumGetTextPP(value)))
			refuse(rule, i, ERRCODE_CHECK_VIOLATION, "does not take this word",
				   psprintf("Words it takes: %s.", pc_words(rule->parameter)));
	}
}

/* =length:most  At least one character, and not more than so many. */
static void
length(const Rule *rule)
{
	int			most = atoi(rule->parameter);

	for (int i = 0; i < rule->n; i++)
	{
		bool		isnull;
		Datum		value = value_of(rule, i, TEXTOID, &isnull);
		text	   *t = isnull ? NULL : DatumGetTextPP(value);
		int			chars = isnull ? 1 : pg_mbstrlen_with_len(VARDATA_ANY(t), VARSIZE_ANY_EXHDR(t));

		if (chars < 1 || chars > most)
			refuse(rule, i, ERRCODE_CHECK_VIOLATION, psprintf("must have 1 to %d characters", most), NULL);
	}
}

/* =not_negative */
static void
not_negative(const Rule *rule)
{
	PcMoney		amount;

	for (int i = 0; i < rule->n; i++)
	{
		if (money_of(rule, i, &amount) && pc_money_amount(amount) < 0)
			refuse(rule, i, ERRCODE_CHECK_VIOLATION, "must not be negative", NULL);
	}
}

/* =one_currency  All that are set are in one currency. */
static void
one_currency(const Rule *rule)
{
	PcMoney		first = 0;
	PcMoney		amount;
	bool		found = false;

	for (int i = 0; i < rule->n; i++)
	{
		if (!money_of(rule, i, &amount))
			continue;
		if (!found)
			first = amount;
		else if (!pc_money_same_currency(first, amount))
			refuse(rule, i, ERRCODE_PC_CURRENCY_MISMATCH, "is in another currency than the row's other amounts", NULL);
		found = true;
	}
}

/* =whole  The columns are set together or not at all; those after '|' only where they are. */
static void
whole(const Rule *rule)
{
	bool		core = true;

	for (int i = 1; i < rule->n; i++)
	{
		if (rule->columns[i].attnum == 0)
			core = false;
		else if (is_null(rule, i) != is_null(rule, 0) && (core || is_null(rule, 0)))
			refuse(rule, i, ERRCODE_CHECK_VIOLATION,
				   psprintf("is not written without \"%s\", nor that without it", rule->columns[0].argument), NULL);
	}
}

/* =difference  The first column is the second less the third, where all are set. */
static void
difference(const Rule *rule)
{
	PcMoney		result,
				from,
				less;

	if (money_of(rule, 0, &result) && money_of(rule, 1, &from) && money_of(rule, 2, &less) &&
		(!pc_money_same_currency(result, from) || !pc_money_same_currency(result, less) ||
		 pc_money_amount(from) - pc_money_amount(less) != pc_money_amount(result)))
		refuse(rule, 0, ERRCODE_CHECK_VIOLATION,
			   psprintf("must be \"%s\" less \"%s\"", rule->columns[1].argument, rule->columns[2].argument), NULL);
}

/* =with:word  Where the first column says the word, the others are set. */
static void
with(const Rule *rule)
{
	if (is_null(rule, 0) || strcmp(pc_guard_text(rule->trigger, rule->row, rule->columns[0].attnum), rule->parameter) != 0)
		return;
	for (int i = 1; i < rule->n; i++)
	{
		if (is_null(rule, i))
			refuse(rule, i, ERRCODE_CHECK_VIOLATION,
				   psprintf("must be set where \"%s\" is %s", rule->columns[0].argument, rule->parameter), NULL);
	}
}

/* =unless:list  The second column is set exactly where the first says a word that is not in the list. */
static void
unless(const Rule *rule)
{
	bool		isnull;
	Datum		word = value_of(rule, 0, TEXTOID, &isnull);

	if (!isnull && is_null(rule, 1) != pc_word_is_known(rule->parameter, DatumGetTextPP(word)))
		refuse(rule, 1, ERRCODE_CHECK_VIOLATION,
			   psprintf("must be set unless \"%s\" is one of: %s", rule->columns[0].argument, pc_words(rule->parameter)), NULL);
}

static const struct
{
	const char *name;
	int			columns;		/* at least */
	void		(*check) (const Rule *rule);
}			rules[] = {
	{"known", 1, known},
	{"length", 1, length},
	{"not_negative", 1, not_negative},
	{"one_currency", 2, one_currency},
	{"whole", 2, whole},
	{"difference", 3, difference},
	{"with", 2, with},
	{"unless", 2, unless},
};

/* argument is "=name" or "=name:parameter". */
static void
apply(Rule *rule, const char *argument)
{
	const char *colon = strchr(argument, ':');
	size_t		len = colon != NULL ? (size_t) (colon - argument - 1) : strlen(argument) - 1;

	rule->parameter = colon != NULL ? colon + 1 : "";
	for (size_t i = 0; i < lengthof(rules); i++)
	{
		if (strlen(rules[i].name) == len && strncmp(rules[i].name, argument + 1, len) == 0 && rule->n >= rules[i].columns)
		{
			rules[i].check(rule);
			return;
		}
	}
	ereport(ERROR,
			(errcode(ERRCODE_PC_TRIGGER_USE),
			 errmsg("trigger \"%s\" has the unknown rule \"%s\", or too few columns for it",
					rule->trigger->tg_trigger->tgname, argument),
			 errhint("See docs/guards.md."),
			 errtable(rule->trigger->tg_relation)));
}

static bool
is_rule(const GuardColumn *column)
{
	return column->argument[0] == '=';
}

/* BEFORE INSERT OR UPDATE, row: SQLSTATE 23514, or PY001 for two currencies. */
PGDLLEXPORT Datum
paycore_require_values(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = pc_guard_begin(fcinfo, "require_values", GUARD_BEFORE_ROW, 2);
	const GuardColumns *columns = pc_guard_columns(trigger);
	int			i = 0;

	while (i < columns->n)
	{
		Rule		rule = {.trigger = trigger, .row = pc_guard_new_row(trigger), .columns = &columns->columns[i + 1]};
		const char *argument = columns->columns[i].argument;

		while (i + 1 + rule.n < columns->n && !is_rule(&rule.columns[rule.n]))
			rule.n++;
		apply(&rule, is_rule(&columns->columns[i]) ? argument : "=");
		i += rule.n + 1;
	}
	return PointerGetDatum(pc_guard_new_row(trigger));
}

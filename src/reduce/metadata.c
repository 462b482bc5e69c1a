/*
 * metadata.c
 *		The user's metadata and our own marks in it.
 */
#include "common/paycore.h"

#include "common/database.h"
#include "common/metadata.h"
#include "common/secrets.h"
#include "miscadmin.h"
#include "reduce/internal.h"

/*
 * The mark of another database is ours where the request for the object came
 * here with a copy of that one, and was adopted or had ended by then.
 */
static PcPlan origin_plan = PC_PLAN("uttto",
	"SELECT 1 FROM paycore.outbox WHERE object_id OPERATOR(pg_catalog.=) $1 AND tenant_id OPERATOR(pg_catalog.=) $2"
	" AND COALESCE(origin, instance OPERATOR(pg_catalog.||) '/' OPERATOR(pg_catalog.||) database_oid::text) OPERATOR(pg_catalog.=) $3"
	" AND (finished_at IS NOT NULL AND status OPERATOR(pg_catalog.<>) 'discarded'"
	"  OR instance OPERATOR(pg_catalog.=) $4 AND database_oid OPERATOR(pg_catalog.=) $5) LIMIT 1");

static bool
is_reserved(const char *key)
{
	return pc_metadata_is_reserved(key, (int) strlen(key));
}

/* Calls visit(key, value) for every pair; stops where it says false. */
static bool
each_pair(const Jsonb *json, bool (*visit) (const char *key, char *value, void *state), void *state)
{
	JsonbIterator *it;
	JsonbValue	v;
	JsonbIteratorToken token;
	char	   *key = NULL;

	if (json == NULL || !JB_ROOT_IS_OBJECT(json))
		return true;
	it = JsonbIteratorInit(unconstify(JsonbContainer *, &json->root));
	while ((token = JsonbIteratorNext(&it, &v, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
			key = pnstrdup(v.val.string.val, v.val.string.len);
		else if (token == WJB_VALUE && key != NULL && !visit(key, pc_json_value_text(&v), state))
			return false;
	}
	return true;
}

static bool
add_users_pair(const char *key, char *value, void *state)
{
	if (!is_reserved(key))
		pc_json_add_text(state, key, value);
	return true;
}

Jsonb *
pc_users_metadata(const Jsonb *metadata)
{
	PcJsonBuilder b;

	if (metadata == NULL)
		return NULL;
	pc_json_begin(&b);
	(void) each_pair(metadata, add_users_pair, &b);
	return pc_json_end(&b);
}

/* Nested values and nulls have no text of their own: they are taken to be there as well. */
static bool
has_pair(const char *key, char *value, void *state)
{
	const Jsonb *other = state;

	return is_reserved(key) || value == NULL || pc_same_text(pc_json_text(other, key), value);
}

/* As has_pair(), but a nested value of ours answers to any text of theirs. */
static bool
has_key(const char *key, char *value, void *state)
{
	const Jsonb *ours = state;

	return is_reserved(key) || pc_json_path(ours, key, NULL) != NULL;
}

bool
pc_same_metadata(const Jsonb *ours, const Jsonb *theirs)
{
	return each_pair(ours, has_pair, unconstify(Jsonb *, theirs)) &&
		each_pair(theirs, has_key, unconstify(Jsonb *, ours));
}

static bool
is_our_mark(const char *mark, const char *tenant, const pg_uuid_t *id)
{
	PcArgs		args = {0};

	if (strcmp(mark, pc_database_mark()) == 0)
		return true;
	pc_arg_uuid(&args, id);
	pc_arg_text(&args, tenant);
	pc_arg_text(&args, mark);
	pc_arg_text(&args, pc_instance_name());
	pc_arg(&args, ObjectIdGetDatum(MyDatabaseId), false);
	return pc_execute_args(&origin_plan, &args, false) > 0;
}

bool
pc_marked_id(const Jsonb *metadata, const char *key, char **tenant, pg_uuid_t *id)
{
	char	   *text = metadata != NULL ? pc_json_text(metadata, key) : NULL;
	char	   *mark;

	if (text == NULL || strlen(text) != 36 || strspn(text, "0123456789abcdef-") != 36)
		return false;
	mark = pc_json_text(metadata, "paycore_db");
	*tenant = pc_json_text(metadata, "paycore_tenant");
	if (mark == NULL || *tenant == NULL)
		return false;

	/* uuid_in() raises on misplaced dashes. */
	for (int i = 0; i < 36; i++)
		if ((text[i] == '-') != (i == 8 || i == 13 || i == 18 || i == 23))
			return false;
	*id = *DatumGetUUIDP(DirectFunctionCall1(uuid_in, CStringGetDatum(text)));
	return is_our_mark(mark, *tenant, id);
}

PcAccountMark
pc_account_mark(const Jsonb *metadata, const pg_uuid_t *account)
{
	char	   *ignored;
	pg_uuid_t	marked;

	if (!pc_marked_id(metadata, "paycore_account", &ignored, &marked))
		return PC_ACCOUNT_UNMARKED;
	return memcmp(&marked, account, sizeof(marked)) == 0 ? PC_ACCOUNT_SAME : PC_ACCOUNT_OTHER;
}

/*
 * search_path.c
 *		Where our statements look for names that carry no schema.
 */
#include "common/paycore.h"

#include "catalog/namespace.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_database.h"
#include "catalog/pg_namespace.h"
#include "common/search_path.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/guc.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#define SAFE_SEARCH_PATH "pg_catalog, pg_temp"
#define MAX_SCHEMAS 16

/* The last answer of pc_search_path_is_private(). */
static struct
{
	bool		callbacks;
	bool		valid;
	Oid			user;
	char	   *path;
	bool		private;
}			known;

static void
forget(Datum arg, int cacheid, uint32 hash)
{
	known.valid = false;
}

static void
register_callbacks(void)
{
	if (known.callbacks)
		return;
	CacheRegisterSyscacheCallback(NAMESPACEOID, forget, (Datum) 0);
	CacheRegisterSyscacheCallback(AUTHOID, forget, (Datum) 0);
	CacheRegisterSyscacheCallback(DATABASEOID, forget, (Datum) 0);
	known.callbacks = true;
}

static Oid
database_owner(void)
{
	HeapTuple	tuple = SearchSysCache1(DATABASEOID, ObjectIdGetDatum(MyDatabaseId));
	Oid			owner = InvalidOid;

	if (HeapTupleIsValid(tuple))
	{
		owner = ((Form_pg_database) GETSTRUCT(tuple))->datdba;
		ReleaseSysCache(tuple);
	}
	return owner;
}

static bool
is_trusted(Oid role)
{
	if (role == ROLE_PG_DATABASE_OWNER)
		role = database_owner();
	return OidIsValid(role) && (role == GetUserId() || superuser_arg(role));
}

static bool
grants_creation_to_strangers(const Acl *acl)
{
	const AclItem *items = ACL_DAT(acl);

	for (int i = 0; i < ACL_NUM(acl); i++)
	{
		if ((items[i].ai_privs & ACL_CREATE) != 0 && !is_trusted(items[i].ai_grantee))
			return true;
	}
	return false;
}

static bool
is_private_schema(Oid schema)
{
	HeapTuple	tuple = SearchSysCache1(NAMESPACEOID, ObjectIdGetDatum(schema));
	bool		private;
	bool		isnull;
	Datum		acl;

	if (!HeapTupleIsValid(tuple))
		return false;
	private = is_trusted(((Form_pg_namespace) GETSTRUCT(tuple))->nspowner);
	acl = SysCacheGetAttr(NAMESPACEOID, tuple, Anum_pg_namespace_nspacl, &isnull);
	if (private && !isnull)
		private = !grants_creation_to_strangers(DatumGetAclP(acl));
	ReleaseSysCache(tuple);
	return private;
}

static bool
look_at_schemas(void)
{
	Oid			schemas[MAX_SCHEMAS];
	int			n = fetch_search_path_array(schemas, MAX_SCHEMAS);

	if (n > MAX_SCHEMAS)
		return false;
	for (int i = 0; i < n; i++)
	{
		if (!is_private_schema(schemas[i]))
			return false;
	}
	return true;
}

bool
pc_search_path_is_private(void)
{
	register_callbacks();
	if (known.valid && known.user == GetUserId() && strcmp(known.path, namespace_search_path) == 0)
		return known.private;

	known.valid = false;
	if (known.path != NULL)
		pfree(known.path);
	known.path = NULL;
	known.path = MemoryContextStrdup(TopMemoryContext, namespace_search_path);
	known.user = GetUserId();
	known.valid = true;			/* before the look: what changes meanwhile unsets it */
	known.private = look_at_schemas();
	return known.private;
}

static void
pin(void)
{
	(void) set_config_option("search_path", SAFE_SEARCH_PATH, PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
}

static bool
is_pinned(void)
{
	return strcmp(namespace_search_path, SAFE_SEARCH_PATH) == 0;
}

int
pc_search_path_pin(void)
{
	int			level;

	if (is_pinned())
		return 0;
	level = NewGUCNestLevel();
	pin();
	return level;
}

void
pc_search_path_unpin(int guc_level)
{
	if (guc_level > 0)
		AtEOXact_GUC(true, guc_level);
}

int
pc_settings_fence(void)
{
	int			level = NewGUCNestLevel();

	if (!is_pinned())
		pin();
	return level;
}

void
pc_settings_unfence(int guc_level)
{
	if (guc_level > 0)
		AtEOXact_GUC(false, guc_level);
}

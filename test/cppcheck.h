/* What cppcheck must know of PostgreSQL's macros; it does not read the server's headers. */
#define PG_MODULE_MAGIC extern int paycore_magic
#define PG_MODULE_MAGIC_EXT(...) extern int paycore_magic
#define PG_FUNCTION_INFO_V1(name) extern Datum name(PG_FUNCTION_ARGS)
#define PG_FUNCTION_ARGS FunctionCallInfo fcinfo
#define PGDLLEXPORT
#define PG_TRY() if (paycore_try())
#define PG_CATCH() else
#define PG_FINALLY() if (1)
#define PG_END_TRY()
#define INT64_FORMAT "%ld"
#define UINT64_FORMAT "%lu"
#define UINT64CONST(x) (x##UL)
#define INT64CONST(x) (x##L)
#define CppAsString2(x) #x
#define Assert(x) ((void) 0)
#define StaticAssertDecl(...) extern int paycore_static
#define lengthof(x) (sizeof(x) / sizeof((x)[0]))
#define PG_VERSION_NUM 150000
#define FLEXIBLE_ARRAY_MEMBER
#define pg_attribute_printf(f, a)
#define pg_noreturn
#define foreach(cell, list) for (cell = paycore_first(list); cell != NULL; cell = paycore_next(cell))
#define ERROR 21
#define FATAL 22
#define ereport(level, ...) do { if ((level) >= ERROR) exit(1); } while (0)
#define elog(level, ...) do { if ((level) >= ERROR) exit(1); } while (0)
#define pc_soft_error(context, result, ...) return (result)

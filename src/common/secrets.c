/*
 * secrets.c
 *		The secrets file: found, checked, read, kept and forgotten.
 *
 * All values live in one buffer of a private memory context, so that
 * forgetting them is wiping one block.
 */
#include "common/secrets.h"

#include "common/hashfn.h"
#include "common/secrets_parse.h"
#include "common/settings.h"
#include "miscadmin.h"
#include "storage/fd.h"
#include "utils/memutils.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_FILE_SIZE (64 * 1024)

/* What was read last, from where, and whether it was any good. */
typedef struct SecretsCache
{
	MemoryContext context;		/* NULL = nothing is known */
	struct stat identity;		/* all zero where the file could not be examined */
	char	   *path;
	char	   *buffer;			/* MAX_FILE_SIZE + 2 bytes */
	uint64		version;
	const char *error;			/* NULL if good */
	const char *warning;
	PcSecretsText text;
} SecretsCache;

static SecretsCache cache;
static bool held = false;

static bool
is_configured(void)
{
	return pc_secrets_file != NULL && pc_secrets_file[0] != '\0';
}

void
pc_secrets_forget(void)
{
	MemoryContext context = cache.context;

	if (cache.buffer != NULL)
		explicit_bzero(cache.buffer, MAX_FILE_SIZE + 2);
	memset(&cache, 0, sizeof(cache));
	if (context != NULL)
		MemoryContextDelete(context);
}

static bool
same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
		a->st_mode == b->st_mode && a->st_uid == b->st_uid &&
		a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
		a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

/* A file that could not be read is looked at every time: what stops us may lie in a folder above. */
static bool
is_current(void)
{
	struct stat now;

	if (cache.context == NULL || strcmp(cache.path, pc_secrets_file) != 0)
		return false;
	return held ||
		(cache.identity.st_ino != 0 && stat(cache.path, &now) == 0 && same_file(&now, &cache.identity));
}

static const char *
check_file(const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		return "it is not a regular file";
	if (st->st_uid != geteuid() && st->st_uid != 0)
		return "it belongs neither to the server's operating-system user nor to root";
	if (st->st_mode & (S_IRWXG | S_IRWXO))
		return "group or others have rights on it; give it mode 0600";
	if (st->st_size > MAX_FILE_SIZE)
		return "it is larger than 64 kB";
	return NULL;
}

/* The whole file, or one byte over the limit; -1 with errno. */
static ssize_t
read_all(int fd, char *buffer, size_t size)
{
	size_t		len = 0;

	while (len < size)
	{
		ssize_t		got = read(fd, buffer + len, size - len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		len += got;
	}
	return len;
}

/* Everything is asked of the descriptor, so nobody can swap the file in between. */
static const char *
read_checked(int fd, ssize_t *len)
{
	const char *error;

	if (fstat(fd, &cache.identity) != 0)
		return psprintf("it cannot be examined: %s", strerror(errno));
	error = check_file(&cache.identity);
	if (error != NULL)
		return error;
	*len = read_all(fd, cache.buffer, MAX_FILE_SIZE + 1);
	if (*len < 0)
		return psprintf("it cannot be read: %s", strerror(errno));
	return *len > MAX_FILE_SIZE ? "it is larger than 64 kB" : NULL;
}

static const char *
read_and_parse(void)
{
	ssize_t		len = 0;
	int			line;
	int			fd;
	const char *error;

	if (!is_absolute_path(cache.path))
		return "its path is not absolute";
	/* O_NONBLOCK: a FIFO must not hold us up. */
	fd = BasicOpenFile(cache.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | PG_BINARY);
	if (fd < 0)
		return psprintf("it cannot be opened: %s", strerror(errno));
	error = read_checked(fd, &len);
	close(fd);
	if (error != NULL)
		return error;
	cache.buffer[len] = '\0';
	error = pc_secrets_parse(cache.buffer, len, &cache.text, &line);
	return error == NULL ? NULL : psprintf("line %d: %s", line, error);
}

/* Backups of the data directory, and clones made from them, would carry the keys along. */
static const char *
find_warning(void)
{
	char		file[PATH_MAX];
	char		dir[PATH_MAX];
	size_t		len;

	if (realpath(cache.path, file) == NULL || realpath(DataDir, dir) == NULL)
		return NULL;
	len = strlen(dir);
	if (strncmp(file, dir, len) == 0 && file[len] == '/')
		return "the secrets file lies inside the data directory: backups and clones carry the keys along";
	return NULL;
}

static uint64
version_of(const char *path, const struct stat *st)
{
	int64		parts[] = {st->st_dev, st->st_ino, st->st_size, st->st_mtim.tv_sec, st->st_mtim.tv_nsec,
		st->st_ctim.tv_sec, st->st_ctim.tv_nsec};
	uint64		seed = hash_bytes_extended((const unsigned char *) path, strlen(path), 0);

	return Max(hash_bytes_extended((const unsigned char *) parts, sizeof(parts), seed), 1);
}

static void
load(void)
{
	MemoryContext old;

	pc_secrets_forget();
	cache.context = AllocSetContextCreate(TopMemoryContext, "paycore secrets",
										  ALLOCSET_SMALL_SIZES);
	old = MemoryContextSwitchTo(cache.context);
	cache.path = pstrdup(pc_secrets_file);
	cache.buffer = palloc0(MAX_FILE_SIZE + 2);
	cache.error = read_and_parse();
	cache.version = version_of(cache.path, &cache.identity);
	cache.warning = find_warning();
	MemoryContextSwitchTo(old);
	if (cache.error != NULL)
	{
		/* Half a file is no file. */
		explicit_bzero(cache.buffer, MAX_FILE_SIZE + 2);
		memset(&cache.text, 0, sizeof(cache.text));
	}
}

const char *
pc_secrets_error(void)
{
	if (!is_configured())
	{
		pc_secrets_forget();
		return NULL;
	}
	if (!is_current())
		load();
	return cache.error;
}

static void
raise_if_bad(void)
{
	const char *error = pc_secrets_error();

	if (error != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_PC_SECRETS),
				 errmsg("the secrets file cannot be used"),
				 errdetail_internal("%s", error),
				 errhint("The file is named by the setting paycore.secrets_file; it is read again at the next call.")));
}

uint64
pc_secrets_version(void)
{
	(void) pc_secrets_error();
	return cache.version;
}

void
pc_secrets_reread(void)
{
	held = false;
	(void) pc_secrets_error();
	held = true;
}

const char *
pc_instance_name(void)
{
	raise_if_bad();
	return cache.text.instance == NULL ? "" : cache.text.instance;
}

static const PcSecrets *
find_account(const char *account)
{
	for (int i = 0; i < cache.text.naccounts; i++)
	{
		if (strcmp(cache.text.accounts[i].account, account) == 0)
			return &cache.text.accounts[i];
	}
	return NULL;
}

const PcSecrets *
pc_secrets_get(const char *account)
{
	raise_if_bad();
	return find_account(account);
}

const PcSecrets *
pc_secrets_try(const char *account, const char **why)
{
	const PcSecrets *found;

	*why = pc_secrets_error();
	if (*why != NULL)
		return NULL;
	found = find_account(account);
	if (found == NULL)
		*why = is_configured() ? "the secrets file has no section of this name"
			: "no secrets file is configured (paycore.secrets_file)";
	return found;
}

const char *
pc_secrets_warning(void)
{
	(void) pc_secrets_error();
	return cache.warning;
}

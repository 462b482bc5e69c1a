/*
 * fault.c
 *		Points at which a test build can be made to die, fail or wait.
 */
#include "common/paycore.h"

#include "common/fault.h"

#ifdef PAYCORE_FAULT_POINTS

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "miscadmin.h"
#include "postmaster/bgworker.h"
#include "utils/guc.h"

static char *fault_setting;

void
pc_fault_init(void)
{
	DefineCustomStringVariable("paycore.fault", "Faults to be injected, in test builds only.", NULL,
							   &fault_setting, "", PGC_SUSET, 0, NULL, NULL, NULL);
}

/* The kind after "point=", up to the next comma; false where the point is not listed. */
static bool
find_kind(const char *point, char *kind, size_t size)
{
	const char *at = fault_setting;
	size_t		len = strlen(point);

	while (at != NULL && *at != '\0')
	{
		if (strncmp(at, point, len) == 0 && at[len] == '=')
		{
			strlcpy(kind, at + len + 1, size);
			kind[strcspn(kind, ",")] = '\0';
			return true;
		}
		at = strchr(at, ',');
		if (at != NULL)
			at++;
	}
	return false;
}

/* Cuts "@assistant" off; false where this process is not called so. */
static bool
meant_for_us(char *kind)
{
	char	   *role = strchr(kind, '@');

	if (role == NULL)
		return true;
	*role = '\0';
	return MyBgworkerEntry != NULL && strstr(MyBgworkerEntry->bgw_type, role + 1) != NULL;
}

static bool
first_time(const char *point)
{
	char		path[MAXPGPATH];
	int			fd;

	snprintf(path, sizeof(path), "%s/paycore_fault.%s", DataDir, point);
	fd = open(path, O_CREAT | O_EXCL | O_WRONLY, 0600);
	if (fd < 0)
		return false;
	close(fd);
	return true;
}

void
pc_fault(const char *point)
{
	char		kind[64];

	if (fault_setting == NULL || fault_setting[0] == '\0')
		return;
	if (!find_kind(point, kind, sizeof(kind)) || !meant_for_us(kind) || !first_time(point))
		return;
	if (strcmp(kind, "kill") == 0)
		kill(MyProcPid, SIGKILL);
	else if (strcmp(kind, "kill_postmaster") == 0)
		kill(PostmasterPid, SIGKILL);
	else if (strcmp(kind, "error") == 0)
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("paycore: fault point %s", point)));
	else if (strncmp(kind, "sleep:", 6) == 0)
		pg_usleep(atol(kind + 6) * 1000L);
}

#endif							/* PAYCORE_FAULT_POINTS */

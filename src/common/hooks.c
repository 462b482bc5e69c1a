/*
 * hooks.c
 *		Where a lower room needs a deed of a higher one.
 */
#include "common/paycore.h"

#include "common/hooks.h"

void		(*pc_wake_launcher_at_commit) (void);

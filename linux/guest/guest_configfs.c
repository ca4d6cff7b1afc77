// SPDX-License-Identifier: GPL-2.0
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * /sys/kernel/config/tsm/report for kernels without a TSM core, with the files
 * and the behaviour of the kernel's Documentation/ABI/testing/configfs-tsm:
 * every write of inblob counts in generation, a read of outblob makes the report
 * that the last write asked for, once.
 */
#include <linux/configfs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "guest.h"

#define INBLOB_MAX  COVE_GUEST_CHALLENGE_LEN
#define OUTBLOB_MAX COVE_GUEST_MAX_EVIDENCE

/**
 * struct entry - a directory below report/
 * @lock: guards the rest
 * @written: how often inblob was written; the generation
 * @made: the generation that @report is of
 */
struct entry {
	struct config_item item;
	struct mutex lock;
	u8 inblob[INBLOB_MAX];
	size_t inblob_len;
	unsigned long written;
	unsigned long made;
	struct guest_report report;
};

static struct entry *to_entry(struct config_item *item)
{
	return container_of(item, struct entry, item);
}

static ssize_t entry_generation_show(struct config_item *item, char *page)
{
	struct entry *entry = to_entry(item);
	ssize_t ret;

	mutex_lock(&entry->lock);
	ret = sysfs_emit(page, "%lu\n", entry->written);
	mutex_unlock(&entry->lock);
	return ret;
}
CONFIGFS_ATTR_RO(entry_, generation);

static ssize_t entry_provider_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%s\n", GUEST_PROVIDER);
}
CONFIGFS_ATTR_RO(entry_, provider);

/*
 * Called when the file is closed, with all that was written. The generation
 * must not come round to that of the report unnoticed.
 */
static ssize_t entry_inblob_write(struct config_item *item, const void *data, size_t len)
{
	struct entry *entry = to_entry(item);
	ssize_t ret = -EBUSY;

	if (!len || len > INBLOB_MAX)
		return -EINVAL;
	mutex_lock(&entry->lock);
	if (entry->written + 1 != entry->made) {
		entry->written++;
		memcpy(entry->inblob, data, len);
		entry->inblob_len = len;
		ret = len;
	}
	mutex_unlock(&entry->lock);
	return ret;
}
CONFIGFS_BIN_ATTR_WO(entry_, inblob, NULL, INBLOB_MAX);

/* Caller holds the lock. */
static int refresh(struct entry *entry)
{
	int ret;

	if (!entry->inblob_len)
		return -EINVAL;
	if (entry->report.cbor && entry->made == entry->written)
		return 0;
	guest_report_free(&entry->report);
	ret = guest_report_make(entry->inblob, entry->inblob_len, &entry->report);
	if (!ret)
		entry->made = entry->written;
	return ret;
}

/*
 * configfs calls twice: without a buffer for the length, then with one of that
 * length. A write in between made the length stale: -EWOULDBLOCK, read again.
 */
static ssize_t give(struct entry *entry, void *buf, size_t count, bool aux)
{
	const void *blob;
	ssize_t ret = 0;
	size_t len;

	if (mutex_lock_interruptible(&entry->lock))
		return -EINTR;
	if (buf && entry->made != entry->written)
		ret = -EWOULDBLOCK;
	else
		ret = refresh(entry);
	blob = aux ? entry->report.x509 : entry->report.cbor;
	len = aux ? entry->report.x509_len : entry->report.cbor_len;
	if (!ret && buf && count < len)
		ret = -EWOULDBLOCK;
	if (!ret) {
		if (buf)
			memcpy(buf, blob, len);
		ret = len;
	}
	mutex_unlock(&entry->lock);
	return ret;
}

static ssize_t entry_outblob_read(struct config_item *item, void *buf, size_t count)
{
	return give(to_entry(item), buf, count, false);
}
CONFIGFS_BIN_ATTR_RO(entry_, outblob, NULL, OUTBLOB_MAX);

static ssize_t entry_auxblob_read(struct config_item *item, void *buf, size_t count)
{
	return give(to_entry(item), buf, count, true);
}
CONFIGFS_BIN_ATTR_RO(entry_, auxblob, NULL, OUTBLOB_MAX);

static struct configfs_attribute *entry_attrs[] = {
	&entry_attr_generation,
	&entry_attr_provider,
	NULL,
};

static struct configfs_bin_attribute *entry_bin_attrs[] = {
	&entry_attr_inblob,
	&entry_attr_outblob,
	&entry_attr_auxblob,
	NULL,
};

static void entry_release(struct config_item *item)
{
	struct entry *entry = to_entry(item);

	guest_report_free(&entry->report);
	kfree(entry);
}

static struct configfs_item_operations entry_ops = {
	.release = entry_release,
};

static const struct config_item_type entry_type = {
	.ct_owner = THIS_MODULE,
	.ct_item_ops = &entry_ops,
	.ct_attrs = entry_attrs,
	.ct_bin_attrs = entry_bin_attrs,
};

static struct config_item *make_entry(struct config_group *group, const char *name)
{
	struct entry *entry = kzalloc(sizeof(*entry), GFP_KERNEL);

	if (!entry)
		return ERR_PTR(-ENOMEM);
	mutex_init(&entry->lock);
	config_item_init_type_name(&entry->item, name, &entry_type);
	return &entry->item;
}

static struct configfs_group_operations reports_ops = {
	.make_item = make_entry,
};

static const struct config_item_type reports_type = {
	.ct_owner = THIS_MODULE,
	.ct_group_ops = &reports_ops,
};

static const struct config_item_type tsm_type = {
	.ct_owner = THIS_MODULE,
};

static struct configfs_subsystem tsm = {
	.su_group = {
		.cg_item = {
			.ci_namebuf = "tsm",
			.ci_type = &tsm_type,
		},
	},
	.su_mutex = __MUTEX_INITIALIZER(tsm.su_mutex),
};

static struct config_group *reports;

/** guest_tsm_register() - make the directory tsm/report */
int guest_tsm_register(void)
{
	int ret;

	config_group_init(&tsm.su_group);
	ret = configfs_register_subsystem(&tsm);
	if (ret)
		return ret;
	reports = configfs_register_default_group(&tsm.su_group, "report", &reports_type);
	if (IS_ERR(reports)) {
		configfs_unregister_subsystem(&tsm);
		return PTR_ERR(reports);
	}
	return 0;
}

/** guest_tsm_unregister() - undo guest_tsm_register() */
void guest_tsm_unregister(void)
{
	configfs_unregister_default_group(reports);
	configfs_unregister_subsystem(&tsm);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The shared disk of `cove run --disk` (docs/shared-disk.md) as a block device.
 *
 * Data moves through a buffer that is shared with the host for as long as the
 * disk is there. The host may change what is in it, and on the disk, at any
 * time: every byte is copied out once, and what is on the disk has to be
 * encrypted and authenticated by its user.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/blk-mq.h>
#include <linux/highmem.h>
#include <linux/io.h>
#include <linux/minmax.h>
#include <linux/mod_devicetable.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <asm/sbi.h>
#include <cove/sbi_cove.h>

#define REG_MAGIC    0x00
#define REG_CAPACITY 0x08
#define REG_ADDRESS  0x10
#define REG_LENGTH   0x18
#define REG_OFFSET   0x20
#define REG_COMMAND  0x28
#define REG_STATUS   0x30

#define MAGIC 0x4b53494445564f43ULL /* "COVEDISK" */

#define COMMAND_READ  1
#define COMMAND_WRITE 2
#define COMMAND_FLUSH 3

#define BUFFER_SIZE SZ_256K

/**
 * struct cove_disk - the device
 * @lock: guards registers and buffer, which are one set
 * @confidential: @buffer had to be shared
 */
struct cove_disk {
	void __iomem *regs;
	struct mutex lock;
	void *buffer;
	bool confidential;
	struct blk_mq_tag_set tags;
	struct gendisk *disk;
};

static long covg(unsigned long fid, void *buffer)
{
	return sbi_ecall(SBI_EXT_COVG, fid, virt_to_phys(buffer), BUFFER_SIZE, 0, 0, 0, 0).error;
}

static int buffer_share(struct cove_disk *d)
{
	long error;

	d->buffer = alloc_pages_exact(BUFFER_SIZE, GFP_KERNEL | __GFP_ZERO);
	if (!d->buffer)
		return -ENOMEM;
	if (sbi_probe_extension(SBI_EXT_COVG) <= 0)
		return 0;
	error = covg(SBI_COVG_SHARE_MEMORY_REGION, d->buffer);
	if (error) {
		pr_err("cannot share memory with the host (SBI error %ld)\n", error);
		free_pages_exact(d->buffer, BUFFER_SIZE);
		return -EIO;
	}
	d->confidential = true;
	return 0;
}

/* Memory that stays shared must not be used for anything else. */
static void buffer_free(struct cove_disk *d)
{
	long error = d->confidential ? covg(SBI_COVG_UNSHARE_MEMORY_REGION, d->buffer) : 0;

	if (error)
		pr_err("%d bytes stay shared with the host (SBI error %ld)\n", BUFFER_SIZE, error);
	else
		free_pages_exact(d->buffer, BUFFER_SIZE);
}

static s64 command(struct cove_disk *d, u64 what, u64 len, u64 offset)
{
	writeq(virt_to_phys(d->buffer), d->regs + REG_ADDRESS);
	writeq(len, d->regs + REG_LENGTH);
	writeq(offset, d->regs + REG_OFFSET);
	writeq(what, d->regs + REG_COMMAND); /* done when the store is */
	return readq(d->regs + REG_STATUS);
}

/* Between the pages of a request and the buffer, which is as large as any of them. */
static void copy_data(struct cove_disk *d, struct request *rq, bool to_buffer)
{
	struct req_iterator iter;
	struct bio_vec bv;
	size_t at = 0;

	rq_for_each_segment(bv, rq, iter)
	{
		if (to_buffer)
			memcpy_from_bvec(d->buffer + at, &bv);
		else
			memcpy_to_bvec(&bv, d->buffer + at);
		at += bv.bv_len;
	}
}

static blk_status_t transfer(struct cove_disk *d, struct request *rq)
{
	const u64 len = blk_rq_bytes(rq), offset = blk_rq_pos(rq) << SECTOR_SHIFT;

	switch (req_op(rq)) {
	case REQ_OP_READ:
		if (command(d, COMMAND_READ, len, offset) != len)
			return BLK_STS_IOERR;
		copy_data(d, rq, false);
		return BLK_STS_OK;
	case REQ_OP_WRITE:
		copy_data(d, rq, true);
		return command(d, COMMAND_WRITE, len, offset) == len ? BLK_STS_OK : BLK_STS_IOERR;
	case REQ_OP_FLUSH:
		return command(d, COMMAND_FLUSH, 0, 0) ? BLK_STS_IOERR : BLK_STS_OK;
	default:
		return BLK_STS_NOTSUPP;
	}
}

static blk_status_t queue_rq(struct blk_mq_hw_ctx *hctx, const struct blk_mq_queue_data *bd)
{
	struct cove_disk *d = hctx->queue->queuedata;
	blk_status_t status;

	blk_mq_start_request(bd->rq);
	mutex_lock(&d->lock);
	status = transfer(d, bd->rq);
	mutex_unlock(&d->lock);
	blk_mq_end_request(bd->rq, status);
	return BLK_STS_OK;
}

static const struct blk_mq_ops queue_ops = {
	.queue_rq = queue_rq,
};

static const struct block_device_operations disk_ops = {
	.owner = THIS_MODULE,
};

static int disk_add(struct cove_disk *d, u64 capacity)
{
	struct queue_limits limits = {
		.logical_block_size = SECTOR_SIZE,
		.max_hw_sectors = BUFFER_SIZE >> SECTOR_SHIFT,
		.features = BLK_FEAT_WRITE_CACHE,
	};
	int ret;

	ret = blk_mq_alloc_sq_tag_set(&d->tags, &queue_ops, 16, BLK_MQ_F_BLOCKING);
	if (ret)
		return ret;
	d->disk = blk_mq_alloc_disk(&d->tags, &limits, d);
	if (IS_ERR(d->disk)) {
		ret = PTR_ERR(d->disk);
		goto err_tags;
	}
	d->disk->fops = &disk_ops;
	strscpy(d->disk->disk_name, "covedisk", sizeof(d->disk->disk_name));
	set_capacity(d->disk, capacity >> SECTOR_SHIFT);
	ret = add_disk(d->disk);
	if (!ret)
		return 0;
	put_disk(d->disk);
err_tags:
	blk_mq_free_tag_set(&d->tags);
	return ret;
}

static int disk_probe(struct platform_device *pdev)
{
	struct cove_disk *d = devm_kzalloc(&pdev->dev, sizeof(*d), GFP_KERNEL);
	u64 capacity;
	int ret;

	if (!d)
		return -ENOMEM;
	d->regs = devm_platform_ioremap_resource(pdev, 0);
	if (IS_ERR(d->regs))
		return PTR_ERR(d->regs);
	capacity = readq(d->regs + REG_CAPACITY);
	if (readq(d->regs + REG_MAGIC) != MAGIC || capacity < SECTOR_SIZE || capacity > S64_MAX) {
		pr_err("this is not a shared disk\n");
		return -ENODEV;
	}
	mutex_init(&d->lock);
	ret = buffer_share(d);
	if (ret)
		return ret;
	ret = disk_add(d, capacity);
	if (ret) {
		buffer_free(d);
		return ret;
	}
	platform_set_drvdata(pdev, d);
	return 0;
}

static void disk_remove(struct platform_device *pdev)
{
	struct cove_disk *d = platform_get_drvdata(pdev);

	del_gendisk(d->disk);
	put_disk(d->disk);
	blk_mq_free_tag_set(&d->tags);
	buffer_free(d);
}

static const struct of_device_id disk_match[] = {
	{ .compatible = "covesbi,shared-disk" },
	{},
};
MODULE_DEVICE_TABLE(of, disk_match);

static struct platform_driver disk_driver = {
	.probe = disk_probe,
	.remove = disk_remove,
	.driver = {
		.name = "cove-disk",
		.of_match_table = disk_match,
	},
};
module_platform_driver(disk_driver);

MODULE_DESCRIPTION("Shared disk of cove run");
MODULE_AUTHOR("CoveSBI contributors");
MODULE_LICENSE("GPL");

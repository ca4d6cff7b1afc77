/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * A disk for guests that share memory with the host: a file, read into and
 * written from guest memory that the guest has shared (COVG share_memory_region).
 * docs/shared-disk.md describes it for guests. Registers are 64-bit; a store to
 * COMMAND executes it, and it is done when the store is.
 *
 * The guest is not trusted: all of a request is checked, and its memory is only
 * touched by read and write of the kernel, which fail where it is not shared.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vm.h"

enum reg {
	REG_MAGIC = 0x00,
	REG_CAPACITY = 0x08,
	REG_ADDRESS = 0x10,
	REG_LENGTH = 0x18,
	REG_OFFSET = 0x20,
	REG_COMMAND = 0x28,
	REG_STATUS = 0x30,
};

#define MAGIC 0x4b53494445564f43ULL /* "COVEDISK" */

enum command { COMMAND_READ = 1, COMMAND_WRITE = 2, COMMAND_FLUSH = 3 };

/* STATUS: bytes moved, or one of these */
#define RESULT_BAD_REQUEST -1
#define RESULT_NOT_SHARED  -2
#define RESULT_IO_ERROR	   -3

struct request {
	uint64_t address;
	uint64_t length;
	uint64_t offset;
};

static struct {
	int fd;
	uint64_t capacity;
	struct request request;
	int64_t status;
} disk = { .fd = -1 };

/**
 * disk_open() - open the file of --disk, if there is one
 *
 * Returns 0, or -1 after an error message.
 */
int disk_open(const struct vm_options *opt)
{
	struct stat st;
	off_t size;

	if (!opt->disk)
		return 0;
	disk.fd = open(opt->disk, O_RDWR | O_CLOEXEC);
	if (disk.fd < 0) {
		err("--disk %s: %s", opt->disk, strerror(errno));
		return -1;
	}
	if (fstat(disk.fd, &st) || !(S_ISREG(st.st_mode) || S_ISBLK(st.st_mode))) {
		err("--disk %s: neither a file nor a block device", opt->disk);
		return -1;
	}
	size = lseek(disk.fd, 0, SEEK_END);
	if (size <= 0) {
		err("--disk %s: it is empty", opt->disk);
		return -1;
	}
	disk.capacity = size;
	return 0;
}

static bool inside(uint64_t start, uint64_t len, uint64_t size)
{
	return len <= size && start <= size - len;
}

/* The whole range, since read and write may do less at a time. */
static int64_t transfer(bool write, uint8_t *data, uint64_t len, uint64_t offset)
{
	uint64_t done = 0;

	while (done < len) {
		ssize_t n = write ? pwrite(disk.fd, data + done, len - done, offset + done)
				  : pread(disk.fd, data + done, len - done, offset + done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EFAULT ? RESULT_NOT_SHARED : RESULT_IO_ERROR;
		if (!n)
			return RESULT_IO_ERROR; /* the file has become shorter */
		done += n;
	}
	return done;
}

static int64_t execute(struct vm *vm, const struct request *r, uint64_t command)
{
	if (command == COMMAND_FLUSH)
		return fdatasync(disk.fd) ? RESULT_IO_ERROR : 0;
	if ((command != COMMAND_READ && command != COMMAND_WRITE) || r->length > INT_MAX ||
	    !inside(r->offset, r->length, disk.capacity) || r->address < RAM_BASE ||
	    !inside(r->address - RAM_BASE, r->length, vm->opt->memory))
		return RESULT_BAD_REQUEST;
	return transfer(command == COMMAND_WRITE, (uint8_t *)vm->ram + (r->address - RAM_BASE),
			r->length, r->offset);
}

static uint64_t get(unsigned int reg)
{
	switch (reg) {
	case REG_MAGIC:
		return MAGIC;
	case REG_CAPACITY:
		return disk.capacity;
	case REG_STATUS:
		return disk.status;
	default:
		return 0;
	}
}

static void set(unsigned int reg, uint64_t value)
{
	switch (reg) {
	case REG_ADDRESS:
		disk.request.address = value;
		break;
	case REG_LENGTH:
		disk.request.length = value;
		break;
	case REG_OFFSET:
		disk.request.offset = value;
		break;
	}
}

/**
 * disk_mmio() - a load or store of 8 bytes
 * @reg: offset from DISK_BASE, a multiple of 8
 *
 * Takes dev_lock, but not while it moves data.
 */
void disk_mmio(struct vm *vm, unsigned int reg, uint8_t data[8], bool is_write)
{
	struct request request;
	uint64_t value;
	int64_t status;

	memcpy(&value, data, sizeof(value));
	pthread_mutex_lock(&vm->dev_lock);
	if (is_write)
		set(reg, value);
	else
		value = get(reg);
	request = disk.request;
	pthread_mutex_unlock(&vm->dev_lock);
	memcpy(data, &value, sizeof(value));
	if (!is_write || reg != REG_COMMAND)
		return;
	status = execute(vm, &request, value);
	pthread_mutex_lock(&vm->dev_lock);
	disk.status = status;
	pthread_mutex_unlock(&vm->dev_lock);
}

/** disk_close() - undo disk_open() */
void disk_close(void)
{
	if (disk.fd >= 0)
		close(disk.fd);
	disk.fd = -1;
}

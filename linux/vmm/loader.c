/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Kernel, initrd and device tree: checks, placement, and their bytes in pages.
 *
 * The order in memory is kernel, initrd, device tree, because that is the
 * order in which they are measured and measured addresses ascend.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vm.h"

#define KERNEL_ALIGN 0x200000ULL

/* Linux' boot-image-header for RISC-V, little-endian */
struct image_header {
	uint32_t code[2];
	uint64_t text_offset;
	uint64_t image_size;
	uint64_t flags;
	uint32_t version;
	uint32_t res1;
	uint64_t res2;
	uint64_t magic;
	uint32_t magic2;
	uint32_t res3;
};
_Static_assert(sizeof(struct image_header) == 64, "image_header");

#define IMAGE_MAGIC2	      0x05435352 /* "RSC\x05" */
#define IMAGE_FLAG_BIG_ENDIAN 1

/* An open file and its size. */
struct input {
	const char *what;
	const char *path;
	int fd;
	uint64_t size;
};

static int input_open(struct input *in, const char *what, const char *path)
{
	struct stat st;

	*in = (struct input){ .what = what, .path = path };
	in->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (in->fd < 0) {
		err("%s %s: %s", what, path, strerror(errno));
		return -1;
	}
	if (fstat(in->fd, &st) || !S_ISREG(st.st_mode)) {
		err("%s %s: not a regular file", what, path);
		return -1;
	}
	if (!st.st_size) {
		err("%s %s: empty", what, path);
		return -1;
	}
	in->size = st.st_size;
	return 0;
}

static int kernel_check(const struct input *in, struct image_header *h)
{
	const unsigned char *raw = (const unsigned char *)h;
	ssize_t n = pread(in->fd, h, sizeof(*h), 0);

	if (n < (ssize_t)sizeof(*h) || le32toh(h->magic2) != IMAGE_MAGIC2) {
		const char *hint = "";

		if (n > 4 && raw[0] == 0x1f && raw[1] == 0x8b)
			hint = " (it is compressed by gzip: unpack it first)";
		else if (n > 4 && !memcmp(raw,
					  "\x7f"
					  "ELF",
					  4))
			hint = " (it is an ELF file: give arch/riscv/boot/Image)";
		err("kernel %s: not a RISC-V Linux Image%s", in->path, hint);
		return -1;
	}
	if (le64toh(h->flags) & IMAGE_FLAG_BIG_ENDIAN) {
		err("kernel %s: big-endian", in->path);
		return -1;
	}
	if (le64toh(h->text_offset) % KERNEL_ALIGN) {
		err("kernel %s: its text offset 0x%llx is not a multiple of 2 MiB", in->path,
		    (unsigned long long)le64toh(h->text_offset));
		return -1;
	}
	return 0;
}

/*
 * Gives the component the next free address; *next is behind it. @size is what
 * it needs in memory, at least the file's part of it.
 */
static int place(const struct vm_options *opt, struct component *comp, uint64_t align,
		 uint64_t file_size, uint64_t size, uint64_t *next)
{
	uint64_t end = RAM_BASE + opt->memory;
	uint64_t gpa = align_up(*next, align);

	/* end is a multiple of the page size: what fits also fits rounded up */
	if (gpa > end || size > end - gpa) {
		err("--memory %lluK: too small, the %s needs %llu KiB behind the first %llu",
		    (unsigned long long)opt->memory / 1024, comp->name,
		    (unsigned long long)size / 1024 + 1,
		    (unsigned long long)(gpa - RAM_BASE) / 1024);
		return -1;
	}
	comp->gpa = gpa;
	comp->len = align_up(file_size, PAGE_SIZE);
	*next = gpa + align_up(size, PAGE_SIZE);
	return 0;
}

static int component_alloc(struct component *comp)
{
	void *p = mmap(NULL, comp->len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED) {
		err("%s: no memory for its %llu KiB", comp->name,
		    (unsigned long long)comp->len / 1024);
		return -1;
	}
	comp->data = p;
	return 0;
}

static int component_read(struct component *comp, const struct input *in)
{
	uint64_t done = 0;

	if (component_alloc(comp))
		return -1;
	while (done < in->size) {
		ssize_t n = pread(in->fd, (char *)comp->data + done, in->size - done, done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			err("%s %s: %s", in->what, in->path,
			    n ? strerror(errno) : "became shorter while it was read");
			return -1;
		}
		done += n;
	}
	return 0;
}

static int fdt_place(const struct vm_options *opt, const struct host_facts *facts,
		     struct guest_image *image, uint64_t *next)
{
	static char buf[FDT_MAX_SIZE];
	struct component *comp = &image->comp[COMP_FDT];
	int size = fdt_build(opt, facts, image, buf, sizeof(buf));

	if (size < 0)
		return -1;
	if (place(opt, comp, PAGE_SIZE, size, size, next) || component_alloc(comp))
		return -1;
	memcpy(comp->data, buf, size);
	return 0;
}

static int place_all(const struct vm_options *opt, const struct host_facts *facts,
		     const struct input *kernel, const struct input *initrd,
		     struct guest_image *image)
{
	struct component *comp = image->comp;
	struct image_header h;
	uint64_t next, size;

	if (kernel_check(kernel, &h))
		return -1;
	if (le64toh(h.text_offset) >= opt->memory) {
		err("--memory %lluK: too small for the kernel's text offset",
		    (unsigned long long)opt->memory / 1024);
		return -1;
	}
	next = RAM_BASE + le64toh(h.text_offset);
	size = le64toh(h.image_size);
	if (size < kernel->size)
		size = kernel->size;
	if (place(opt, &comp[COMP_KERNEL], KERNEL_ALIGN, kernel->size, size, &next))
		return -1;
	if (initrd->size) {
		image->initrd_size = initrd->size;
		if (place(opt, &comp[COMP_INITRD], KERNEL_ALIGN, initrd->size, initrd->size, &next))
			return -1;
	}
	if (fdt_place(opt, facts, image, &next))
		return -1;
	image->entry = comp[COMP_KERNEL].gpa;
	image->arg = comp[COMP_FDT].gpa;
	return 0;
}

static int dump_fdt(const char *path, const struct component *fdt)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	const unsigned char *p = fdt->data;
	/* the header's totalsize */
	uint32_t size = (uint32_t)p[4] << 24 | p[5] << 16 | p[6] << 8 | p[7];

	if (fd < 0 || write_all(fd, fdt->data, size, NULL) || close(fd)) {
		err("--dump-fdt %s: %s", path, strerror(errno));
		return -1;
	}
	return 0;
}

/**
 * image_load() - read and place what the guest starts with
 *
 * All checks that need no more than the files' sizes and the kernel's header
 * are made before anything is read. Free the image with image_free(), after
 * failure too. Returns 0, or -1 after an error message.
 */
int image_load(const struct vm_options *opt, const struct host_facts *facts,
	       struct guest_image *image)
{
	struct input kernel, initrd = { .fd = -1 };
	int ret = -1;

	memset(image, 0, sizeof(*image));
	image->comp[COMP_KERNEL].name = "kernel";
	image->comp[COMP_INITRD].name = "initrd";
	image->comp[COMP_FDT].name = "device tree";

	if (input_open(&kernel, "kernel", opt->kernel))
		goto out;
	if (opt->initrd && input_open(&initrd, "initrd", opt->initrd))
		goto out;
	if (place_all(opt, facts, &kernel, &initrd, image))
		goto out;
	if (component_read(&image->comp[COMP_KERNEL], &kernel))
		goto out;
	if (opt->initrd && component_read(&image->comp[COMP_INITRD], &initrd))
		goto out;
	if (opt->dump_fdt && dump_fdt(opt->dump_fdt, &image->comp[COMP_FDT]))
		goto out;
	ret = 0;
out:
	if (kernel.fd >= 0)
		close(kernel.fd);
	if (initrd.fd >= 0)
		close(initrd.fd);
	return ret;
}

/**
 * image_free() - give back the pages of an image
 */
void image_free(struct guest_image *image)
{
	for (int i = 0; i < COMP_MAX; i++) {
		if (image->comp[i].data)
			munmap(image->comp[i].data, image->comp[i].len);
		image->comp[i].data = NULL;
	}
}

/**
 * image_in_ram() - the memory of a guest as it is when the guest starts
 *
 * Returns anonymous memory of the guest's size, for munmap(), or NULL after an error message.
 */
void *image_in_ram(const struct vm_options *opt, const struct guest_image *image)
{
	char *ram = mmap(NULL, opt->memory, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (ram == MAP_FAILED) {
		err("no memory for the guest: %s", strerror(errno));
		return NULL;
	}
	for (int i = 0; i < COMP_MAX; i++) {
		const struct component *comp = &image->comp[i];

		if (comp->len)
			memcpy(ram + (comp->gpa - RAM_BASE), comp->data, comp->len);
	}
	return ram;
}

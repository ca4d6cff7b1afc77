/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The machine that `cove` builds, and the interface between its parts: the
 * options, the guest image, the devices, and the backend that runs it.
 */
#ifndef COVE_VM_H
#define COVE_VM_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* exit status of the command */
#define STATUS_OK      0   /* done; for `run`: the guest powered off */
#define STATUS_ERROR   1   /* something on the host */
#define STATUS_REBOOT  2   /* the guest asked for a reboot */
#define STATUS_CRASHED 3   /* the guest crashed or a vCPU died */
#define STATUS_USAGE   64  /* the command line */
#define STATUS_SIGNAL  128 /* + number; the escape key counts as SIGINT */

/* guest physical memory map, the same for every backend */
#define PAGE_SIZE     4096ULL
#define PLIC_BASE     0x0c000000ULL
#define PLIC_SIZE     0x00600000ULL
#define UART_BASE     0x10000000ULL
#define UART_SIZE     0x00000100ULL
#define DISK_BASE     0x10001000ULL
#define DISK_SIZE     0x00001000ULL
#define KEY_UART_BASE 0x10002000ULL
#define RAM_BASE      0x80000000ULL

#define UART_IRQ     10
#define KEY_UART_IRQ 11
#define UART_CLOCK   3686400
#define PLIC_SOURCES 31 /* sources 1..31 */

#define VM_MAX_CPUS  64
#define APPEND_MAX   1023 /* Linux' COMMAND_LINE_SIZE on RISC-V less the NUL */
#define FDT_MAX_SIZE 0x40000

/**
 * struct host_facts - what the guest's device tree repeats of the host
 * @isa: rv64 string in canonical order, only extensions that guests may use
 * @timebase: frequency of the time CSR in Hz
 * @mmu: "sv39", "sv48" or "sv57"
 * @cbom_block: bytes of a cache block (Zicbom), 0 when unknown
 * @cboz_block: bytes that cbo.zero clears (Zicboz), 0 when unknown
 */
struct host_facts {
	char isa[1024];
	uint32_t timebase;
	char mmu[8];
	uint32_t cbom_block;
	uint32_t cboz_block;
};

/**
 * struct vm_options - the command line of `run` and `measure`
 * Strings point into argv. @key_server is the path of a socket. @isa, @mmu are NULL and the numbers
 * next to them 0 when not given. @declared: the guest must say by COVG what is a device.
 */
struct vm_options {
	const char *kernel;
	const char *firmware;
	const char *initrd;
	const char *append;
	const char *dump_fdt;
	const char *disk;
	const char *key_server;
	const char *tap;
	bool registers;
	uint64_t memory;
	unsigned int cpus;
	bool insecure;
	bool declared;
	bool promote;
	bool verbose;
	bool policy;
	const char *isa;
	const char *mmu;
	uint32_t timebase;
	uint32_t cbom_block;
	uint32_t cboz_block;
};

/**
 * struct component - one part of the guest's initial memory
 * @data: its bytes, zero-padded to @len; page-aligned
 * @gpa: where it goes
 * @len: multiple of the page size
 */
struct component {
	const char *name;
	void *data;
	uint64_t gpa;
	uint64_t len;
};

enum { COMP_KERNEL, COMP_INITRD, COMP_FDT, COMP_MAX };

/**
 * struct guest_image - everything that is in memory when the guest starts
 * @comp: in ascending order of address; an absent initrd has length 0
 * @initrd_size: bytes of the initrd file
 */
struct guest_image {
	struct component comp[COMP_MAX];
	uint64_t initrd_size;
	uint64_t entry;
	uint64_t arg;
};

struct vm;

/**
 * struct vcpu - one virtual CPU and its thread
 * @fd: the backend's descriptor
 * @run: the page it shares with the kernel
 * @immediate_exit: the byte of @run that makes the next run return at once
 */
struct vcpu {
	struct vm *vm;
	unsigned int id;
	int fd;
	void *run;
	size_t run_size;
	volatile uint8_t *immediate_exit;
	pthread_t thread;
	bool started;
};

/**
 * struct backend_ops - what runs the machine
 * @open: open the device, check the options against its limits
 * @limit_isa: hide from @facts what this backend cannot give to a guest
 * @create: make the VM with the image in its memory and all vCPUs
 * @vcpu_run: run until one exit was dealt with; -1 when this vCPU is over
 * @vcpu_set_irq: level of the external interrupt; from any thread
 * @destroy: undo open and create, whatever part of them happened
 *
 * open, limit_isa and create report an error on stderr and return -1.
 */
struct backend_ops {
	const char *name;
	int (*open)(struct vm *vm);
	int (*limit_isa)(struct vm *vm, struct host_facts *facts);
	int (*create)(struct vm *vm, const struct guest_image *image);
	int (*vcpu_run)(struct vcpu *vcpu);
	void (*vcpu_set_irq)(struct vcpu *vcpu, bool level);
	void (*destroy)(struct vm *vm);
};

extern const struct backend_ops backend_kvm;
extern const struct backend_ops backend_cove;

/**
 * struct vm - a running machine
 * @dev_fd, @vm_fd: the backend's descriptors, -1 when closed
 * @ram: the guest's memory as far as the host may see it: all of it (KVM), what
 *	the guest shares (CoVE, only with a disk), else NULL
 * @wake_fd: eventfd that wakes the main thread
 * @dev_lock: guards the state of the devices; a leaf but for stop_lock
 * @stopping: once true no vCPU enters the guest again
 * @status: exit status of the command, valid when @stopping
 */
struct vm {
	const struct backend_ops *ops;
	const struct vm_options *opt;
	int dev_fd;
	int vm_fd;
	void *ram;
	int wake_fd;
	pthread_mutex_t stop_lock;
	pthread_mutex_t dev_lock;
	volatile bool stopping;
	int status;
	struct vcpu vcpus[VM_MAX_CPUS];
	unsigned int nvcpus;
};

/* run.c */
int cmd_run(const struct vm_options *opt);
void vm_stop(struct vm *vm, int status);
void vm_wake(struct vm *vm);
void vm_mmio(struct vm *vm, uint64_t gpa, uint8_t *data, unsigned int len, bool is_write);
void vm_console_write(struct vm *vm, const uint8_t *data, size_t len);
size_t vm_console_read(struct vm *vm, uint8_t *data, size_t len);

/* options.c */
int options_parse(int argc, char **argv, const char *command, struct vm_options *opt);
void options_help(const char *command);

/* isa.c */
int host_facts_get(const struct vm_options *opt, struct host_facts *facts);
void host_facts_print(const struct host_facts *facts);
bool isa_has(const char *isa, const char *ext);
int isa_filter(const char *isa, bool (*allowed)(int kvm_id, void *arg), void *arg, char *out,
	       size_t size);
unsigned int isa_extensions(const char *isa, char *list, size_t size);

/* loader.c */
int image_load(const struct vm_options *opt, const struct host_facts *facts,
	       struct guest_image *image);
void image_free(struct guest_image *image);
void *image_in_ram(const struct vm_options *opt, const struct guest_image *image);

/* fdt.c */
int fdt_build(const struct vm_options *opt, const struct host_facts *facts,
	      const struct guest_image *image, void *buf, size_t size);

/* measure.c */
#define DIGEST_LEN	48
#define PROMOTE_GPR_FDT 11 /* a1; all other registers of a promoted VM are 0 */
int cmd_measure(const struct vm_options *opt);
int measure_combine(const uint8_t pages[DIGEST_LEN], const uint8_t config[DIGEST_LEN],
		    uint8_t out[DIGEST_LEN]);
void digest_to_hex(const uint8_t digest[DIGEST_LEN], char hex[2 * DIGEST_LEN + 1]);

/* verify.c */
int cmd_verify(int argc, char **argv);

/* firmware.c */
int firmware_measure(const char *path, uint8_t value[DIGEST_LEN]);

/* plic.c; callers hold dev_lock */
void plic_init(struct vm *vm);
void plic_set_source(unsigned int source, bool level);
uint32_t plic_read(uint64_t offset);
void plic_write(uint64_t offset, uint32_t value);

/* uart.c; callers hold dev_lock */
enum uart_port { UART_CONSOLE, UART_KEY, UART_COUNT };

void uart_init(struct vm *vm);
uint8_t uart_read(enum uart_port port, unsigned int reg);
int uart_write(enum uart_port port, unsigned int reg, uint8_t value);
size_t uart_input_room(enum uart_port port);
void uart_input(enum uart_port port, const uint8_t *data, size_t len);
size_t uart_take(enum uart_port port, uint8_t *data, size_t len);

/* disk.c */
int disk_open(const struct vm_options *opt);
void disk_mmio(struct vm *vm, unsigned int reg, uint8_t data[8], bool is_write);
void disk_close(void);

/* tap.c */
int cmd_tap(int argc, char **argv);

/* keyserver.c */
int keyserver_open(const struct vm_options *opt);
int keyserver_poll_fd(struct vm *vm);
void keyserver_input(struct vm *vm);
void keyserver_output(struct vm *vm, uint8_t byte);
void keyserver_close(void);

/* console.c */
void console_catch_early_signals(void);
int console_start(void);
void console_loop(struct vm *vm);
void console_stop(void);

/* backend_cove.c, for info.c too */
int cove_device_open(void);

/* info.c */
int cmd_info(int argc, char **argv);

/* util.c */
void err(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int write_all(int fd, const void *data, size_t len, const volatile bool *cancel);
struct option;
int next_option(int argc, char **argv, const char *command, const struct option *options,
		const char *help, int opt_help);
ssize_t read_small(const char *path, void *data, size_t max);
int from_hex(const char *text, size_t len, uint8_t *out);

static inline uint64_t align_up(uint64_t value, uint64_t to)
{
	return (value + to - 1) & ~(to - 1);
}

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * `cove run`: a thread per vCPU, the main thread serves the console.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "vm.h"

#define SIG_KICK SIGUSR1

static __thread struct vcpu *current_vcpu;

static struct vm vm = {
	.dev_fd = -1,
	.vm_fd = -1,
	.wake_fd = -1,
	.stop_lock = PTHREAD_MUTEX_INITIALIZER,
	.dev_lock = PTHREAD_MUTEX_INITIALIZER,
};

/**
 * vm_wake() - make the main thread look at its inputs again
 */
void vm_wake(struct vm *v)
{
	uint64_t one = 1;

	/* it fails only when 2^64 - 1 wakes wait already */
	if (write(v->wake_fd, &one, sizeof(one)) < 0)
		return;
}

/**
 * vm_stop() - end the guest; the first call decides the exit status
 *
 * From any thread.
 */
void vm_stop(struct vm *v, int status)
{
	pthread_mutex_lock(&v->stop_lock);
	if (!v->stopping) {
		v->status = status;
		v->stopping = true;
	}
	pthread_mutex_unlock(&v->stop_lock);
	vm_wake(v);
}

/**
 * vm_console_write() - bytes from the guest to stdout
 */
void vm_console_write(struct vm *v, const uint8_t *data, size_t len)
{
	if (!write_all(STDOUT_FILENO, data, len, &v->stopping) || v->stopping)
		return;
	err("cannot write the guest's console: %s", strerror(errno));
	vm_stop(v, STATUS_ERROR);
}

/**
 * vm_console_read() - what was typed, for a guest that asks its SBI: at most @len bytes
 */
size_t vm_console_read(struct vm *v, uint8_t *data, size_t len)
{
	size_t n;

	pthread_mutex_lock(&v->dev_lock);
	n = uart_take(UART_CONSOLE, data, len);
	pthread_mutex_unlock(&v->dev_lock);
	return n;
}

static void mmio_uart(struct vm *v, enum uart_port port, unsigned int reg, uint8_t *data,
		      bool is_write)
{
	uint8_t byte;
	int out = -1;

	pthread_mutex_lock(&v->dev_lock);
	if (is_write)
		out = uart_write(port, reg, data[0]);
	else
		data[0] = uart_read(port, reg);
	pthread_mutex_unlock(&v->dev_lock);
	if (out < 0)
		return;
	byte = out;
	if (port == UART_KEY)
		keyserver_output(v, byte);
	else
		vm_console_write(v, &byte, 1);
}

static void mmio_plic(struct vm *v, uint64_t offset, uint8_t *data, bool is_write)
{
	uint32_t value;

	pthread_mutex_lock(&v->dev_lock);
	if (is_write) {
		memcpy(&value, data, sizeof(value));
		plic_write(offset, value);
	} else {
		value = plic_read(offset);
		memcpy(data, &value, sizeof(value));
	}
	pthread_mutex_unlock(&v->dev_lock);
}

/**
 * vm_mmio() - one load or store of the guest outside its RAM
 * @data: its bytes, little-endian; a load is filled in
 * @len: 1, 2, 4 or 8
 *
 * Where no device is, and for widths that a device does not know, loads give
 * zero and stores do nothing.
 */
void vm_mmio(struct vm *v, uint64_t gpa, uint8_t *data, unsigned int len, bool is_write)
{
	if (!is_write)
		memset(data, 0, len);
	if (gpa >= UART_BASE && gpa - UART_BASE < 8)
		mmio_uart(v, UART_CONSOLE, gpa - UART_BASE, data, is_write);
	else if (v->opt->key_server && gpa >= KEY_UART_BASE && gpa - KEY_UART_BASE < 8)
		mmio_uart(v, UART_KEY, gpa - KEY_UART_BASE, data, is_write);
	else if (gpa >= PLIC_BASE && gpa - PLIC_BASE < PLIC_SIZE && len == 4 && !(gpa % 4))
		mmio_plic(v, gpa - PLIC_BASE, data, is_write);
	else if (v->opt->disk && gpa >= DISK_BASE && gpa - DISK_BASE < DISK_SIZE && len == 8 &&
		 !(gpa % 8))
		disk_mmio(v, gpa - DISK_BASE, data, is_write);
}

static void kicked(int sig)
{
	(void)sig;
	if (current_vcpu)
		*current_vcpu->immediate_exit = 1;
}

static void *vcpu_main(void *arg)
{
	struct vcpu *vcpu = arg;

	current_vcpu = vcpu;
	while (!vcpu->vm->stopping) {
		if (vcpu->vm->ops->vcpu_run(vcpu))
			break;
	}
	return NULL;
}

static int start_vcpus(struct vm *v)
{
	struct sigaction sa = { .sa_handler = kicked };

	sigaction(SIG_KICK, &sa, NULL);
	for (unsigned int i = 0; i < v->nvcpus; i++) {
		int ret = pthread_create(&v->vcpus[i].thread, NULL, vcpu_main, &v->vcpus[i]);

		if (ret) {
			err("thread of vCPU %u: %s", i, strerror(ret));
			return -1;
		}
		v->vcpus[i].started = true;
	}
	return 0;
}

/* Repeats the kick: one may come just before its thread blocks in write(). */
static void join_vcpus(struct vm *v)
{
	for (unsigned int i = 0; i < v->nvcpus; i++) {
		struct timespec until;

		if (!v->vcpus[i].started)
			continue;
		do {
			pthread_kill(v->vcpus[i].thread, SIG_KICK);
			clock_gettime(CLOCK_REALTIME, &until);
			until.tv_sec++;
		} while (pthread_timedjoin_np(v->vcpus[i].thread, NULL, &until) == ETIMEDOUT);
	}
}

static int check_host_memory(const struct vm_options *opt)
{
	uint64_t host = (uint64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE);

	if (opt->memory <= host)
		return 0;
	err("--memory %lluM: this host has no more than %lluM",
	    (unsigned long long)opt->memory >> 20, (unsigned long long)host >> 20);
	return -1;
}

static int prepare(struct vm *v, const struct vm_options *opt)
{
	struct guest_image image;
	struct host_facts facts;
	int ret = -1;

	if (check_host_memory(opt) || disk_open(opt) || keyserver_open(opt) ||
	    host_facts_get(opt, &facts) || v->ops->open(v) || v->ops->limit_isa(v, &facts))
		return -1;
	if (opt->verbose)
		host_facts_print(&facts);
	v->wake_fd = eventfd(0, EFD_CLOEXEC);
	if (v->wake_fd < 0) {
		err("eventfd: %s", strerror(errno));
		return -1;
	}
	if (!image_load(opt, &facts, &image))
		ret = v->ops->create(v, &image);
	image_free(&image);
	return ret;
}

/**
 * cmd_run() - `cove run`
 *
 * Returns the exit status.
 */
int cmd_run(const struct vm_options *opt)
{
	vm.ops = opt->insecure ? &backend_kvm : &backend_cove;
	vm.opt = opt;
	vm.nvcpus = opt->cpus;
	vm.status = STATUS_ERROR;
	for (unsigned int i = 0; i < vm.nvcpus; i++)
		vm.vcpus[i] = (struct vcpu){ .vm = &vm, .id = i, .fd = -1 };

	console_catch_early_signals();
	if (!prepare(&vm, opt) && !console_start()) {
		plic_init(&vm);
		uart_init(&vm);
		if (start_vcpus(&vm))
			vm_stop(&vm, STATUS_ERROR);
		console_loop(&vm);
		join_vcpus(&vm);
		console_stop();
	}
	vm.ops->destroy(&vm);
	disk_close();
	keyserver_close();
	return vm.status;
}

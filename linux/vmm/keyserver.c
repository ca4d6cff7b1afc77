/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The far end of the guest's second serial port: a key broker behind a UNIX
 * socket (docs/attestation.md, "Key broker"). Bytes are passed on as they are; that guest and
 * broker need not trust this program is their protocol's business.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "vm.h"

static int sock = -1;
static volatile bool gone; /* the broker has closed: what the guest sends is lost */

/**
 * keyserver_open() - connect to the socket of --key-server, if there is one
 *
 * Returns 0, or -1 after an error message.
 */
int keyserver_open(const struct vm_options *opt)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	if (!opt->key_server)
		return 0;
	strncpy(addr.sun_path, opt->key_server, sizeof(addr.sun_path) - 1);
	sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (sock < 0 || connect(sock, (const struct sockaddr *)&addr, sizeof(addr))) {
		err("--key-server unix:%s: %s", opt->key_server, strerror(errno));
		return -1;
	}
	return 0;
}

/**
 * keyserver_poll_fd() - what to wait on for keyserver_input(); -1 when there is
 *	nothing to come or no room for it
 */
int keyserver_poll_fd(struct vm *vm)
{
	size_t room;

	pthread_mutex_lock(&vm->dev_lock);
	room = uart_input_room(UART_KEY);
	pthread_mutex_unlock(&vm->dev_lock);
	return room && !gone ? sock : -1;
}

/**
 * keyserver_input() - pass on what the broker sends
 */
void keyserver_input(struct vm *vm)
{
	uint8_t buf[256];
	size_t room;
	ssize_t n;

	pthread_mutex_lock(&vm->dev_lock);
	room = uart_input_room(UART_KEY);
	pthread_mutex_unlock(&vm->dev_lock);
	n = recv(sock, buf, room < sizeof(buf) ? room : sizeof(buf), MSG_DONTWAIT);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		gone = true;
		return;
	}
	pthread_mutex_lock(&vm->dev_lock);
	uart_input(UART_KEY, buf, n);
	pthread_mutex_unlock(&vm->dev_lock);
}

/**
 * keyserver_output() - a byte from the guest
 */
void keyserver_output(struct vm *vm, uint8_t byte)
{
	if (!gone && write_all(sock, &byte, 1, &vm->stopping) && !vm->stopping)
		gone = true;
}

/** keyserver_close() - undo keyserver_open() */
void keyserver_close(void)
{
	if (sock >= 0)
		close(sock);
	sock = -1;
}

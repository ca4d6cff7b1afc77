/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The user's side of the guest's console: raw terminal, escape key, signals.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "vm.h"

#define ESCAPE 0x01 /* Ctrl-A */

static const int stop_signals[] = { SIGINT, SIGTERM, SIGHUP };

static struct {
	struct termios saved;
	bool raw;
	bool escaped; /* the last byte was the escape key */
	bool eof;
	int signal_fd;
	sigset_t signals;
} console = { .signal_fd = -1 };

static void early_signal(int sig)
{
	/* nothing to restore yet; the kernel closes what is open */
	_exit(STATUS_SIGNAL + sig);
}

/**
 * console_catch_early_signals() - leave with 128 + number until console_start()
 *
 * SIGHUP stays ignored under nohup. SIGINT does not: shells ignore it for every
 * command in the background, and an ignored one would leave only SIGKILL.
 */
void console_catch_early_signals(void)
{
	sigemptyset(&console.signals);
	for (size_t i = 0; i < sizeof(stop_signals) / sizeof(stop_signals[0]); i++) {
		struct sigaction sa;

		sigaction(stop_signals[i], NULL, &sa);
		if (stop_signals[i] == SIGHUP && sa.sa_handler == SIG_IGN)
			continue;
		memset(&sa, 0, sizeof(sa));
		sa.sa_handler = early_signal;
		sigaction(stop_signals[i], &sa, NULL);
		sigaddset(&console.signals, stop_signals[i]);
	}
}

/**
 * console_stop() - give the terminal back as it was; harmless when repeated
 */
void console_stop(void)
{
	if (console.raw)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &console.saved);
	console.raw = false;
}

/* Raw input; output keeps its newline translation for our own messages. */
static void set_raw(void)
{
	struct termios t;

	if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &console.saved))
		return;
	t = console.saved;
	cfmakeraw(&t);
	t.c_oflag |= OPOST;
	console.raw = !tcsetattr(STDIN_FILENO, TCSADRAIN, &t);
	atexit(console_stop);
}

/**
 * console_start() - from here on signals are read by console_loop()
 *
 * Call it before any thread exists: all inherit the signal mask. Returns 0, or
 * -1 after an error message.
 */
int console_start(void)
{
	pthread_sigmask(SIG_BLOCK, &console.signals, NULL);
	console.signal_fd = signalfd(-1, &console.signals, SFD_CLOEXEC);
	if (console.signal_fd < 0) {
		err("signalfd: %s", strerror(errno));
		return -1;
	}
	set_raw();
	return 0;
}

static void escape_help(void)
{
	fputs("\nCtrl-A x ends the guest, Ctrl-A Ctrl-A sends a Ctrl-A, Ctrl-A h is this help\n",
	      stderr);
}

/*
 * Takes the escape sequences out of what was typed. Returns what is left of
 * it, in place; ends the guest at Ctrl-A x.
 */
static size_t filter_escapes(struct vm *vm, uint8_t *data, size_t len)
{
	size_t out = 0;

	for (size_t i = 0; i < len; i++) {
		if (!console.escaped) {
			if (data[i] == ESCAPE)
				console.escaped = true;
			else
				data[out++] = data[i];
			continue;
		}
		console.escaped = false;
		if (data[i] == ESCAPE) {
			data[out++] = ESCAPE;
		} else if (data[i] == 'x' || data[i] == 'X') {
			vm_stop(vm, STATUS_SIGNAL + SIGINT);
			break;
		} else {
			escape_help();
		}
	}
	return out;
}

static void read_input(struct vm *vm, size_t room)
{
	uint8_t buf[256];
	ssize_t n = read(STDIN_FILENO, buf, room < sizeof(buf) ? room : sizeof(buf));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		/* the guest goes on without input */
		console.eof = true;
		return;
	}
	n = filter_escapes(vm, buf, n);
	pthread_mutex_lock(&vm->dev_lock);
	uart_input(UART_CONSOLE, buf, n);
	pthread_mutex_unlock(&vm->dev_lock);
}

static void read_signal(struct vm *vm)
{
	struct signalfd_siginfo info;

	if (read(console.signal_fd, &info, sizeof(info)) == sizeof(info))
		vm_stop(vm, STATUS_SIGNAL + info.ssi_signo);
}

/**
 * console_loop() - feed the guest until vm_stop() was called
 */
void console_loop(struct vm *vm)
{
	while (!vm->stopping) {
		struct pollfd fds[] = {
			{ .fd = console.signal_fd, .events = POLLIN },
			{ .fd = vm->wake_fd, .events = POLLIN },
			{ .fd = STDIN_FILENO, .events = POLLIN },
			{ .fd = keyserver_poll_fd(vm), .events = POLLIN },
		};
		uint64_t count;
		size_t room;

		pthread_mutex_lock(&vm->dev_lock);
		room = uart_input_room(UART_CONSOLE);
		pthread_mutex_unlock(&vm->dev_lock);
		if (console.eof || !room)
			fds[2].fd = -1;
		if (poll(fds, 4, -1) < 0)
			continue;
		if (fds[1].revents && read(vm->wake_fd, &count, sizeof(count)) < 0)
			continue;
		if (fds[0].revents)
			read_signal(vm);
		if (fds[2].revents)
			read_input(vm, room);
		if (fds[3].revents)
			keyserver_input(vm);
	}
}
